// Terminal output as DOM nodes: colours become classes, every other escape sequence is dropped.
// Text only ever enters the page as text nodes.

const ESCAPES = /\x1b(?:\[([0-?]*)([ -/]*[@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])/g;
const HAS_CODES = /\x1b/;
// What would be invisible, or turn the text around: shown by name, as `log_text.py` does.
const UNSEEN = /(?:[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}])+/gu;
const MOST_NAMED = 8;

/** Puts a line into `target`. A line that overwrote itself (\r) shows its last state. */
export function paint(target, written) {
  const line = lastState(written);
  if (!HAS_CODES.test(line)) {
    target.replaceChildren(...visible(line));
    return;
  }
  const style = {};
  const nodes = [];
  let from = 0;
  for (const found of line.matchAll(ESCAPES)) {
    if (found.index > from) nodes.push(...piece(line.slice(from, found.index), style));
    from = found.index + found[0].length;
    if (found[2] === "m" && /^[\d;:]*$/.test(found[1])) restyle(style, found[1]);
  }
  if (from < line.length) nodes.push(...piece(line.slice(from), style));
  target.replaceChildren(...nodes);
}

/** HTML parsing makes "\n" of "\r"; a line holds no other line break, so both mean the same. */
function lastState(written) {
  const states = written.split(/[\r\n]+/).filter((state) => state.replace(ESCAPES, "") !== "");
  return states.at(-1) ?? "";
}

/** The text that a reader sees, for counting and searching. */
export function plain(written) {
  return lastState(written).replace(ESCAPES, "");
}

/** Text nodes, with what can't be seen as a mark of its own. */
function visible(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(UNSEEN)) {
    if (found.index > from) nodes.push(document.createTextNode(text.slice(from, found.index)));
    from = found.index + found[0].length;
    const mark = document.createElement("span");
    mark.className = "a-unseen";
    mark.textContent = namesOf([...found[0]]);
    nodes.push(mark);
  }
  if (from < text.length) nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

/** Of many in a row the first few are named, or a line of nothing else would fill the page. */
function namesOf(chars) {
  const names = chars.slice(0, MOST_NAMED).map((char) => nameOf(char.codePointAt(0)));
  return names.join(" ") + (chars.length > MOST_NAMED ? ` and ${chars.length - MOST_NAMED} more` : "");
}

function nameOf(code) {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function piece(text, style) {
  const names = ["bold", "dim", "italic", "under", "strike"].filter((name) => style[name]);
  const classes = names.map((name) => `a-${name}`);
  let { ink, ground } = style;
  if (style.inverse) [ink, ground] = [ground ?? 0, ink ?? 7];
  // A ground brings its own ink, or the two might be the same.
  if (typeof ground === "number") classes.push("a-on", `a-on-${ground % 8}`);
  else if (ground) classes.push("a-ground");
  else if (typeof ink === "number") classes.push(`a-${ink % 8}`);
  else if (ink) classes.push("a-ink");
  if (!classes.length) return visible(text);
  const span = document.createElement("span");
  span.className = classes.join(" ");
  // Set on the object model, which the content policy allows; a style attribute it would not.
  if (classes.includes("a-ground")) span.style.setProperty("--ground-of", ground);
  if (classes.includes("a-ink")) span.style.setProperty("--ink-of", ink);
  span.append(...visible(text));
  return [span];
}

const SWITCHES = {
  1: ["bold", true], 2: ["dim", true], 3: ["italic", true], 4: ["under", true], 7: ["inverse", true],
  9: ["strike", true], 21: ["under", true], 23: ["italic", false], 24: ["under", false],
  27: ["inverse", false], 29: ["strike", false], 39: ["ink", undefined], 49: ["ground", undefined],
};

function restyle(style, codes) {
  const numbers = codes.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at];
    if (code === 0) for (const name of Object.keys(style)) delete style[name];
    else if (code === 22) style.bold = style.dim = false;
    else if (code in SWITCHES) style[SWITCHES[code][0]] = SWITCHES[code][1];
    else if (code === 38 || code === 48) at = extended(style, code === 38 ? "ink" : "ground", numbers, at);
    else if (code >= 30 && code <= 37) style.ink = code - 30;
    else if (code >= 90 && code <= 97) style.ink = code - 82;
    else if (code >= 40 && code <= 47) style.ground = code - 40;
    else if (code >= 100 && code <= 107) style.ground = code - 92;
  }
}

/** `38;5;n` names one of 256 colours, `38;2;r;g;b` any. Returns the place of its last number. */
function extended(style, what, numbers, at) {
  if (numbers[at + 1] === 5) {
    style[what] = paletteColour(numbers[at + 2] ?? 0);
    return at + 2;
  }
  if (numbers[at + 1] === 2) {
    style[what] = rgb(numbers.slice(at + 2, at + 5));
    return at + 4;
  }
  return at;
}

function paletteColour(n) {
  if (n < 16) return n;
  if (n >= 232) return rgb(Array(3).fill(8 + 10 * (n - 232)));
  const steps = [Math.floor((n - 16) / 36), Math.floor((n - 16) / 6) % 6, (n - 16) % 6];
  return rgb(steps.map((step) => (step ? 55 + 40 * step : 0)));
}

function rgb(parts) {
  return `rgb(${parts.map((part) => Math.min(255, Math.max(0, part || 0))).join(" ")})`;
}
