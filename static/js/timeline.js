// The bars beside the tree's lines: places them on a time axis that zooms, pans and grows with the run.

import { inWords, serverNow } from "./durations.js";

const LEAST_MS = 20; // the closest look
const GROW_EVERY_MS = 250;
const TICKS = 7;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 864e5];

export class Timeline {
  constructor(section, tree) {
    this.section = section;
    this.tree = tree;
    this.axis = section.querySelector("[data-axis]");
    this.marks = this.axis.querySelector("[data-axis-marks]");
    this.start = Number(this.axis.dataset.since);
    this.end = "over" in this.axis.dataset ? Number(this.axis.dataset.until) : null;
    this.window = this.#fromAddress(); // null: the whole run
    tree.onDrawn = (line) => this.place(line);
    this.#listen();
    this.draw();
    setInterval(() => document.hidden || this.grow(), GROW_EVERY_MS);
  }

  /** What the live frames say of the run's own start and end. */
  follow(frame) {
    if (!frame.axis) return;
    [this.start, this.end] = frame.axis;
    this.draw();
  }

  get until() {
    return Math.max(this.end ?? serverNow(), this.start + LEAST_MS);
  }

  get shown() {
    return this.window ?? { from: this.start, to: this.start + (this.until - this.start) * 1.02 };
  }

  // --- drawing --------------------------------------------------------------------------------------

  draw() {
    for (const line of this.tree.box.querySelectorAll(".tree-row")) this.place(line);
    this.#drawMarks();
  }

  grow() {
    if (this.end !== null || document.documentElement.hasAttribute("data-stale")) return;
    if (!this.window) return this.draw();
    for (const bar of this.tree.box.querySelectorAll('.bar[data-until=""]')) this.#placeBar(bar);
  }

  place(line) {
    for (const bar of line.querySelectorAll(".bars > .bar")) this.#placeBar(bar);
  }

