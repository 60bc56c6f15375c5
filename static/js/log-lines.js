// The lines of a log that are in the page: blocks of 500, at most 20,000 lines, oldest dropped first.

import { paint, plain } from "./ansi.js";
import { clockTime } from "./durations.js";

const MOST_LINES = 20_000;
const BLOCK_LINES = 500;
const END_LINES = 2_000; // shown by a jump to the end
const LONG = 800; // characters; a longer line shows its first rows until it is opened
const LONGEST = 65_536; // characters that a line brings into the page before it is opened

const ERROR = /\b(?:ERROR|CRITICAL|FATAL)\b|^Traceback \(most recent|^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)\b/;
const WARNING = /\bWARN(?:ING)?\b/;

export class LogLines {
  constructor(box) {
    this.box = box;
    this.count = 0;
    this.first = this.last = 0; // line numbers
    this.waiting = []; // lines as the server sent them, for which there was no room
    this.hasGap = false; // some of those were dropped: what is shown does not lead on to the rest
    this.takeOver();
  }

  /** The lines that the server drew get their colours; from here on they are like all others. */
  takeOver() {
    const lines = [...this.box.querySelectorAll(".log-line")];
    this.box.replaceChildren();
    for (const line of lines) {
      const number = Number(line.id.slice(1));
      const text = line.querySelector(".log-text");
      dress(line, text.dataset.written ?? text.textContent);
      delete text.dataset.written;
      const anchor = line.querySelector(".log-no");
      if (anchor.title) anchor.dataset.at = timeOf(anchor.title);
      this.put(line, number);
    }
  }

  /** `lines` are [number, iso time or null, text, source], in order; known numbers are skipped. */
  append(lines) {
    for (const line of lines) if (line[0] > this.last) this.put(newLine(line), line[0]);
  }

  put(element, number) {
    let block = this.box.lastElementChild;
    if (!block || block.childElementCount >= BLOCK_LINES) {
      block = document.createElement("div");
      block.className = "log-block";
      this.box.append(block);
    }
    block.append(element);
    this.first ||= number;
    this.last = number;
    this.count++;
  }

  /** Drops the oldest blocks beyond the window. */
  trim() {
    while (this.count - BLOCK_LINES >= MOST_LINES) {
      const block = this.box.firstElementChild;
      this.count -= block.childElementCount;
      block.remove();
      this.first = Number(this.box.firstElementChild.firstElementChild.id.slice(1));
    }
  }

  /** Shows new lines; false when the window is full and they have to wait. */
  take(lines, isFollowing) {
    const isFull = this.count + lines.length > MOST_LINES;
    if (!this.waiting.length && (isFollowing || !isFull)) {
      this.append(lines);
      return true;
    }
    this.waiting.push(...lines);
    const tooMany = this.waiting.length - MOST_LINES;
    if (tooMany > 0) {
      this.waiting.splice(0, tooMany);
      this.hasGap = true;
    }
    return false;
  }

  /** Goes on with the newest lines that wait; what is too far back to lead on to them goes. */
  release() {
    const lines = this.waiting.slice(-END_LINES);
    if (this.hasGap || lines.length < this.waiting.length) this.clear();
    this.waiting = [];
    this.append(lines);
  }

  /** Shows the next few that wait. */
  releaseSome() {
    this.append(this.waiting.splice(0, BLOCK_LINES));
    this.trim();
  }

  /** The newest line's number, shown or waiting. */
  get newest() {
    return this.waiting.at(-1)?.[0] ?? this.last;
  }

  clear() {
    this.box.replaceChildren();
    this.count = this.first = this.last = 0;
    this.waiting = [];
    this.hasGap = false;
  }
}

function newLine([number, at, written, source]) {
  const line = document.createElement("div");
  line.className = source === "system" ? "log-line is-system" : "log-line";
  line.id = `L${number}`;
  const anchor = document.createElement("a");
  anchor.className = "log-no";
  anchor.href = `#L${number}`;
  anchor.textContent = number;
  if (at) {
    anchor.title = at;
    anchor.dataset.at = timeOf(at);
  }
  const text = document.createElement("span");
  text.className = "log-text";
  line.append(anchor, text);
  dress(line, written);
  return line;
}

function dress(line, written) {
  const text = line.querySelector(".log-text");
  const seen = plain(written);
  if (ERROR.test(seen)) line.classList.add("is-error");
  else if (WARNING.test(seen)) line.classList.add("is-warning");
  paint(text, seen.length > LONGEST ? written.slice(0, LONGEST) : written);
  if (seen.length > LONG) foldLong(line, text, written, seen.length);
}

function foldLong(line, text, written, length) {
  line.classList.add("is-long");
  const more = document.createElement("button");
  more.type = "button";
  more.className = "log-more";
  more.textContent = `all ${length.toLocaleString("en-GB")} characters`;
  more.addEventListener("click", () => {
    line.classList.remove("is-long");
    paint(text, written);
    more.remove();
  });
  line.append(more);
}

function timeOf(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : `${clockTime(at)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
