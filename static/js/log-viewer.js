// One attempt's log in the page: follows its end until the reader scrolls away, and never scrolls
// for them. Line numbers are permalinks.

import { LogLines } from "./log-lines.js";
import { lineAt, startToggles } from "./log-tools.js";

const NEAR_END_PX = 24;
const EARLIER_LINES = 5_000; // brought by one click
const LINES_ABOVE = 200; // context in front of a line that an address names

export class LogViewer {
  /** `read` asks the server for the lines after a number, instead of those that come now. */
  constructor(section, read) {
    this.section = section;
    this.read = read;
    this.box = section.querySelector(".log-box");
    this.followButton = section.querySelector("[data-follow]");
    this.lines = new LogLines(section.querySelector("[data-lines]"));
    this.wanted = 0; // the line to show as soon as it is here
    this.absent = ""; // says that the address names a line that there is not
    this.total = Number(section.dataset.total) || this.lines.last;
    this.isEnded = "ended" in section.dataset;
    this.isFollowing = true;
    this.listen();
    if (!this.goToAddress()) this.toBottom();
    this.say();
  }

  listen() {
    this.box.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.box.addEventListener("click", (event) => this.onClick(event));
    this.followButton.addEventListener("click", () => this.goToEnd());
    this.onHash = () => this.goToAddress();
    addEventListener("hashchange", this.onHash);
    startToggles(this.section, (change) => this.keepPlace(change));
    this.resizes = new ResizeObserver(() => this.isFollowing && this.toBottom());
    this.resizes.observe(this.box);
  }

  close() {
    removeEventListener("hashchange", this.onHash);
    this.resizes.disconnect();
  }

  /** Shows the line that the address names; false when it names none. */
  goToAddress() {
    const number = Number(/^#L(\d+)$/.exec(location.hash)?.[1] ?? 0);
    if (!number) return false;
    if (number > Math.max(this.total, this.lines.newest)) {
      this.absent = `This log has no line ${number} yet. `;
      this.note();
      return false;
    }
    this.goTo(number, number - LINES_ABOVE);
    return true;
  }

  /** Scrolls to a line; one that isn't loaded is read from the server, with all that follow `from`. */
  goTo(number, from) {
    this.isFollowing = false;
    this.wanted = number;
    if (this.showWanted()) return;
    this.lines.clear();
    this.read(String(Math.max(0, from)));
  }

  showWanted() {
    const isHere = this.lines.first && this.wanted >= this.lines.first && this.wanted <= this.lines.last;
    if (!this.wanted || !isHere) return false;
    const line = document.getElementById(`L${this.wanted}`);
    if (location.hash === `#L${this.wanted}`) this.markTarget(line);
    line.scrollIntoView({ block: "center" });
    this.wanted = 0;
    return true;
  }

  markTarget(line) {
    this.box.querySelector(".is-target")?.classList.remove("is-target");
    line.classList.add("is-target");
  }

  apply(frame) {
    if (frame.type === "state") {
      if (frame.state === "ended") this.isEnded = true;
    } else if (frame.lines) {
      this.total = frame.total ?? this.total;
      this.isEnded = frame.ended;
      this.note(frame.note);
      if (frame.type === "snapshot") this.lines.clear();
      this.take(frame.lines);
    }
    this.say();
    // Last: notes above and below the lines take room too.
    if (this.isFollowing) this.toBottom();
  }

  take(lines) {
    if (this.isFollowing && this.isReaderBusy()) this.isFollowing = false;
    if (!this.lines.take(lines, this.isFollowing)) return;
    this.showWanted();
    if (this.isFollowing) this.lines.trim();
  }

  /** Whoever selects text would lose it to a scrolling page. */
  isReaderBusy() {
    const selection = getSelection();
    return selection && !selection.isCollapsed && this.box.contains(selection.anchorNode);
  }

  goToEnd() {
    this.lines.release();
    this.isFollowing = true;
    this.say();
    this.toBottom();
  }

  toBottom() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    const isMore = this.lines.waiting.length > 0;
    if (isAtEnd && isMore && !this.lines.hasGap) this.showMore();
    this.isFollowing = isAtEnd && !isMore;
    this.say();
  }

  /** Lines go above while others come below: the last one seen stays where it is. */
  showMore() {
    const seen = document.getElementById(`L${this.lines.last}`);
    const before = seen.getBoundingClientRect().top;
    this.lines.releaseSome();
    this.box.scrollTop += seen.getBoundingClientRect().top - before;
  }

  /** What the button says: whether this is the end, or how much there is below. */
  say() {
    const below = this.isFollowing ? 0 : this.linesBelow();
    const isBehind = below > 0;
    let text = "following";
    if (isBehind) text = `${count(below)} below ↓`;
    else if (this.isEnded) text = `end · ${count(this.total)}`;
    if (this.followButton.textContent !== text) this.followButton.textContent = text;
    this.followButton.setAttribute("aria-pressed", String(this.isFollowing));
    this.followButton.classList.toggle("is-behind", isBehind);
    this.followButton.classList.toggle("is-following", !isBehind && !this.isEnded);
    this.sayEarlier();
  }

  linesBelow() {
    const at = lineAt(this.box, "bottom");
    const seen = at ? Number(at.id.slice(1)) : this.lines.last;
    return Math.max(this.total, this.lines.newest) - seen;
  }

  sayEarlier() {
    const earlier = this.section.querySelector("[data-earlier]");
    earlier.hidden = this.lines.first <= 1;
    earlier.querySelector("[data-earlier-to]").textContent = (this.lines.first - 1).toLocaleString("en-GB");
  }

  note(text = "") {
    const note = this.section.querySelector("[data-note]");
    note.textContent = this.absent + text;
    note.hidden = !note.textContent;
  }

  onClick(event) {
    if (event.target.closest("[data-earlier-more]")) {
      return this.goTo(this.lines.first - 1, this.lines.first - 1 - EARLIER_LINES);
    }
    const anchor = event.target.closest(".log-no");
    if (!anchor || event.metaKey || event.ctrlKey || event.shiftKey) return;
    // The address changes and the place does not.
    event.preventDefault();
    history.replaceState(null, "", anchor.getAttribute("href"));
    this.markTarget(anchor.parentElement);
  }

  /** A toggle changes the lines' height: the one at the top stays where it is. */
  keepPlace(change) {
    const top = this.isFollowing ? null : lineAt(this.box, "top");
    const before = top?.getBoundingClientRect().top;
    const wasFollowing = this.isFollowing;
    change();
    if (wasFollowing) this.toBottom();
    else if (top) this.box.scrollTop += top.getBoundingClientRect().top - before;
  }
}

function count(lines) {
  return `${lines.toLocaleString("en-GB")} ${lines === 1 ? "line" : "lines"}`;
}
