// Patches what the server drew: parts and keyed rows, without moving what the reader is looking at.

import { localise } from "./durations.js";

const MOST_ROWS = 300; // a list that stays open for days keeps its newest rows

/** Makes `target`'s content that of `html`, changing only the nodes that differ. */
export function morph(target, html) {
  morphChildren(target, parsed(html));
  localise(target);
}

export function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Makes one element like another: what is open stays open, what is focused stays focused. */
export function morphElement(here, fresh) {
  // A time that means the same keeps its text, which the clock wrote.
  if (here.localName === "time" && sameMoment(here, fresh)) return;
  for (const { name, value } of fresh.attributes) {
    if (here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
  for (const { name } of [...here.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open" && name !== "style") here.removeAttribute(name);
  }
  morphChildren(here, fresh);
}

function morphChildren(target, fresh) {
  let here = target.firstChild;
  for (const next of [...fresh.childNodes]) {
    if (!here || !alike(here, next)) {
      target.insertBefore(next, here);
      continue;
    }
    if (here.nodeType === Node.ELEMENT_NODE) morphElement(here, next);
    else if (here.data !== next.data) here.data = next.data;
    here = here.nextSibling;
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

function alike(one, other) {
  if (one.nodeName !== other.nodeName) return false;
  if (one.nodeType !== Node.ELEMENT_NODE) return true;
  return one.dataset?.fold === other.dataset?.fold && one.dataset?.key === other.dataset?.key;
}

function sameMoment(one, other) {
  return ["datetime", "data-start", "data-end"].every(
    (name) => one.getAttribute(name) === other.getAttribute(name),
  );
}

export function applyParts(section, parts) {
  for (const [name, html] of Object.entries(parts ?? {})) {
    const part = section.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (part) morph(part, html);
  }
}

/** Rows by key, newest first. New rows wait behind the pill while they would move the reader's. */
export class RowList {
  constructor(section, { takesNew }) {
    this.section = section;
    this.box = section.querySelector("[data-rows]");
    this.pill = section.querySelector("[data-pill]");
    this.takesNew = takesNew;
    this.items = new Map(); // key → element
    this.waiting = new Map(); // key → row that is not in the page yet
    for (const item of this.box.querySelectorAll("[data-key]")) this.items.set(item.dataset.key, item);
    if (this.pill) this.listen();
    section.addEventListener("click", (event) => {
      const isBox = event.target.matches(".c-choose input");
      if (isBox) import("./runs-choose.js").then((choose) => choose.clicked(event.target, event.shiftKey));
    });
    section.querySelector("form[id=bulk]")?.addEventListener("reset", () => setTimeout(() => this.chooseNone()));
  }

  chooseNone() {
    for (const box of this.section.querySelectorAll(".c-choose input")) box.checked = box.indeterminate = false;
  }

  listen() {
    const tryAgain = () => this.waiting.size && this.showWaiting();
    this.pill.addEventListener("click", () => this.showWaiting(true));
    document.addEventListener("scroll", tryAgain, { passive: true });
    for (const name of ["pointerleave", "focusout"]) {
      // The pointer and the focus are where they went only after the event.
      this.box.addEventListener(name, () => setTimeout(tryAgain));
    }
  }

  apply(frame) {
    for (const key of frame.removed ?? []) this.remove(key);
    for (const row of frame.rows ?? []) {
      const item = this.items.get(row.key);
      if (item) this.patch(item, row);
      else if (this.isWanted(row)) this.waiting.set(row.key, row);
    }
    this.showWaiting();
  }

  /** A run far older than this page's rows changed: that is another page's news. */
  isWanted(row) {
    const last = this.box.lastElementChild;
    return this.takesNew && (!last || this.items.size < 100 || row.order > orderOf(last));
  }

  patch(item, row) {
    const before = item.dataset.phase;
    morphElement(item, parsed(row.html).firstElementChild);
    item.dataset.order = row.order;
    localise(item);
    if (item.dataset.phase !== before) freshen(item);
  }

  remove(key) {
    this.waiting.delete(key);
    this.items.get(key)?.remove();
    this.items.delete(key);
  }

  /** Whether a new row would move what the reader points at, has focused or has scrolled to. */
  isHeld() {
    return scrollY > 8 || this.box.matches(":hover, :focus-within");
  }

  showWaiting(isAsked = false) {
    if (this.waiting.size && (isAsked || !this.isHeld())) {
      for (const row of this.waiting.values()) this.insert(row);
      this.waiting.clear();
      this.afterInsert();
      if (isAsked) scrollTo({ top: 0 });
    }
    this.showPill();
  }

  showPill() {
    const count = this.waiting.size;
    if (count) this.pill.textContent = `${count} new ↑`;
    this.pill.hidden = !count;
  }

  insert(row) {
    const item = parsed(row.html).firstElementChild;
    item.dataset.order = row.order;
    const older = [...this.box.children].find((other) => orderOf(other) < row.order);
    this.box.insertBefore(item, older ?? null);
    this.items.set(row.key, item);
    localise(item);
    freshen(item);
  }

  afterInsert() {
    this.section.querySelector("[data-empty]")?.remove();
    this.section.querySelector(".is-empty")?.classList.remove("is-empty");
    while (this.items.size > MOST_ROWS) this.remove(this.box.lastElementChild.dataset.key);
  }
}

/** Sorts as the server's `order` does; a row that was served without one has its start. */
function orderOf(item) {
  const start = item.querySelector("time.moment")?.dateTime;
  return item.dataset.order || (start ? new Date(start).toISOString() : "");
}

export function freshen(item) {
  item.classList.add("is-fresh");
  item.addEventListener("animationend", () => item.classList.remove("is-fresh"), { once: true });
}