  #placeBar(bar) {
    const { from, to } = this.shown;
    const since = Number(bar.dataset.since);
    const until = bar.dataset.until ? Number(bar.dataset.until) : this.until;
    const share = 100 / (to - from);
    bar.setAttribute("x", `${((since - from) * share).toFixed(3)}%`);
    bar.setAttribute("width", `${Math.max(0, (until - since) * share).toFixed(3)}%`);
  }

  #drawMarks() {
    const { from, to } = this.shown;
    const step = STEPS.find((ms) => (to - from) / ms <= TICKS) ?? STEPS.at(-1);
    const marks = [];
    const first = Math.ceil((from - this.start) / step) * step;
    for (let ms = Math.max(0, first); this.start + ms <= to; ms += step) {
      marks.push([(100 * (this.start + ms - from)) / (to - from), tickWords(ms)]);
    }
    while (this.marks.childElementCount > marks.length) this.marks.lastElementChild.remove();
    marks.forEach(([x, words], n) => {
      const text = this.marks.children[n] ?? this.marks.appendChild(svgText());
      text.setAttribute("x", `${x}%`);
      if (text.textContent !== words) text.textContent = words;
    });
  }

  // --- zoom -----------------------------------------------------------------------------------------

  /** By a factor, around a place between 0 and 1 of what is shown. */
  zoom(factor, around = 0.5) {
    const { from, to } = this.shown;
    const length = Math.min(Math.max((to - from) * factor, LEAST_MS), (this.until - this.start) * 1.02);
    const middle = from + (to - from) * around;
    this.#show(middle - length * around, middle + length * (1 - around));
  }

  pan(share) {
    const { from, to } = this.shown;
    this.#show(from + (to - from) * share, to + (to - from) * share);
  }

  #show(from, to) {
    const length = to - from;
    const whole = (this.until - this.start) * 1.02;
    if (length >= whole * 0.995) this.window = null;
    else {
      const start = Math.min(Math.max(from, this.start), this.start + whole - length);
      this.window = { from: start, to: start + length };
    }
    this.draw();
    this.#remember();
  }

  fit() {
    this.window = null;
    this.draw();
    this.#remember();
  }

  #fromAddress() {
    const [, from, to] = /^(\d+)-(\d+)$/.exec(new URLSearchParams(location.search).get("span") ?? "") ?? [];
    return to && Number(to) > Number(from) ? { from: this.start + Number(from), to: this.start + Number(to) } : null;
  }

  #remember() {
    const url = new URL(location.href);
    const { from, to } = this.shown;
    if (this.window) url.searchParams.set("span", `${Math.round(from - this.start)}-${Math.round(to - this.start)}`);
    else url.searchParams.delete("span");
    history.replaceState(history.state, "", url);
  }

  // --- hands ----------------------------------------------------------------------------------------

  #listen() {
    const area = this.section.querySelector(".tree");
    area.addEventListener("click", (event) => this.#onButton(event));
    area.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    area.addEventListener("pointerdown", (event) => this.#onDown(event));
    area.addEventListener("pointermove", (event) => this.#showTip(event));
    area.addEventListener("pointerleave", () => this.tip?.remove());
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #onButton(event) {
    const act = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (act === "in") this.zoom(0.5);
    if (act === "out") this.zoom(2);
    if (act === "fit") this.fit();
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    const acts = {
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.fit(),
      "<": () => this.pan(-0.25), ">": () => this.pan(0.25),
    };
    acts[event.key]?.();
  }

  /** Where on the bars a pointer is, from 0 to 1; null beside them. */
  #shareOf(event) {
    const { left, width } = this.marks.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    return share >= 0 && share <= 1 ? share : null;
  }

  /** A pinch arrives as a wheel with the control key; a plain wheel goes on scrolling the lines. */
  #onWheel(event) {
    const share = this.#shareOf(event);
    if (share === null) return;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(event.deltaY * 0.01), share);
    else if (this.window && Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) this.pan(sideways / 800);
    else return;
    event.preventDefault();
  }

  #onDown(event) {
    if (event.button || event.pointerType === "touch" || this.#shareOf(event) === null || event.target.closest("button")) return;
    const { width } = this.marks.getBoundingClientRect();
    const from = { ...this.shown };
    let moved = false;
    const move = (next) => {
      const by = next.clientX - event.clientX;
      if (!moved && Math.abs(by) < 4) return;
      moved = true;
      const shift = (-by / width) * (from.to - from.from);
      this.#show(from.from + shift, from.to + shift);
    };
    const up = () => {
      removeEventListener("pointermove", move);
      // What was dragged was not meant to be opened.
      if (moved) addEventListener("click", (click) => (click.preventDefault(), click.stopPropagation()), { capture: true, once: true });
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up, { once: true });
    event.preventDefault();
  }

  #showTip(event) {
    const line = event.target.closest?.(".tree-row");
    const bar = line && [...line.querySelectorAll(".bars > .bar")].find((each) => {
      const { left, right } = each.getBoundingClientRect();
      return event.clientX >= left - 1 && event.clientX <= right + 1;
    });
    if (!bar) return void this.tip?.remove();
    this.tip ??= Object.assign(document.createElement("p"), { className: "timeline-tip", role: "tooltip" });
    const since = Number(bar.dataset.since);
    const until = bar.dataset.until ? Number(bar.dataset.until) : this.until;
    this.tip.textContent = `${bar.dataset.label} · ${exactly(until - since)} · from ${exactly(since - this.start)}`;
    document.body.append(this.tip);
    const room = innerWidth - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(8, Math.min(room, event.clientX + 12))}px`;
    this.tip.style.top = `${event.clientY + 18}px`;
  }
}

function svgText() {
  const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
  text.setAttribute("y", "14");
  return text;
}

function exactly(ms) {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)}s` : inWords(ms);
}

function tickWords(ms) {
  if (ms % 1000 === 0) return inWords(ms);
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}
