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
    this.keepStill(() => super.apply(frame));
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
    if (item.dataset.order !== row.order) this.put(item, row);
  }

  /** Puts in every row whose parent is here: a child can be told of before its parent. */
  showWaiting() {
    let isChanged = true;
    while (isChanged) {
      isChanged = false;
      for (const row of this.waiting.values()) {
        if (row.parent && !this.items.has(row.parent)) continue;
        this.waiting.delete(row.key);
        this.insert(row);
        isChanged = true;
      }
    }
  }

  insert(row) {
    const item = document.createElement("li");
    item.className = `tree-item ${depthClass(this.items.get(row.parent))}`;
    Object.assign(item.dataset, { key: row.key, parent: row.parent ?? "" });
    item.append(parsed(row.html));
    this.put(item, row);
    this.items.set(row.key, item);
    localise(item);
    freshen(item.querySelector(".tree-row"));
  }

  /** At the place that its order has among its siblings; a row that is there already stays. */
  put(item, { parent, order }) {
    item.dataset.order = order;
    const isAfter = (sibling) => !sibling || sibling.dataset.order <= order;
    const isBefore = (sibling) => !sibling || sibling.dataset.order > order;
    if (item.parentElement && isAfter(item.previousElementSibling) && isBefore(item.nextElementSibling)) return;
    item.remove();
    const list = parent ? this.childList(this.items.get(parent)) : this.box;
    list.insertBefore(item, firstAfter(list.children, order));
  }

  /** While others come and go, the row that the reader points at, has focused or sees on top stays. */
  keepStill(change) {
    const held = this.heldRow();
    const before = held?.getBoundingClientRect().top;
    change();
    if (!held?.isConnected) return;
    const moved = held.getBoundingClientRect().top - before;
    if (!moved) return;
    const wanted = this.box.scrollTop + moved;
    const missing = wanted - (this.box.scrollHeight - this.box.clientHeight);
    if (missing > 0) this.makeRoom(missing);
    this.box.scrollTop = wanted;
  }

  heldRow() {
    const pointed = this.box.querySelector(".tree-row:hover") ?? this.box.querySelector(".tree-row:focus-within");
    if (pointed || !this.box.scrollTop) return pointed;
    const { left, top } = this.box.getBoundingClientRect();
    return document.elementFromPoint(left + 60, top + 4)?.closest(".tree-row");
  }

  /** Below the last row, until the pointer leaves: else the box could not scroll that far. */
  makeRoom(height) {
    const padding = parseFloat(getComputedStyle(this.box).paddingBottom);
    this.box.style.paddingBottom = `${padding + height}px`;
    this.box.addEventListener("pointerleave", () => (this.box.style.paddingBottom = ""), { once: true });
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
