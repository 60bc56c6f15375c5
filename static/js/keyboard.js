// The keyboard: / j k enter g r g p 1-4 f ? esc. Loaded with the first key that is pressed.

const CHORD_MS = 1200;
const GOTO = { h: "home", p: "home", r: "runs", t: "tasks", s: "secrets" };

let chordUntil = 0;

/** `typed` are the keys that were pressed before this code was loaded. */
export function start(typed) {
  document.addEventListener("keydown", onKey);
  typed.forEach(onKey);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, textarea, select")) return leaveField(event);
  if (Date.now() < chordUntil) return goTo(event);
  const act = ACTS[event.key];
  if (act?.(event)) event.preventDefault();
}

const ACTS = {
  "/": () => focusSearch(),
  j: () => moveBy(1),
  k: () => moveBy(-1),
  g: () => (chordUntil = Date.now() + CHORD_MS),
  f: () => click("[data-follow]"),
  "?": () => click('[data-action="help"]'),
  Escape: () => goUp(),
  ArrowLeft: (event) => fold(event, true),
  ArrowRight: (event) => fold(event, false),
  1: () => click(".tabs a:nth-child(1)"),
  2: () => click(".tabs a:nth-child(2)"),
  3: () => click(".tabs a:nth-child(3)"),
  4: () => click(".tabs a:nth-child(4)"),
};

function leaveField(event) {
  if (event.key === "Escape") event.target.blur();
}

function goTo(event) {
  chordUntil = 0;
  if (click(`[data-goto="${GOTO[event.key] ?? ""}"]`)) event.preventDefault();
}

function goUp() {
  return click("[data-up]");
}

function click(selector) {
  const element = document.querySelector(selector);
  element?.click();
  return Boolean(element);
}

function focusSearch() {
  const field = [...document.querySelectorAll("[data-search]")].find((input) => input.checkVisibility());
  field?.focus();
  field?.select();
  return Boolean(field);
}

/** Moves the focus to the next row that can be seen; from nowhere, to the chosen or first one. */
function moveBy(step) {
  const links = [...document.querySelectorAll("main .row-link")].filter((link) => link.checkVisibility());
  if (!links.length) return false;
  const at = links.indexOf(document.activeElement);
  const chosen = links.findIndex((link) => link.closest(".is-selected"));
  const next = at >= 0 ? at + step : chosen >= 0 ? chosen + step : 0;
  const link = links[Math.min(links.length - 1, Math.max(0, next))];
  // Focus asked for by a key must be seen, whatever was used before it.
  link.focus({ focusVisible: true });
  link.scrollIntoView({ block: "nearest" });
  return true;
}

function fold(event, isWanted) {
  const item = event.target.closest("[data-tree] [data-key]");
  const twisty = item?.querySelector(":scope > .twisty");
  if (!twisty || item.classList.contains("is-folded") === isWanted) return false;
  twisty.click();
  return true;
}
