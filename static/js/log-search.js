// The search and filter form of a log: what is asked is in the address, what is found comes in a stream.

import { Finding } from "./log-finding.js";

const TYPED_MS = 180;
const MOST_MARKED = 2_000; // characters of a line in which matches are marked

export class LogSearch {
  /** `page` has `total()`, `place()`, `changed(change)` and `go(number)`. */
  constructor(section, box, page) {
    this.form = section.querySelector("[data-log-form]");
    this.field = this.form.elements.q;
    this.box = box;
    this.url = section.dataset.found;
    this.page = page;
    this.finding = null;
    this.current = 0;
    this.highlighter = null;
    this.form.addEventListener("submit", (event) => this.#onSubmit(event));
    this.form.addEventListener("input", (event) => this.#onInput(event));
    this.form.addEventListener("keydown", (event) => this.#onKey(event));
    this.form.querySelector("[data-find-next]").addEventListener("click", () => this.step(1));
    this.form.querySelector("[data-find-previous]").addEventListener("click", () => this.step(-1));
    this.form.querySelector("[data-clear]").addEventListener("click", (event) => this.#clear(event));
  }

  /** What the address asked for when the page was opened. */
  start() {
    if (this.query) this.#ask({ isFirst: true });
    else this.#say();
  }

  close() {
    clearTimeout(this.typing);
    this.finding?.close();
  }

  get query() {
    const given = new FormData(this.form);
    const query = new URLSearchParams();
    if (given.get("q")) query.set("q", given.get("q"));
    if (query.has("q")) for (const name of ["regex", "case"]) if (given.get(name)) query.set(name, "1");
    const levels = given.getAll("level");
    if (levels.length) query.set("level", levels.join(","));
    if (given.get("source")) query.set("source", given.get("source"));
    return query.toString();
  }

  /** Whether only some lines are shown: filters always, a text when the reader wants only those. */
  get narrows() {
    const given = new FormData(this.form);
    const isFiltered = given.getAll("level").length || given.get("source");
    return Boolean(this.finding && (isFiltered || (given.get("q") && given.get("only"))));
  }

  get context() {
    return this.narrows ? Number(new FormData(this.form).get("context")) || 0 : 0;
  }

  get numbers() {
    return this.finding && this.field.value ? this.finding.numbers : new Uint32Array(0);
  }

  isMatch(number) {
    return Boolean(this.finding && this.field.value && this.finding.has(number));
  }

  /** Whether a line is shown only because it stands around one that was found. */
  isOutside(number) {
    return this.context > 0 && !this.finding.has(number);
  }

  get isRunning() {
    return Boolean(this.finding?.isRunning);
  }

  get isFresh() {
    return Boolean(this.finding);
  }

  reach() {
    this.finding?.reach(this.page.total());
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  setCurrent(number) {
    this.current = number;
    this.#say();
  }

  /** To the next line that was found, or back; false when nothing was. */
  step(step) {
    if (!this.finding?.count) return false;
    const from = this.current || (step > 0 ? this.page.place() - 1 : this.page.place());
    this.setCurrent(this.finding.next(from, step));
    this.page.go(this.current);
    return true;
  }

  // --- what the reader does -----------------------------------------------------------------------

  #onSubmit(event) {
    event.preventDefault();
    clearTimeout(this.typing);
    this.#ask({});
  }

  #onInput(event) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.#ask({}), event.target === this.field ? TYPED_MS : 0);
  }

  #onKey(event) {
    if (event.target !== this.field) return;
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(this.typing);
      if (this.#asked !== this.#everything()) this.#ask({});
      else this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      if (this.field.value) this.field.value = "";
      this.#ask({});
      this.box.focus({ preventScroll: true });
      event.stopPropagation();
    }
  }

  #clear(event) {
    event.preventDefault();
    event.stopPropagation();
    this.field.value = "";
    this.form.elements.source.value = "";
    this.form.elements.context.value = "0";
    for (const box of this.form.querySelectorAll('input[type="checkbox"]')) box.checked = false;
    this.#ask({});
  }

  // --- asking -------------------------------------------------------------------------------------

  #asked = "";

  #everything() {
    const given = new FormData(this.form);
    return `${this.query}|${given.get("only")}|${given.get("context")}`;
  }

  #ask({ isFirst = false }) {
    if (this.#asked === this.#everything()) return;
    this.#asked = this.#everything();
    const { query } = this;
    if (!isFirst) this.#writeAddress();
    if (this.finding?.query !== query) {
      this.finding?.close();
      this.current = 0;
      this.isToJump = !isFirst || !location.hash;
      this.finding = query ? new Finding(this.url, query, () => this.#news()) : null;
    }
    this.highlighter = highlighterOf(this.form);
    this.#say();
    this.page.changed({ isNew: true });
    this.reach();
    this.#say(); // that it is looking: nothing found yet is not nothing
  }

  #news() {
    this.#say();
    this.page.changed({ isNew: false });
    // The first thing found is shown at once, but only to who looked for it.
    if (!this.isToJump || !this.finding.count || !this.field.value || this.narrows) return;
    this.isToJump = false;
    const from = this.page.place();
    this.setCurrent(this.finding.next(from - 1, 1));
    this.page.go(this.current);
  }

  #writeAddress() {
    const url = new URL(location.href);
    for (const name of ["q", "regex", "case", "level", "source", "only", "context", "from", "line"]) url.searchParams.delete(name);
    for (const [name, value] of new URLSearchParams(this.query)) url.searchParams.set(name, value);
    const given = new FormData(this.form);
    if (given.get("only")) url.searchParams.set("only", "1");
    if (Number(given.get("context"))) url.searchParams.set("context", given.get("context"));
    history.replaceState(history.state, "", url);
  }

  #say() {
    const { finding, form } = this;
    const place = form.querySelector("[data-count]");
    const words = finding ? this.#words(finding) : "";
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("is-problem", Boolean(finding?.problem));
    for (const button of form.querySelectorAll("[data-find-next], [data-find-previous]")) button.disabled = !finding?.count;
    form.querySelector("[data-clear]").hidden = !this.query;
  }

  #words(finding) {
    if (finding.problem) return finding.problem;
    const number = finding.count.toLocaleString("en-GB");
    const looking = finding.isRunning ? "…" : "";
    if (this.current && finding.has(this.current)) {
      return `${(finding.rank(this.current) + 1).toLocaleString("en-GB")} of ${number}${looking}`;
    }
    return `${number}${looking} ${finding.count === 1 ? "line" : "lines"}`;
  }
}

/** Finds what to mark in a line that the server has found; null when that could take long: the
 * browser's patterns, unlike the server's, may try for ever. */
function highlighterOf(form) {
  const text = form.elements.q.value;
  if (!text) return null;
  const flags = form.elements.case.checked ? "gu" : "giu";
  if (!form.elements.regex.checked) {
    const plain = new RegExp(text.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&").replace(/\\-/g, "-"), flags);
    return (line) => line.slice(0, MOST_MARKED).matchAll(plain);
  }
  const isSlow = /\)\s*[*+{]/.test(text) || (text.match(/[*+{]/g)?.length ?? 0) > 2;
  if (isSlow) return null;
  try {
    const pattern = new RegExp(text, flags);
    return (line) => line.slice(0, MOST_MARKED).matchAll(pattern);
  } catch {
    return null;
  }
}
