// Shows another action, tab or attempt in the panel without loading the page anew, so that the tree
// stays as the reader left it. The addresses are the page's own: a reload shows the same.

import { localise } from "./durations.js";
import { watchValues } from "./values.js";

const BUSY_AFTER_MS = 120;

export class Panel {
  #onChange;
  #asked = 0;
  #shown = location.search;

  /** `onChange` is told the chosen action's key after the panel was replaced. */
  constructor(onChange) {
    this.#onChange = onChange;
    watchValues(this.element.parentElement);
    showTab(this.element);
    document.addEventListener("click", (event) => this.#onClick(event));
    addEventListener("popstate", () => location.search !== this.#shown && this.#show(location.href));
  }

  get element() {
    return document.getElementById("panel");
  }

  get key() {
    return this.element.dataset.actionName;
  }

  #onClick(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const url = new URL(link.href);
    const isHere = url.origin === location.origin && url.pathname === location.pathname;
    if (!isHere || !url.search || (url.hash && url.search === location.search)) return;
    event.preventDefault();
    this.#keepTab(url, link);
    this.#show(url.href, link);
  }

  /** Choosing another action in the tree keeps the tab that is open. */
  #keepTab(url, link) {
    const tab = this.element.querySelector(".tabs [aria-current]")?.dataset.tab;
    if (tab && link.closest("[data-tree]") && !url.searchParams.has("tab")) url.searchParams.set("tab", tab);
  }

  /** `link` is what was clicked; without one the reader went back or forth. */
  async #show(address, link) {
    const asked = ++this.#asked;
    const busy = setTimeout(() => this.element.setAttribute("aria-busy", "true"), BUSY_AFTER_MS);
    const fresh = await fetchPanel(address);
    clearTimeout(busy);
    this.element.removeAttribute("aria-busy");
    if (asked !== this.#asked) return;
    if (fresh === "unreachable" && link) return this.#sayUnreachable(address);
    // Whatever else is wrong, the whole page says it better.
    if (typeof fresh === "string") return location.assign(address);
    if (link) history.pushState(null, "", address);
    this.#replace(fresh, link);
  }

  /** The page that is there is worth more than one that says it can't be shown. */
  #sayUnreachable(address) {
    const note = document.createElement("p");
    note.className = "panel-note";
    note.role = "alert";
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Try again";
    note.append("This can't be shown now: the server does not answer. ", link);
    this.element.querySelector(":scope > .panel-note")?.remove();
    this.element.querySelector(".panel-head").after(note);
  }

  #replace(fresh, link) {
    const tab = this.element.contains(link) ? link.dataset.tab : null;
    this.element.replaceWith(fresh);
    this.#shown = location.search;
    localise(fresh);
    showTab(fresh);
    if (tab) fresh.querySelector(`[data-tab="${tab}"]`)?.focus({ preventScroll: true });
    this.#onChange(this.key);
  }
}

/** The open tab's name is in sight, also where the names are wider than the window. */
function showTab(panel) {
  const [tabs, tab] = [panel.querySelector(".tabs"), panel.querySelector(".tabs [aria-current]")];
  if (tab) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.clientWidth) / 2;
}

/** The panel of the page at an address; else a word for what is wrong. */
async function fetchPanel(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    if (response.status >= 500) return "unreachable";
    if (!response.ok || response.redirected) return "other";
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const panel = page.getElementById("panel");
    return panel ? document.adoptNode(panel) : "other";
  } catch {
    return "unreachable";
  }
}
