// One attempt's log in the page: a window on it wherever the reader is, its end followed on demand,
// and a search that the server does. Line numbers are permalinks; the rest of the state is the query.

import { announceAttempt, copyRange, markedRange, markMatches, startToggles } from "./log-tools.js";
import { Finding, Shown } from "./log-finding.js";
import { lineElement } from "./log-lines.js";
import { LogList } from "./log-list.js";
import { LogMap } from "./log-map.js";
import { LogSearch } from "./log-search.js";
import { LogStore } from "./log-store.js";

const NEWS_MS = 400; // new lines are searched this often

export class LogViewer {
  #subscription = 0;

  constructor(section, live) {
    this.section = section;
    this.live = live;
    this.box = section.querySelector(".log-box");
    this.followButton = section.querySelector("[data-follow]");
    this.isEnded = "ended" in section.dataset;
    this.opened = new Set(); // long lines that are shown whole
    this.whole = new Map(); // and the text of those that came cut
    this.store = new LogStore(section.dataset.window, (answer) => this.#arrived(answer));
    this.#takeServed();
    this.shown = new Shown(this.store.total);
    this.list = new LogList(this.box, section.querySelector("[data-lines]"), this.#model(), () => this.#moved());
    this.list.onResize = () => this.#redraw();
    this.map = new LogMap(section.querySelector("[data-map]"), (share) => this.#goToShare(share));
    this.search = new LogSearch(section, this.box, {
      total: () => this.store.total,
      changed: (change) => this.#searched(change),
      go: (number) => this.#goFind(number),
      place: () => this.here,
    });
    this.errors = new Finding(section.dataset.found, "level=error", () => this.#errorsCame());
    this.#listen();
    this.isFollowing = !this.#goToAddress() && !section.dataset.first;
    this.search.start();
    if (this.isFollowing) this.list.toEnd();
    else if (!this.target && section.dataset.first) this.list.toTop(this.shown.indexOf(Number(section.dataset.first)));
    this.#subscribe();
    this.#say();
    this.#reachSoon();
  }

  // --- what is there ------------------------------------------------------------------------------

  /** The lines that the server drew, so that nothing is fetched for the first sight. */
  #takeServed() {
    const place = this.section.querySelector("[data-lines]");
    this.store.total = Number(this.section.dataset.total) || 0;
    this.store.put([...place.querySelectorAll(".log-line")].map(servedLine));
    place.replaceChildren();
    this.section.classList.add("is-live");
  }

  #model() {
    const viewer = this;
    return {
      get count() {
        return viewer.shown.count;
      },
      make: (index) => viewer.#make(viewer.shown.numberAt(index)),
      isStale: (index, row) => row.id !== `L${viewer.shown.numberAt(index)}` || row.classList.contains("is-missing"),
    };
  }

  #make(number) {
    const known = this.store.get(number);
    const line = known && this.whole.has(number) ? this.whole.get(number) : known;
    const row = lineElement(number, line, { openLine: (n, cut) => this.#open(n, cut), isOpen: this.opened.has(number) });
    if (this.target && number >= this.target[0] && number <= this.target[1]) row.classList.add("is-target");
    if (this.search.isMatch(number)) row.classList.add("is-match");
    if (this.search.current === number) row.classList.add("is-current");
    if (this.shown.numbers && this.search.isOutside(number)) row.classList.add("is-context");
    return row;
  }

  /** Shows a long line whole; the part that did not come with the window is fetched. */
  async #open(number, isCut) {
    if (isCut) {
      const answer = await this.store.read(number, number);
      const line = answer.lines[0];
      // What is longer still is in the raw log.
      if (line) this.whole.set(number, line);
    }
    this.opened.add(number);
    this.#redraw();
  }

  #listen() {
    this.box.addEventListener("click", (event) => this.#onClick(event));
    this.followButton.addEventListener("click", () => this.follow());
    this.section.querySelector("[data-last-error]").addEventListener("click", () => this.#goToError());
    this.section.querySelector("[data-copy-range]").addEventListener("click", (event) => copyRange(event.target, this.store, this.target));
    this.onHash = () => this.#goToAddress();
    this.onKey = (event) => this.#onKey(event);
    addEventListener("hashchange", this.onHash);
    addEventListener("keydown", this.onKey, true); // before the page's own "/"
    startToggles(this.section, (change) => this.#keepPlace(change));
    this.zones = new MutationObserver(() => this.#redraw());
    this.zones.observe(document.documentElement, { attributeFilter: ["data-zone"] });
  }

  close() {
    removeEventListener("hashchange", this.onHash);
    removeEventListener("keydown", this.onKey, true);
    this.zones.disconnect();
    clearTimeout(this.reaching);
    for (const part of [this.list, this.store, this.search, this.errors]) part.close();
    if (this.#subscription) this.live.unsubscribe(this.#subscription);
    this.#subscription = 0;
  }

  attemptsAre(count) {
    announceAttempt(this.section, count);
  }

  // --- news ---------------------------------------------------------------------------------------

  /** Who follows gets lines; who reads further up only hears how many there are. */
  #subscribe() {
    if (this.#subscription) this.live.unsubscribe(this.#subscription);
    const args = JSON.parse(this.section.dataset.args);
    if (this.isFollowing) args.skips = true;
    else args.upto = 1;
    const from = String(this.store.total || 0);
    this.#subscription = this.live.subscribe("log", args, from, (frame) => this.#hear(frame));
  }

  #hear(frame) {
    if (frame.type === "state") {
      if (frame.state === "ended") this.isEnded = true;
    } else if (frame.lines) {
      this.#note(frame.note);
      this.isEnded = frame.ended;
      if (this.isFollowing || !this.store.total) this.store.put(frame.lines);
      this.store.total = Math.max(this.store.total, frame.total);
    }
    this.list.drawSoon(() => this.#grown());
  }

  #grown() {
    if (this.isFollowing && this.#isReaderBusy()) this.#unfollow();
    if (!this.search.narrows) this.shown = new Shown(this.store.total);
    if (this.isFollowing) this.list.toEnd();
    else this.list.draw();
    this.#moved();
    this.#reachSoon();
  }

  /** Lines that were fetched are here; or it did not work, and is tried again. */
  #arrived(answer) {
    if (answer) {
      this.store.total = Math.max(this.store.total, answer.total);
      this.#note(answer.note);
    }
    this.list.drawSoon(() => {
      this.list.draw();
      if (this.isFollowing) this.list.toEnd();
      this.#moved();
    });
  }

  /** Whoever selects text would lose it to a scrolling page. */
  #isReaderBusy() {
    const selection = getSelection();
    return selection && !selection.isCollapsed && this.box.contains(selection.anchorNode);
  }

  #reachSoon() {
    this.reaching ||= setTimeout(() => {
      this.reaching = 0;
      this.search.reach();
      // What the reader looks for goes before what nobody has asked for.
      if (this.search.isRunning) this.#reachSoon();
      else if (this.store.total) this.errors.reach(this.store.total);
    }, NEWS_MS);
  }

  // --- where the reader is ------------------------------------------------------------------------

  get here() {
    return this.shown.count ? this.shown.numberAt(this.list.top) : 0;
  }

  follow() {
    this.isFollowing = true;
    this.#subscribe();
    this.list.toEnd();
    this.#moved();
  }

  #unfollow() {
    if (!this.isFollowing) return;
    this.isFollowing = false;
    this.#subscribe();
  }

  /** After every scroll and every drawing: what is missing is asked for, and the tools say how it is. */
  #moved() {
    const isAtEnd = this.list.isAtEnd;
    if (this.isFollowing && !isAtEnd) this.#unfollow();
    else if (!this.isFollowing && isAtEnd && !this.target && !this.isEnded && !this.search.narrows) this.follow();
    const missing = [...this.list.rows.keys()].map((index) => this.shown.numberAt(index)).filter((n) => !this.store.get(n));
    this.store.want(missing);
    markMatches(this.list.rows.values(), this.search.highlighter);
    this.#say();
    this.#drawMap();
  }

  /** What the button says: whether this is the end, or how much there is below. */
  #say() {
    const last = this.shown.count ? this.shown.numberAt(this.list.bottom) : 0;
    const below = this.isFollowing ? 0 : Math.max(0, this.store.total - last);
    const isBehind = below > 0 && !this.list.isAtEnd;
    let text = "following";
    if (isBehind) text = `${count(below)} below ↓`;
    else if (this.isEnded) text = `end · ${count(this.store.total)}`;
    else if (!this.isFollowing) text = "follow ↓";
    if (this.followButton.textContent !== text) this.followButton.textContent = text;
    this.followButton.setAttribute("aria-pressed", String(this.isFollowing));
    this.followButton.classList.toggle("is-behind", isBehind);
    this.followButton.classList.toggle("is-following", this.isFollowing && !this.isEnded);
  }

