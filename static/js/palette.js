// The command palette: pages, actions of this page, what was seen lately, and whatever the search finds.
// By keyboard alone: type, arrows, enter; ctrl enter opens another tab.

import { recent } from "./recents.js";
import { commands, pages } from "./commands.js";

const PAUSE_MS = 120;
const MOST = 8; // of each group that is known without asking

let palette = null;

/** `text` is what was typed before the palette was there. */
export function open(text = "") {
  palette ??= new Palette();
  palette.open(text);
}

class Palette {
  #dialog = build();
  #field = this.#dialog.querySelector("input");
  #list = this.#dialog.querySelector('[role="listbox"]');
  #status = this.#dialog.querySelector('[role="status"]');
  #items = [];
  #found = [];
  #at = 0;
  #timer = 0;
  #asked = 0;

  constructor() {
    document.body.append(this.#dialog);
    this.#field.addEventListener("input", () => this.#typed());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", (event) => this.#click(event));
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
  }

  open(text) {
    if (this.#dialog.open) return this.#dialog.close();
    this.#field.value = text;
    this.#found = [];
    this.#typed();
    this.#dialog.showModal();
    this.#field.focus();
  }

  #typed() {
    clearTimeout(this.#timer);
    if (!this.#text) this.#found = [];
    this.#show();
    if (this.#text.length >= 2) this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  get #text() {
    return this.#field.value.trim();
  }

  async #ask() {
    const number = ++this.#asked;
    this.#status.textContent = "Searching…";
    const { project, domain } = document.body.dataset;
    const query = new URLSearchParams({ q: this.#text, project: project ?? "", domain: domain ?? "" });
    const found = await groupsOf(`/search.json?${query}`);
    if (number !== this.#asked) return; // an answer to what is no longer asked
    this.#found = found ?? [];
    this.#show();
    this.#status.textContent = found ? `${this.#items.length} results` : "The platform does not answer just now.";
  }

  #show() {
    const known = [
      { title: "Lately", items: recent().slice(0, MOST) },
      { title: "On this page", items: commands() },
      { title: "Go to", items: pages() },
    ].map((group) => ({ ...group, items: group.items.filter((item) => matches(item, this.#text)).slice(0, MOST) }));
    const groups = [...(this.#text ? known.slice(1) : known), ...this.#found].filter((group) => group.items.length);
    this.#items = groups.flatMap((group) => group.items);
    this.#list.replaceChildren(...drawn(groups, this.#text));
    this.#choose(0);
  }

  #choose(at) {
    const options = [...this.#list.querySelectorAll('[role="option"]')];
    this.#at = Math.min(Math.max(0, at), Math.max(0, options.length - 1));
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.#at)));
    const chosen = options[this.#at];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.#field.setAttribute("aria-activedescendant", chosen.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) this.#choose(this.#at + step);
    else if (event.key === "Enter") this.#use(this.#items[this.#at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #click(event) {
    const option = event.target.closest('[role="option"]');
    if (option) this.#use(this.#items[Number(option.dataset.at)], event.ctrlKey || event.metaKey);
  }

  #use(item, isElsewhere) {
    if (!item) return this.#text && location.assign(`/search?q=${encodeURIComponent(this.#text)}`);
    this.#dialog.close();
    if (item.run) item.run();
    else if (isElsewhere) window.open(item.url, "_blank", "noopener");
    else location.assign(item.url);
  }
}

async function groupsOf(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? (await answer.json()).groups : null;
  } catch (fault) {
    if (fault instanceof TypeError) return null; // no way to the server
    throw fault;
  }
}

/** Every word that was typed is somewhere in the item's own. */
function matches(item, text) {
  const own = `${item.label} ${item.more ?? ""}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => own.includes(word));
}

function drawn(groups, text) {
  let at = 0;
  const lists = groups.map(({ title, items }) => {
    const list = element("div", { role: "group", ariaLabel: title });
    list.append(element("p", { className: "palette-group", textContent: title, ariaHidden: "true" }));
    list.append(...items.map((item) => option(item, at++)));
    return list;
  });
  if (lists.length) return lists;
  return [element("p", { className: "palette-group", textContent: text ? `Nothing matches "${text}" yet.` : "Type to search." })];
}

function option(item, at) {
  const option = element("div", { role: "option", className: "palette-item", id: `palette-${at}` });
  option.dataset.at = at;
  option.append(icon(item.icon ?? "search", item.phase));
  option.append(element("span", { className: "palette-label", textContent: item.label, title: item.label }));
  option.append(element("span", { className: "palette-more", textContent: item.more ?? "", title: item.more ?? "" }));
  return option;
}

function icon(name, phase) {
  const box = element("span", { className: phase ? `phase-${phase}` : "" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  box.append(svg);
  return box;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function build() {
  const dialog = element("dialog", { className: "sheet palette", id: "palette", ariaLabel: "Search and commands" });
  const box = element("div", { className: "search palette-field" });
  const field = element("input", { type: "search", placeholder: "Search runs, tasks, projects… or a command", autocomplete: "off", spellcheck: false });
  const wiring = { role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": "Search and commands" };
  for (const [name, value] of Object.entries(wiring)) field.setAttribute(name, value);
  box.append(icon("search"), field);
  box.firstChild.replaceWith(box.firstChild.firstChild);
  const list = element("div", { role: "listbox", className: "palette-list", id: "palette-list", ariaLabel: "Results" });
  const foot = element("p", { className: "palette-foot" });
  const status = element("span", { role: "status" });
  foot.append(element("span", { textContent: "↑ ↓ move" }), element("span", { textContent: "enter open" }), element("span", { textContent: "esc close" }), status);
  dialog.append(box, list, foot);
  return dialog;
}
