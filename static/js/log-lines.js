// One line of a log as an element: its number, its text in colours, and whether it is an error.

import { paint, plain } from "./ansi.js";

const LONG = 800; // characters; a longer line shows its first rows until it is opened

/** `line` is `[number, moment, text, source, level, size?]`, or undefined while it is on its way. */
export function lineElement(number, line, { openLine, isOpen }) {
  const element = document.createElement("div");
  element.className = "log-line";
  element.id = `L${number}`;
  const anchor = document.createElement("a");
  anchor.className = "log-no";
  anchor.href = `#L${number}`;
  anchor.textContent = number;
  anchor.tabIndex = -1;
  const text = document.createElement("span");
  text.className = "log-text";
  element.append(anchor, text);
  if (!line) {
    element.classList.add("is-missing");
    return element;
  }
  const [, at, written, source, level, size] = line;
  if (at) {
    anchor.title = at;
    anchor.dataset.at = timeOf(at);
  }
  if (source === "system") element.classList.add("is-system");
  if (level) element.classList.add(`is-${level}`);
  paint(text, written);
  const length = size || plain(written).length;
  if (length > LONG && !isOpen) foldLong(element, length, () => openLine(number, Boolean(size)));
  return element;
}

function foldLong(element, length, open) {
  element.classList.add("is-long");
  const more = document.createElement("button");
  more.type = "button";
  more.className = "log-more";
  more.textContent = `all ${length.toLocaleString("en-GB")} characters`;
  more.addEventListener("click", open);
  element.append(more);
}

const two = (number) => String(number).padStart(2, "0");

/** The time of day in the zone that the reader has chosen, with milliseconds. */
function timeOf(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  if (document.documentElement.dataset.zone === "utc") return at.toISOString().slice(11, 23);
  const ms = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}