  #drawMap() {
    if (!this.shown.count) return;
    const from = this.shown.numberAt(this.list.top);
    const to = this.shown.numberAt(this.list.bottom);
    const layers = [[this.errors.numbers, "color", 0, 0.5], [this.search.numbers, "caretColor", 0.5, 0.5]];
    this.map.draw(this.store.total, layers, from, to);
  }

  #goToShare(share) {
    this.#goTo(Math.max(1, Math.round(share * this.store.total)));
  }

  /** Shows a line; when the filters leave it out, the nearest one after it. */
  #goTo(number, options) {
    if (number < this.store.total) this.#unfollow();
    this.list.show(this.shown.indexOf(number), options);
    this.#moved();
  }

  #goFind(number) {
    this.#goTo(number);
    this.#redraw();
  }

  // --- permalinks ---------------------------------------------------------------------------------

  /** Shows the line or range that the address names; false when it names none. */
  #goToAddress() {
    const found = /^#L(\d{1,15})(?:-L(\d{1,15}))?$/.exec(location.hash);
    if (!found) return false;
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])].sort((a, b) => a - b);
    this.absent = first > this.store.total ? `This log has no line ${first} yet. ` : "";
    this.#note(this.noted);
    if (this.absent) return false;
    this.target = [first, last];
    this.isFollowing = false;
    this.list.clear();
    this.list.show(this.shown.indexOf(first), { always: true });
    this.#showRange();
    if (this.#subscription) this.#subscribe();
    this.#moved();
    return true;
  }

  #showRange() {
    const button = this.section.querySelector("[data-copy-range]");
    button.hidden = !this.target;
    if (this.target) button.textContent = `Copy ${markedRange(this.target)}`;
  }

  #onClick(event) {
    const anchor = event.target.closest(".log-no");
    if (!anchor || event.metaKey || event.ctrlKey) return;
    // The address changes and the place does not.
    event.preventDefault();
    event.stopPropagation();
    const number = Number(anchor.textContent);
    const from = event.shiftKey && this.target ? this.target[0] : number;
    this.target = [Math.min(from, number), Math.max(from, number)];
    getSelection().removeAllRanges();
    this.#unfollow();
    const hash = this.target[0] === this.target[1] ? `#L${number}` : `#L${this.target[0]}-L${this.target[1]}`;
    const url = new URL(location.href);
    for (const name of ["line", "from"]) url.searchParams.delete(name);
    url.hash = hash;
    history.replaceState(history.state, "", url);
    this.#showRange();
    this.#redraw();
  }

  // --- search and filters -------------------------------------------------------------------------

  /** `isNew` when other lines are asked for, and not only more of them found. */
  #searched({ isNew }) {
    const here = this.here;
    const wasFollowing = this.isFollowing;
    const wasAtTop = this.shown.numbers && this.list.top === 0;
    if (this.search.narrows || this.shown.numbers) {
      this.shown = this.search.narrows
        ? new Shown(this.store.total, this.search.finding, this.search.context)
        : new Shown(this.store.total);
      this.list.clear();
      if (wasFollowing) this.list.toEnd();
      else this.list.toTop(wasAtTop ? 0 : this.shown.indexOf(here));
    } else if (isNew || this.search.isFresh) this.list.clear();
    this.list.draw();
    this.#moved();
  }

  #errorsCame() {
    const button = this.section.querySelector("[data-last-error]");
    button.hidden = !this.errors.count;
    button.querySelector("span").textContent = `${this.errors.count.toLocaleString("en-GB")} ${this.errors.count === 1 ? "error" : "errors"}`;
    this.#drawMap();
  }

  /** The last error first; from there upwards, and round again. */
  #goToError() {
    const from = this.search.current && this.errors.has(this.search.current) ? this.search.current : this.store.total + 1;
    const number = this.errors.next(from, -1);
    this.search.setCurrent(number);
    this.#goFind(number);
  }

  #onKey(event) {
    if (event.defaultPrevented || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const isField = event.target.closest("input, textarea, select");
    const isFind = event.key === "f" && (event.ctrlKey || event.metaKey);
    const isHere = this.section.contains(event.target);
    if ((isFind && isHere && !isField) || (event.key === "/" && isHere && !isField)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.search.focus();
    } else if (!event.ctrlKey && !event.metaKey && !isField && (event.key === "n" || event.key === "N")) {
      if (this.search.step(event.key === "n" ? 1 : -1)) event.preventDefault();
    }
  }

  // --- drawing ------------------------------------------------------------------------------------

  #note(text = "") {
    this.noted = text;
    const note = this.section.querySelector("[data-note]");
    note.textContent = (this.absent ?? "") + (text ?? "");
    note.hidden = !note.textContent;
  }

  #redraw() {
    this.list.clear();
    this.list.draw();
    if (this.isFollowing) this.list.toEnd();
    this.#moved();
  }

  /** A switch changes the lines' height: the one at the top stays where it is. */
  #keepPlace(change) {
    const { isFollowing } = this;
    const top = this.list?.top ?? 0;
    change();
    if (isFollowing) this.list.toEnd();
    else this.list.toTop(top);
    this.#moved();
  }
}

function servedLine(row) {
  const [anchor, text] = [row.querySelector(".log-no"), row.querySelector(".log-text")];
  const { source, level, size } = row.dataset;
  const written = text.dataset.written ?? text.textContent;
  return [Number(row.id.slice(1)), anchor.title || null, written, source, level, Number(size) || 0];
}

function count(lines) {
  return `${lines.toLocaleString("en-GB")} ${lines === 1 ? "line" : "lines"}`;
}
