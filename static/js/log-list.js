// A list of which only the rows in sight exist. Rows may differ in height (wrapped lines), and there
// may be more of them than a browser can scroll over: the place is a row and some pixels of it, and
// the scroll bar stands for that place, exactly where it can and by proportion where it can't.

const MOST_PX = 8_000_000; // browsers end between 17 and 33 million
const OVERSCAN = 24; // rows above and below what is in sight
const SETTLE_MS = 150;
const EDGE_PX = 600;
const NEAR_END_PX = 8;

export class LogList {
  #rows = new Map(); // index → element
  #at = { index: 0, px: 0 }; // the topmost row in sight, and how much of it is above the edge
  #known = 0; // the box's scrollTop as it was last seen
  #settling = 0;
  #isDragging = false;
  #frame = 0;

  /** `model` has `count`, `make(index)` → element and `isStale(index, element)`. */
  constructor(box, pane, model, onMove) {
    this.box = box;
    this.pane = pane;
    this.model = model;
    this.onMove = onMove;
    this.space = document.createElement("div");
    this.space.className = "log-space";
    pane.before(this.space);
    box.classList.add("is-virtual");
    this.#listen();
  }

  #listen() {
    this.box.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.box.addEventListener("pointerdown", (event) => {
      this.#isDragging = event.target === this.box && event.offsetX >= this.box.clientWidth;
    });
    this.box.addEventListener("keydown", (event) => this.#onKey(event));
    this.onUp = () => (this.#isDragging = false);
    addEventListener("pointerup", this.onUp);
    this.resizes = new ResizeObserver(() => this.#resized());
    this.resizes.observe(this.box);
  }

  close() {
    removeEventListener("pointerup", this.onUp);
    this.resizes.disconnect();
    clearTimeout(this.#settling);
    cancelAnimationFrame(this.#frame);
  }

  // --- where it stands ---------------------------------------------------------------------------

  get rowPx() {
    return (this.lineHeight ||= parseFloat(getComputedStyle(this.pane).lineHeight) || 18);
  }

  get inView() {
    return this.box.clientHeight / this.rowPx;
  }

  get top() {
    return this.#at.index;
  }

  /** The last row that can be seen, at least in part. */
  get bottom() {
    const edge = this.box.getBoundingClientRect().bottom - 2;
    let index = this.#at.index;
    while (this.#rows.has(index + 1) && this.#rows.get(index + 1).getBoundingClientRect().top < edge) index++;
    return index;
  }

  get isAtEnd() {
    const last = this.#rows.get(this.model.count - 1);
    if (!this.model.count) return true;
    return Boolean(last) && last.getBoundingClientRect().bottom - this.box.getBoundingClientRect().bottom < NEAR_END_PX;
  }

  get rows() {
    return this.#rows;
  }

  // --- going somewhere ---------------------------------------------------------------------------

  /** Puts a row a third down from the top; one that is in sight already stays where it is. */
  show(index, { always = false } = {}) {
    const row = this.#rows.get(index);
    if (row && !always) {
      const [own, frame] = [row.getBoundingClientRect(), this.box.getBoundingClientRect()];
      if (own.top > frame.top + 30 && own.bottom < frame.bottom - 30) return;
    }
    this.#at = { index: this.#clamped(index), px: 0 };
    this.draw({ isStopped: false }); // the rows above it have to be there to be measured
    this.#moveBy(-this.box.clientHeight / 3);
    this.draw();
    this.#settle();
  }

  toTop(index, px = 0) {
    this.#at = { index: this.#clamped(index), px };
    this.draw();
    this.#settle();
  }

  toEnd() {
    this.#at = { index: Math.max(0, this.model.count - 1), px: 1e6 };
    this.draw();
    this.#settle();
  }

  #clamped(index) {
    return Math.min(Math.max(0, index), Math.max(0, this.model.count - 1));
  }

  /** The browser would glide there, past rows that come and go, and stop short of the end. */
  #onKey(event) {
    if (event.target !== this.box || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    if (event.key === "Home") this.toTop(0);
    else this.toEnd();
    this.onMove();
  }

  #onScroll() {
    const top = this.box.scrollTop;
    const delta = top - this.#known;
    if (Math.abs(delta) < 0.5) return;
    this.#known = top;
    if (this.#isDragging || Math.abs(delta) > this.box.clientHeight * 2) this.#goByBar(top);
    else this.#moveBy(delta);
    this.draw();
    const left = this.#mostTop() - top;
    if (!this.#isDragging && (top < EDGE_PX || left < EDGE_PX)) this.#settle();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#isDragging || this.#settle(), SETTLE_MS);
    this.onMove();
  }

  #goByBar(top) {
    const place = (top / Math.max(1, this.#mostTop())) * Math.max(0, this.model.count - this.inView);
    const index = Math.floor(place);
    this.#at = { index, px: (place - index) * this.rowPx };
    if (top >= this.#mostTop() - 1) this.#at = { index: Math.max(0, this.model.count - 1), px: 1e6 };
  }

  #moveBy(delta) {
    let { index, px } = this.#at;
    px += delta;
    while (px < 0 && index > 0) px += this.#heightOf(--index);
    while (index < this.model.count - 1 && px >= this.#heightOf(index)) px -= this.#heightOf(index++);
    this.#at = { index, px: Math.max(0, px) };
  }

  #heightOf(index) {
    return this.#rows.get(index)?.offsetHeight || this.rowPx;
  }

  // --- the scroll bar ----------------------------------------------------------------------------

  #mostTop() {
    return Math.max(0, this.space.offsetHeight - this.box.clientHeight);
  }

  #size() {
    const height = Math.min(MOST_PX, Math.max(1, this.model.count) * this.rowPx);
    if (this.space.style.height !== `${height}px`) this.space.style.height = `${height}px`;
  }

  /** Where the bar belongs for the place that is shown. */
  #topFor({ index, px }) {
    const rows = Math.max(0, this.model.count - this.inView);
    if (!rows) return 0;
    const share = (index + px / this.#heightOf(index)) / rows;
    return this.isAtEnd ? this.#mostTop() : Math.min(1, share) * this.#mostTop();
  }

  /** Puts the bar where it belongs. While it is being moved it must not be. */
  #settle() {
    const wanted = this.#topFor(this.#at);
    if (Math.abs(wanted - this.box.scrollTop) < 1) return;
    this.box.scrollTop = wanted;
    this.#known = this.box.scrollTop;
    this.#place();
  }

  // --- drawing -----------------------------------------------------------------------------------

  /** At the next frame: what brings news may bring more at once. */
  drawSoon(then) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(then);
  }

  draw({ isStopped = true } = {}) {
    this.#size();
    const { count } = this.model;
    this.#at.index = this.#clamped(this.#at.index);
    const view = Math.ceil(this.inView);
    const last = Math.min(count - 1, this.#at.index + view + OVERSCAN);
    const first = Math.max(0, Math.min(this.#at.index, count - view) - OVERSCAN);
    this.#fill(first, last);
    if (isStopped && last === count - 1) this.#stopAtEnd(first);
    this.#place();
  }

  #fill(first, last) {
    for (const [index, row] of this.#rows) {
      if (index < first || index > last || this.model.isStale(index, row)) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    let next = this.pane.firstElementChild;
    for (let index = first; index <= last; index++) {
      const known = this.#rows.get(index);
      if (known) {
        next = known.nextElementSibling;
        continue;
      }
      const row = this.model.make(index);
      this.#rows.set(index, row);
      this.pane.insertBefore(row, next);
    }
  }

  /** The end of the list is at the bottom of the box, never above it. */
  #stopAtEnd(first) {
    let index = this.model.count;
    let room = this.box.clientHeight;
    while (index > first && room > 0) room -= this.#heightOf(--index);
    const px = Math.max(0, -room);
    const isPast = this.#at.index > index || (this.#at.index === index && this.#at.px > px);
    if (isPast) this.#at = { index: Math.max(0, index), px };
  }

  #place() {
    const row = this.#rows.get(this.#at.index);
    if (!row) return;
    const y = Math.round(this.box.scrollTop - row.offsetTop - this.#at.px);
    const moved = `translateY(${y}px)`;
    if (this.pane.style.transform !== moved) this.pane.style.transform = moved;
  }

  /** Takes every row out: what they show has changed. */
  clear() {
    this.#rows.clear();
    this.pane.replaceChildren();
  }

  #resized() {
    this.lineHeight = 0;
    this.onResize?.();
  }
}
