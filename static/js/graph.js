// The tree's lines as boxes and lines: what started what, from left to right. The same lines that the
// tree shows, so that groups and fan-outs stay one box until they are opened. Deterministic: a box
// stands at its depth, its children below one another, and itself in their middle.

import { localise } from "./durations.js";

const WIDE = 220;
const HIGH = 40;
const APART = { x: 56, y: 10 };
const SCALES = { least: 0.05, most: 2 };
const SVG = "http://www.w3.org/2000/svg";

export class Graph {
  constructor(section, tree, tools) {
    this.tree = tree;
    this.tools = tools;
    this.view = section.querySelector("[data-graph]");
    this.view.hidden = false;
    section.classList.add("has-graph");
    this.boxes = new Map(); // key → element
    this.places = new Map(); // key → {x, y}
    this.at = { x: 0, y: 0, scale: 1 };
    this.isMoved = false; // by the reader: from then on the picture stays where they put it
    this.#build();
    tree.onDrawn = (line, item) => this.#fill(item);
    this.#listen();
    this.draw();
    this.fit();
  }

  follow() {
    this.planned ||= requestAnimationFrame(() => {
      this.planned = 0;
      this.draw();
      if (!this.isMoved) this.fit();
    });
  }

  #build() {
    this.sheet = Object.assign(document.createElement("div"), { className: "graph-sheet" });
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("class", "graph-lines");
    this.lines.setAttribute("aria-hidden", "true");
    this.sheet.append(this.lines);
    this.view.setAttribute("role", "group");
    this.view.setAttribute("aria-label", "Graph of the actions; the tree says the same as a list");
    this.view.append(this.sheet, this.#buttons(), note());
  }

