// The action tree: rows under their parents, folding, and new rows without moving the reader's.

import { localise } from "./durations.js";
import { freshen, morphElement, parsed, RowList } from "./rows.js";

const FOLDED_FROM = 200; // children; a larger family starts folded unless it holds the chosen row

export class Tree extends RowList {
  constructor(section, runName) {
    super(section, { takesNew: true });
    this.memory = `folded:${runName}`;
    this.folded = new Set(JSON.parse(sessionStorage.getItem(this.memory) ?? "[]"));
    this.box.addEventListener("click", (event) => this.onClick(event));
    this.nest();
    this.foldLarge();
    this.box.querySelector(".is-selected")?.scrollIntoView({ block: "nearest" });
  }

  /** The page comes as a flat list in depth-first order; from here on rows live in their parents. */
  nest() {
    for (const item of [...this.box.children]) {
      const parent = this.items.get(item.dataset.parent);
      if (parent && parent !== item) this.childList(parent).append(item);
    }
  }

  childList(parent) {
    let list = parent.querySelector(":scope > .tree-children");
    if (!list) {
      list = document.createElement("ul");
      list.className = "tree-children";
      parent.append(list);
      parent.prepend(this.twisty(parent));
    }
    return list;
  }

  twisty(item) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "twisty";
    button.dataset.action = "fold";
    button.setAttribute("aria-label", "Fold");
    // The sprite's symbols can't be parsed from text here without a second copy of the markup.
    button.append(parsed('<svg class="icon" aria-hidden="true"><use href="#icon-chevron"></use></svg>'));
    const isFolded = this.folded.has(item.dataset.key);
    button.setAttribute("aria-expanded", String(!isFolded));
    item.classList.toggle("is-folded", isFolded);
    return button;
  }

  foldLarge() {
    for (const list of this.box.querySelectorAll(".tree-children")) {
      const item = list.parentElement;
      if (list.children.length > FOLDED_FROM && !list.querySelector(".is-selected")) this.fold(item, true);
    }
  }

  onClick(event) {
    const button = event.target.closest('[data-action="fold"]');
    const item = button?.closest("[data-key]");
    if (!item?.querySelector(":scope > .twisty")) return;
    this.fold(item, !item.classList.contains("is-folded"));
    sessionStorage.setItem(this.memory, JSON.stringify([...this.folded]));
  }

  fold(item, isFolded) {
    item.classList.toggle("is-folded", isFolded);
    item.querySelector(":scope > .twisty").setAttribute("aria-expanded", String(!isFolded));
    if (isFolded) this.folded.add(item.dataset.key);
    else this.folded.delete(item.dataset.key);
  }

  select(key) {
    this.box.querySelector(".is-selected")?.classList.remove("is-selected");
    this.items.get(key)?.classList.add("is-selected");
  }

  apply(frame) {
    super.apply(frame);
    if (frame.type === "snapshot") this.keepOnly(new Set(frame.rows.map((row) => row.key)));
  }

  keepOnly(keys) {
    for (const key of [...this.items.keys()]) if (!keys.has(key)) this.remove(key);
  }

  isWanted() {
    return true;
  }

  patch(item, row) {
    const line = item.querySelector(":scope > .tree-row");
    const before = line.dataset.phase;
    morphElement(line, parsed(row.html).firstElementChild);
    localise(line);
    if (line.dataset.phase !== before) freshen(line);
  }

  showWaiting(isAsked = false) {
    let isChanged = false;
    for (const row of this.waiting.values()) {
      const place = this.placeOf(row);
      if (!place || (!isAsked && this.wouldMove(place))) continue;
      this.waiting.delete(row.key);
      this.insertAt(place, row);
      isChanged = true;
    }
    // A child can stand in the queue before its parent.
    if (isChanged && this.waiting.size) return this.showWaiting(isAsked);
    this.showPill();
  }

  placeOf(row) {
    const parent = row.parent ? this.items.get(row.parent) : null;
    if (row.parent && !parent) return null;
    const list = parent ? this.childList(parent) : this.box;
    return { list, parent, next: firstAfter(list.children, row.order) };
  }

  /** Whether the row that the reader points at or has focused stands below the place. */
  wouldMove({ list, next }) {
    const held = this.box.querySelector(".tree-row:hover, .tree-row:focus-within");
    if (!held) return false;
    if (next) return next.contains(held) || Boolean(next.compareDocumentPosition(held) & Node.DOCUMENT_POSITION_FOLLOWING);
    const isBelow = list.compareDocumentPosition(held) & Node.DOCUMENT_POSITION_FOLLOWING;
    return Boolean(isBelow) && !list.contains(held);
  }

  insertAt({ list, parent, next }, row) {
    const item = document.createElement("li");
    item.className = `tree-item ${depthClass(parent)}`;
    Object.assign(item.dataset, { key: row.key, parent: row.parent ?? "", order: row.order });
    item.append(parsed(row.html));
    list.insertBefore(item, next);
    this.items.set(row.key, item);
    localise(item);
    freshen(item.querySelector(".tree-row"));
  }
}

function depthClass(parent) {
  const depth = parent ? Number(/\bd(\d+)\b/.exec(parent.className)?.[1] ?? 0) + 1 : 0;
  return `d${Math.min(depth, 12)}`;
}

/** The first child whose order is greater, by halving: families of thousands are common. */
function firstAfter(children, order) {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (children[middle].dataset.order > order) high = middle;
    else low = middle + 1;
  }
  return children[low] ?? null;
}
