// The lines of the action tree that are in sight: put in, patched and taken away as the server says,
// without moving the line that the reader is at.

import { localise } from "./durations.js";
import { freshen, morphElement, parsed } from "./rows.js";

export class Tree {
  constructor(section) {
    this.box = section.querySelector("[data-tree]");
    this.none = section.querySelector("[data-tree-none]");
    this.items = new Map(); // key → element
    this.onDrawn = () => {}; // told each line that was drawn anew
    for (const item of this.box.querySelectorAll("[data-key]")) this.items.set(item.dataset.key, item);
    this.nest();
    for (const item of this.items.values()) this.showTwisty(item);
    this.reveal();
  }

  get selected() {
    return this.box.querySelector(".is-selected");
  }

  reveal() {
    this.selected?.querySelector(":scope > .tree-row").scrollIntoView({ block: "nearest" });
  }

  select(key) {
    this.selected?.classList.remove("is-selected");
    this.box.querySelector('.row-link[aria-current]')?.removeAttribute("aria-current");
    const item = this.items.get(key);
    item?.classList.add("is-selected");
    item?.querySelector(":scope > .tree-row .row-link").setAttribute("aria-current", "true");
  }

  /** The page comes as a flat list in depth-first order; from here on lines live in their parents. */
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
    }
    return list;
  }

  /** Whether something stands below it, and whether that is in sight. */
  showTwisty(item) {
    const row = item.querySelector(":scope > .tree-row");
    let twisty = item.querySelector(":scope > .twisty");
    if (!Number(row.dataset.members)) return twisty?.remove();
    if (!twisty) item.prepend((twisty = newTwisty(item.dataset.key)));
    const isOpen = !item.classList.contains("is-shut") && Boolean(item.querySelector(":scope > .tree-children > *"));
    const label = row.querySelector(".row-link").textContent;
    item.classList.toggle("is-folded", !isOpen);
    setIfNew(twisty, "aria-expanded", String(isOpen));
    setIfNew(twisty, "aria-label", `${isOpen ? "Shut" : "Open"} ${label}`);
  }

  apply(frame) {
    this.keepStill(() => {
      if (frame.type === "snapshot") this.keepOnly(new Set(frame.rows.map((row) => row.key)));
      const families = new Set(frame.rows.map((row) => row.parent));
      for (const row of frame.rows) this.take(row);
      for (const key of frame.removed ?? []) families.add(this.remove(key));
      for (const key of families) {
        if (this.items.has(key)) this.showTwisty(this.items.get(key));
      }
    });
    this.none.hidden = this.items.size > 0;
    if (this.isToReveal) this.reveal();
    this.isToReveal = false;
  }

  take(row) {
    const item = this.items.get(row.key);
    if (item) this.patch(item, row);
    else if (!row.parent || this.items.has(row.parent)) this.insert(row);
  }

  patch(item, row) {
    const line = item.querySelector(":scope > .tree-row");
    const before = line.dataset.phase;
    morphElement(line, parsed(row.html).firstElementChild);
    localise(line);
    this.onDrawn(line, item);
    if (line.dataset.phase !== before) freshen(line);
    if (item.dataset.parent !== row.parent) this.move(item, row);
    else if (item.dataset.order !== row.order) this.put(item, row);
    this.showTwisty(item);
  }

  /** Below another parent: its namesakes have become many and stand under a line of their own. */
  move(item, row) {
    item.dataset.parent = row.parent;
    if (!this.items.has(row.parent)) return void this.remove(row.key);
    this.put(item, row);
    const deeper = (here, above) => {
      here.className = here.className.replace(/\bd\d+\b/, depthClass(above));
      for (const child of here.querySelectorAll(":scope > .tree-children > li")) deeper(child, here);
    };
    deeper(item, this.items.get(row.parent));
  }

  insert(row) {
    const item = document.createElement("li");
    item.className = `tree-item ${depthClass(this.items.get(row.parent))}`;
    Object.assign(item.dataset, { key: row.key, parent: row.parent ?? "" });
    item.append(parsed(row.html));
    this.put(item, row);
    this.items.set(row.key, item);
    localise(item);
    this.showTwisty(item);
    this.onDrawn(item.querySelector(":scope > .tree-row"), item);
  }

  /** At the place that its order has among its siblings; a line that is there already stays. */
  put(item, { parent, order }) {
    item.dataset.order = order;
    const list = parent ? this.childList(this.items.get(parent)) : this.box;
    const isAfter = (sibling) => !sibling || sibling.dataset.order <= order;
    const isBefore = (sibling) => !sibling || sibling.dataset.order > order;
    const isHere = item.parentElement === list;
    if (isHere && isAfter(item.previousElementSibling) && isBefore(item.nextElementSibling)) return;
    item.remove();
    list.insertBefore(item, firstAfter(list.children, order));
  }

  /** Takes a line away with what stands below it; gives its parent's key. */
  remove(key) {
    const item = this.items.get(key);
    if (!item) return "";
    for (const below of item.querySelectorAll("[data-key]")) this.items.delete(below.dataset.key);
    this.items.delete(key);
    item.remove();
    return item.dataset.parent;
  }

  keepOnly(keys) {
    for (const key of [...this.items.keys()]) if (!keys.has(key)) this.lift(key, keys);
  }

  /** Takes a line away and not what stands below it, when that is to stay. */
  lift(key, kept) {
    const item = this.items.get(key);
    if (!item || kept.has(key)) return;
    for (const below of item.querySelectorAll("[data-key]")) {
      if (kept.has(below.dataset.key)) this.box.append(below);
    }
    this.remove(key);
  }

  /** While others come and go, the line that the reader points at, has focused or sees on top stays. */
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

  /** Below the last line, until the pointer leaves: else the box could not scroll that far. */
  makeRoom(height) {
    const padding = parseFloat(getComputedStyle(this.box).paddingBottom);
    this.box.style.paddingBottom = `${padding + height}px`;
    this.box.addEventListener("pointerleave", () => (this.box.style.paddingBottom = ""), { once: true });
  }
}

function newTwisty(key) {
  const link = document.createElement("a");
  link.className = "twisty";
  link.href = `?open=${encodeURIComponent(key)}`;
  link.dataset.twisty = "";
  // The sprite's symbols can't be drawn from here without a second copy of the markup.
  link.append(parsed('<svg class="icon" aria-hidden="true"><use href="#icon-chevron"></use></svg>'));
  return link;
}

function setIfNew(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
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