  #buttons() {
    const tools = Object.assign(document.createElement("div"), { className: "graph-tools" });
    const acts = [["+", "Zoom in", () => this.zoom(1.4)], ["−", "Zoom out", () => this.zoom(1 / 1.4)], ["Fit", "The whole graph", () => this.fit(true)]];
    for (const [word, says, act] of acts) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "tool", textContent: word, title: says });
      button.setAttribute("aria-label", says);
      button.addEventListener("click", act);
      tools.append(button);
    }
    return tools;
  }

  // --- layout ---------------------------------------------------------------------------------------

  draw() {
    const anchor = this.#anchor();
    const before = anchor && this.places.get(anchor);
    this.places = layout(this.tree.box);
    for (const [key, box] of this.boxes) {
      if (!this.places.has(key)) this.boxes.delete(key), box.remove();
    }
    for (const [key, { x, y }] of this.places) {
      const box = this.boxes.get(key) ?? this.#newBox(key);
      box.style.transform = `translate(${x}px, ${y}px)`;
    }
    this.#drawLines();
    const after = anchor && this.places.get(anchor);
    if (before && after && this.isMoved) {
      this.at.x -= (after.x - before.x) * this.at.scale;
      this.at.y -= (after.y - before.y) * this.at.scale;
      this.#move();
    }
  }

  /** The box that must not move under the reader. */
  #anchor() {
    const here = this.view.querySelector(".graph-node:hover, .graph-node:focus-within") ?? this.view.querySelector(".graph-node.is-selected");
    return here?.dataset.key;
  }

  #newBox(key) {
    const box = Object.assign(document.createElement("div"), { className: "graph-node" });
    box.dataset.key = key;
    this.boxes.set(key, box);
    this.sheet.append(box);
    this.#fill(this.tree.items.get(key));
    return box;
  }

  #fill(item) {
    const box = item && this.boxes.get(item.dataset.key);
    if (!box) return;
    const line = item.querySelector(":scope > .tree-row");
    const name = (line.querySelector(".tree-name") ?? line).cloneNode(true);
    box.className = `graph-node ${line.className.replace("tree-row", "")}`;
    box.dataset.phase = line.dataset.phase ?? "";
    const isFolded = item.classList.contains("is-folded");
    box.classList.toggle("is-cluster", isFolded);
    box.classList.toggle("is-selected", item.classList.contains("is-selected"));
    box.replaceChildren(name);
    localise(box);
    if (Number(line.dataset.members)) box.append(this.#opener(item, isFolded));
  }

  #opener(item, isFolded) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "graph-open", textContent: isFolded ? "+" : "−" });
    const label = item.querySelector(".row-link").textContent;
    button.setAttribute("aria-expanded", String(!isFolded));
    button.setAttribute("aria-label", `${isFolded ? "Open" : "Shut"} ${label}`);
    button.addEventListener("click", () => this.#toggle(item));
    return button;
  }

  #toggle(item) {
    this.isMoved = true;
    this.tools.toggle(item);
    this.draw();
    this.#fill(item);
  }

  #drawLines() {
    const paths = [];
    let most = { x: 0, y: 0 };
    for (const [key, place] of this.places) {
      most = { x: Math.max(most.x, place.x + WIDE), y: Math.max(most.y, place.y + HIGH) };
      const above = this.places.get(place.parent);
      if (above) paths.push([key, curve(above, place)]);
    }
    this.size = most;
    this.lines.setAttribute("width", most.x);
    this.lines.setAttribute("height", most.y);
    while (this.lines.childElementCount > paths.length) this.lines.lastElementChild.remove();
    paths.forEach(([key, path], n) => {
      const line = this.lines.children[n] ?? this.lines.appendChild(document.createElementNS(SVG, "path"));
      if (line.getAttribute("d") !== path) line.setAttribute("d", path);
      line.classList.toggle("is-critical", this.boxes.get(key).classList.contains("is-critical"));
    });
  }

  // --- looking around -------------------------------------------------------------------------------

  #move() {
    const { x, y, scale } = this.at;
    this.sheet.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    // From afar only the colours can be told apart.
    this.view.classList.toggle("is-far", scale < 0.45);
  }

  zoom(factor, clientX, clientY) {
    const { left, top, width, height } = this.view.getBoundingClientRect();
    const [px, py] = [clientX === undefined ? width / 2 : clientX - left, clientY === undefined ? height / 2 : clientY - top];
    const scale = Math.min(SCALES.most, Math.max(SCALES.least, this.at.scale * factor));
    const by = scale / this.at.scale;
    this.at = { x: px - (px - this.at.x) * by, y: py - (py - this.at.y) * by, scale };
    this.isMoved = true;
    this.#move();
  }

  fit(isAsked = false) {
    const { width, height } = this.view.getBoundingClientRect();
    const scale = Math.min(1, width / (this.size.x + 48), height / (this.size.y + 48));
    // At first what can be read counts more than that all of it is there.
    this.at.scale = Math.max(isAsked ? SCALES.least : 0.6, scale);
    const root = this.places.values().next().value ?? { y: 0 };
    this.at.x = 24;
    this.at.y = isAsked || scale >= 0.6 ? 24 : height / 2 - (root.y + HIGH / 2) * this.at.scale;
    this.#move();
  }

  #listen() {
    this.view.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX, event.clientY);
    }, { passive: false });
    this.view.addEventListener("pointerdown", (event) => this.#onDown(event));
    this.view.addEventListener("keydown", (event) => this.#onKey(event));
    this.view.addEventListener("click", (event) => this.tools.onClick(event));
    this.view.addEventListener("focusin", (event) => this.#reveal(event.target.closest(".graph-node")));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
      if (event.key === "+" || event.key === "=") this.zoom(1.4);
      if (event.key === "-") this.zoom(1 / 1.4);
      if (event.key === "0") this.fit(true);
    });
  }

  #onDown(event) {
    if (event.button || event.target.closest("a, button")) return;
    const start = { ...this.at };
    const move = (next) => {
      this.at = { ...start, x: start.x + next.clientX - event.clientX, y: start.y + next.clientY - event.clientY };
      this.isMoved = true;
      this.#move();
    };
    addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => removeEventListener("pointermove", move), { once: true });
    event.preventDefault();
  }

  #onKey(event) {
    const key = event.target.closest(".graph-node")?.dataset.key;
    const item = key && this.tree.items.get(key);
    const near = item && { ArrowLeft: () => item.parentElement.closest("[data-key]"), ArrowRight: () => item.querySelector(".tree-children > [data-key]"),
      ArrowUp: () => item.previousElementSibling, ArrowDown: () => item.nextElementSibling }[event.key]?.();
    if (!near) return;
    event.preventDefault();
    event.stopPropagation();
    this.boxes.get(near.dataset.key)?.querySelector("a, button")?.focus({ focusVisible: true });
  }

  /** What has the focus is in sight. */
  #reveal(box) {
    if (!box) return;
    this.view.scrollTo(0, 0);
    const here = box.getBoundingClientRect();
    const frame = this.view.getBoundingClientRect();
    const dx = Math.max(0, frame.left + 12 - here.left) - Math.max(0, here.right - frame.right + 12);
    const dy = Math.max(0, frame.top + 12 - here.top) - Math.max(0, here.bottom - frame.bottom + 12);
    if (!dx && !dy) return;
    this.at = { ...this.at, x: this.at.x + dx, y: this.at.y + dy };
    this.isMoved = true;
    this.#move();
  }
}

/** Where each line's box stands. */
function layout(list) {
  const places = new Map();
  let nextY = 0;
  const put = (item, depth, parent) => {
    const place = { x: depth * (WIDE + APART.x), y: 0, parent };
    places.set(item.dataset.key, place);
    const below = item.classList.contains("is-shut") ? [] : item.querySelectorAll(":scope > .tree-children > [data-key]");
    const inner = [...below].map((child) => put(child, depth + 1, item.dataset.key));
    if (inner.length) place.y = (inner[0].y + inner.at(-1).y) / 2;
    else [place.y, nextY] = [nextY, nextY + HIGH + APART.y];
    return place;
  };
  for (const item of list.querySelectorAll(":scope > [data-key]")) put(item, 0, "");
  return places;
}

function curve(from, to) {
  const [x1, y1, x2, y2] = [from.x + WIDE, from.y + HIGH / 2, to.x, to.y + HIGH / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function note() {
  return Object.assign(document.createElement("p"), {
    className: "graph-note quiet",
    textContent: "A line leads from an action to what it started. Which output feeds which input the platform does not tell.",
  });
}
