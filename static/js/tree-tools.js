// What the reader does to the tree: opens, shuts, filters, finds and walks it by the keyboard.

const SEARCH_AFTER_MS = 200;

export class TreeTools {
  /** `changed` is called whenever the view is another one. */
  constructor(section, tree, view, changed) {
    this.section = section;
    this.tree = tree;
    this.view = view;
    this.changed = changed;
    this.find = section.querySelector("[data-tree-search] input[type=search]");
    this.timer = 0;
    const nav = section.querySelector(".tree");
    nav.addEventListener("click", (event) => this.onClick(event));
    nav.addEventListener("keydown", (event) => this.onKey(event));
    this.find.addEventListener("input", () => this.onInput());
    this.find.form.addEventListener("submit", (event) => this.onSubmit(event));
    // Before the panel reads them: the links that were drawn for everybody lack this reader's view.
    document.addEventListener("click", (event) => this.keepView(event), { capture: true });
    this.mark();
  }

  onClick(event) {
    const link = event.target.closest("a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const act = this.actOf(link);
    if (!act) return;
    event.preventDefault();
    act();
  }

  actOf(link) {
    const { dataset } = link;
    if (dataset.mode) return () => location.assign(link.href);
    if ("twisty" in dataset || "foldRow" in dataset) return () => this.toggle(link.closest("[data-key]"));
    if ("more" in dataset) return () => this.change(() => this.view.more(dataset.more));
    if ("phaseFilter" in dataset) return () => this.change(() => this.view.phase(dataset.phaseFilter));
    if ("foldAll" in dataset) return () => this.change(() => this.view.foldAll(dataset.foldAll));
    if ("clear" in dataset) return () => this.clear();
    return null;
  }

  change(how) {
    const wasFiltered = this.view.isFiltered;
    how();
    // Back among all the lines the reader finds the one that they chose.
    this.tree.isToReveal = wasFiltered && !this.view.isFiltered;
    this.view.pin = this.tree.selected?.dataset.key ?? this.view.pin;
    this.view.remember();
    this.mark();
    this.changed();
  }

  toggle(item) {
    const isOpening = item.classList.contains("is-folded");
    item.classList.toggle("is-shut", !isOpening);
    // Among what was found nothing more can be opened, only hidden.
    if (this.view.isFiltered) return this.tree.showTwisty(item);
    this.change(() => this.view.toggle(item.dataset.key, isOpening));
    this.tree.showTwisty(item);
  }

  clear() {
    this.find.value = "";
    this.change(() => this.view.clear());
  }

  onInput() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), SEARCH_AFTER_MS);
  }

  search() {
    const text = this.find.value.trim();
    if (text !== (this.view.query.get("q") ?? "")) this.change(() => this.view.search(text));
  }

  onSubmit(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    this.search();
    const wanted = this.find.value.trim().toLowerCase();
    const links = [...this.tree.box.querySelectorAll(".row-link")].filter((link) => link.checkVisibility());
    links.find((link) => link.textContent.toLowerCase().includes(wanted))?.focus({ focusVisible: true });
  }

  /** Which filters are on; the chips are drawn for everybody alike. */
  mark() {
    const phases = this.view.phases;
    for (const chip of this.section.querySelectorAll("[data-phase-filter]")) {
      if (phases.has(chip.dataset.phaseFilter)) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
    this.section.querySelector(".tree-filters [data-clear]").hidden = !this.view.isFiltered;
  }

  keepView(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || typeof link.href !== "string" || !this.section.contains(link)) return;
    const url = new URL(link.href);
    if (url.pathname !== location.pathname || !(url.searchParams.has("i") || link.dataset.mode)) return;
    const mode = link.dataset.mode;
    const kept = this.view.applyTo(link.href);
    if (mode) kept.searchParams.set("view", mode);
    if (mode === "tree") kept.searchParams.delete("view");
    link.href = kept.href;
  }

  // --- keyboard -------------------------------------------------------------------------------------

  onKey(event) {
    const item = event.target.closest?.("[data-tree] [data-key]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isDone = step ? this.step(event.target, step) : this.turn(event.key, item);
    if (!isDone) return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(from, by) {
    const links = [...this.tree.box.querySelectorAll(".row-link")].filter((link) => link.checkVisibility());
    const at = links.indexOf(from.closest(".row-link") ?? from.closest("[data-key]").querySelector(".row-link"));
    return focusOn(links[at + by]);
  }

  turn(key, item) {
    const twisty = item.querySelector(":scope > .twisty");
    const isFolded = item.classList.contains("is-folded");
    if (key === "ArrowRight" && twisty && isFolded) return this.toggle(item), true;
    if (key === "ArrowRight" && twisty) return focusOn(item.querySelector(".tree-children .row-link"));
    if (key === "ArrowLeft" && twisty && !isFolded) return this.toggle(item), true;
    if (key === "ArrowLeft") return focusOn(item.parentElement.closest("[data-key]")?.querySelector(".row-link"));
    return false;
  }
}

function focusOn(link) {
  link?.focus({ focusVisible: true });
  link?.scrollIntoView({ block: "nearest" });
  return Boolean(link);
}
