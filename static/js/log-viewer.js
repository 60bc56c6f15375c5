// One attempt's log in the page: follows its end until the reader scrolls away, and never scrolls
// for them. Line numbers are permalinks.

import { LogLines, MOST_LINES } from "./log-lines.js";
import { announceAttempt, lineAt, startToggles } from "./log-tools.js";

const NEAR_END_PX = 24;

export class LogViewer {
  constructor(section) {
    this.section = section;
    this.box = section.querySelector(".log-box");
    this.followButton = section.querySelector("[data-follow]");
    this.lines = new LogLines(section.querySelector("[data-lines]"));
    this.waiting = []; // lines that came while the reader was elsewhere and the window was full
    this.hasGap = false; // some of those were dropped: the window begins anew behind them
    this.total = Number(section.dataset.total) || this.lines.last;
    this.isEnded = "ended" in section.dataset;
    this.isFollowing = true;
    this.box.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.box.addEventListener("click", (event) => this.onClick(event));
    this.followButton.addEventListener("click", () => this.goToEnd());
    startToggles(section, (change) => this.keepPlace(change));
    new ResizeObserver(() => this.isFollowing && this.toBottom()).observe(this.box);
    this.begin();
  }

  begin() {
    const line = this.targetLine();
    if (line) {
      this.isFollowing = false;
      line.classList.add("is-target");
      line.scrollIntoView({ block: "center" });
    } else this.toBottom();
    this.say();
  }

  /** The line that the address names, when it is loaded. */
  targetLine() {
    return /^#L\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
  }

  apply(frame) {
    if (frame.type === "state") {
      if (frame.state === "ended") this.isEnded = true;
    } else if (frame.lines) {
      this.total = frame.total ?? this.total;
      this.isEnded = frame.ended;
      this.note(frame.note);
      if (frame.type === "snapshot") this.startAnew();
      this.take(frame.lines);
    }
    this.say();
  }

  startAnew() {
    this.lines.clear();
    this.waiting = [];
    this.hasGap = false;
  }

  take(lines) {
    if (this.isFollowing && this.isReaderBusy()) this.isFollowing = false;
    const isFull = this.lines.count + lines.length > MOST_LINES;
    if (this.waiting.length || (!this.isFollowing && isFull)) return this.keepWaiting(lines);
    this.lines.append(lines);
    if (this.isFollowing) {
      this.lines.trim();
      this.toBottom();
    }
  }

  keepWaiting(lines) {
    this.waiting.push(...lines);
    if (this.waiting.length > MOST_LINES) {
      this.waiting.splice(0, this.waiting.length - MOST_LINES);
      this.hasGap = true;
    }
  }

  /** Whoever selects text would lose it to a scrolling page. */
  isReaderBusy() {
    const selection = getSelection();
    return selection && !selection.isCollapsed && this.box.contains(selection.anchorNode);
  }

  goToEnd() {
    if (this.hasGap) this.startAnewWith(this.waiting);
    else this.lines.append(this.waiting);
    this.waiting = [];
    this.hasGap = false;
    this.lines.trim();
    this.isFollowing = true;
    this.toBottom();
    this.say();
  }

  startAnewWith(lines) {
    this.lines.clear();
    this.lines.append(lines);
  }

  toBottom() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (isAtEnd && this.waiting.length && !this.hasGap) this.showSomeWaiting();
    this.isFollowing = isAtEnd && !this.waiting.length;
    this.say();
  }

  showSomeWaiting() {
    this.lines.append(this.waiting.splice(0, 500));
    this.box.scrollTop -= this.lines.trim();
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
    return Math.max(this.total, this.waiting.at(-1)?.[0] ?? 0) - seen;
  }

  sayEarlier() {
    const earlier = this.section.querySelector("[data-earlier]");
    earlier.hidden = this.lines.first <= 1;
    earlier.querySelector("[data-earlier-to]").textContent = (this.lines.first - 1).toLocaleString("en-GB");
  }

  note(text = "") {
    const note = this.section.querySelector("[data-note]");
    if (note.textContent !== text) note.textContent = text;
    note.hidden = !text;
  }

  onClick(event) {
    const anchor = event.target.closest(".log-no");
    if (!anchor || event.metaKey || event.ctrlKey || event.shiftKey) return;
    // The address changes and the place does not.
    event.preventDefault();
    history.replaceState(null, "", anchor.getAttribute("href"));
    this.box.querySelector(".is-target")?.classList.remove("is-target");
    anchor.parentElement.classList.add("is-target");
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

  /** How many attempts the action has by now. */
  attemptsAre(newest) {
    announceAttempt(this.section, newest);
  }
}

function count(lines) {
  return `${lines.toLocaleString("en-GB")} ${lines === 1 ? "line" : "lines"}`;
}
