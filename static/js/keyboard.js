// The keyboard, loaded with the first key that is pressed. One table says what each key does and what
// the help sheet tells of it; a page adds its own with `data-shortcut="w" data-says="Wrap the lines"`
// on the element that the key clicks, or focuses if it is a field.

import { hasKeys } from "./preferences.js";

const CHORD_MS = 1200;
const MODIFIER = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl";

let chordUntil = 0;

const ANYWHERE = [
  [["/"], "/", "Search in this page", () => focusSearch()],
  [["j"], "j", "Next row", () => moveBy(1)],
  [["k"], "k", "Previous row", () => moveBy(-1)],
  [[], "enter", "Open the row"],
  [["x"], "x", "Select the row", () => select()],
  [["ArrowLeft"], "←", "Fold the row", (event) => fold(event, true)],
  [["ArrowRight"], "→", "Unfold the row", (event) => fold(event, false)],
  [["["], "[", "Newer page", () => click('[rel="prev"]')],
  [["]"], "]", "Older page", () => click('[rel="next"]')],
  [["Escape"], "esc", "Close, or one level up", () => closeMenu() || click("[data-up]")],
  [["."], ".", "Copy the link to this page", () => copyLink()],
  [["?"], "?", "This sheet", () => click('[data-action="help"]')],
];

const ON_ACTIONS = [
  [["1", "2", "3", "4", "5", "6", "7", "8", "9"], "1 … 9", "Tabs of an action", (event) => click(`.tabs a:nth-child(${event.key})`), ".tabs a"],
  [["f"], "f", "Follow the log", () => click("[data-follow]"), "[data-follow]"],
];

const GO_TO = [
  ["h", "home", "Home"],
  ["r", "runs", "Runs"],
  ["t", "tasks", "Tasks"],
  ["i", "triggers", "Triggers"],
  ["a", "apps", "Apps"],
  ["s", "secrets", "Secrets"],
  ["p", "projects", "Projects"],
  ["w", "wall", "Wall"],
];

/** `typed` are the keys that were pressed before this code was loaded. */
export function start(typed) {
  document.addEventListener("keydown", onKey);
  typed.forEach(onKey);
}

/** Everything that works on this page, for the help sheet. */
export function shortcuts() {
  const told = ([, keys, says]) => [keys, says];
  const own = [
    ...ON_ACTIONS.filter(([, , , , where]) => document.querySelector(where)).map(told),
    ...ownElements().map((element) => [element.dataset.shortcut, element.dataset.says]),
  ];
  const places = GO_TO.filter(([, name]) => placeNamed(name)).map(([key, , says]) => [`g ${key}`, says]);
  return [
    { title: "Everywhere", keys: [[`${MODIFIER} K`, "Search and commands"], ...ANYWHERE.map(told)] },
    ...(own.length ? [{ title: "On this page", keys: own }] : []),
    { title: "Go to", keys: places },
  ];
}

function onKey(event) {
  if (event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) return leaveField(event);
  if (!hasKeys() && event.key.length === 1) return;
  if (Date.now() < chordUntil) return goTo(event);
  if (event.key === "g") return void (chordUntil = Date.now() + CHORD_MS);
  if (act(event)) event.preventDefault();
}

function isTyping(target) {
  const field = target.closest?.("input, textarea, select, [contenteditable]");
  return Boolean(field) && !["checkbox", "radio", "button", "submit"].includes(field.type);
}

function act(event) {
  const own = ownElements().find((element) => element.dataset.shortcut === event.key);
  if (own) return use(own);
  const known = [...ANYWHERE, ...ON_ACTIONS].find(([keys]) => keys.includes(event.key));
  return known?.[3]?.(event);
}

function ownElements() {
  return [...document.querySelectorAll("[data-shortcut]")].filter((element) => element.checkVisibility());
}

function use(element) {
  if (isTyping(element)) element.focus();
  else element.click();
  return true;
}

function leaveField(event) {
  if (event.key === "Escape") event.target.blur();
}

function goTo(event) {
  chordUntil = 0;
  const place = placeNamed(GO_TO.find(([key]) => key === event.key)?.[1]);
  if (!place) return;
  event.preventDefault();
  location.assign(place.href);
}

function placeNamed(name) {
  return document.querySelector(`[data-goto="${name ?? ""}"]`);
}

function closeMenu() {
  const menu = document.querySelector("details.menu[open], details.rail-more[open]");
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
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

function copyLink() {
  import("./copy.js").then((copy) => copy.copyText(location.href, "The link is copied"));
  return true;
}

function rows() {
  return [...document.querySelectorAll("main .row-link")].filter((link) => link.checkVisibility());
}

/** Moves the focus to the next row that can be seen; from nowhere, to the chosen or first one. */
function moveBy(step) {
  const links = rows();
  if (!links.length) return false;
  const at = links.findIndex((link) => link === document.activeElement || isRowOf(link));
  const chosen = links.findIndex((link) => link.closest(".is-selected"));
  const next = at >= 0 ? at + step : chosen >= 0 ? chosen + step : 0;
  const link = links[Math.min(links.length - 1, Math.max(0, next))];
  // Focus asked for by a key must be seen, whatever was used before it.
  link.focus({ focusVisible: true });
  link.scrollIntoView({ block: "nearest" });
  return true;
}

/** The focus may stand on the row's checkbox. */
function isRowOf(link) {
  const focused = document.activeElement;
  return focused.type === "checkbox" && Boolean(link.closest("tr, li, [data-key]")?.contains(focused));
}

/** Ticks the row that has the focus, in lists whose rows can be ticked. */
function select() {
  const row = document.activeElement?.closest("tr, li, [data-key]");
  const box = row?.querySelector('input[type="checkbox"]');
  box?.click();
  return Boolean(box);
}

function fold(event, isWanted) {
  const item = event.target.closest("[data-tree] [data-key]");
  const twisty = item?.querySelector(":scope > .twisty");
  if (!twisty || item.classList.contains("is-folded") === isWanted) return false;
  twisty.click();
  return true;
}
