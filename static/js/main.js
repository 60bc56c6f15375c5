// Entry of every page: starts the clocks and the live sections; the rest is loaded when it is used.

import { startClock } from "./durations.js";
import { Live } from "./live.js";
import { RowList } from "./rows.js";
import { showCounts } from "./title.js";

const TOAST_MS = 10_000;

const live = new Live();
const typed = []; // keys pressed before the keyboard's code was there
let forPalette = null; // text typed while the palette's code is on its way; null while it isn't

startClock();
for (const section of document.querySelectorAll('[data-live="runs"]')) watchRuns(section);
if (document.querySelector('[data-live="run"]')) import("./run-page.js").then((page) => page.start(live));
if (document.querySelector("[data-module]")) import("./modules.js").then(({ MODULES }) => startModules(MODULES));
document.addEventListener("click", onClick);
document.addEventListener("keydown", typeAhead, true);
document.addEventListener("keydown", onFirstKeys);
document.addEventListener("input", onInput);
document.addEventListener("toggle", onToggle, true);
document.addEventListener("submit", onSubmit);
tidyToasts();
countDown();
whenIdle(() => import("./ends.js").then((ends) => ends.start(live)));

function startModules(modules) {
  for (const element of document.querySelectorAll("[data-module]")) {
    modules[element.dataset.module]().then((module) => module.start(element, live));
  }
}

function watchRuns(section) {
  const args = JSON.parse(section.dataset.args);
  const rows = new RowList(section, { takesNew: args.first });
  live.subscribe("runs", args, section.dataset.cursor, (frame) => {
    rows.apply(frame);
    if (frame.rows || frame.removed) showCounts(section, frame);
  });
}

/** Buttons name what they do; its code comes with the first click. */
function onClick(event) {
  closeMenus(event.target);
  const opener = event.target.closest("[data-opens]");
  const button = event.target.closest("[data-action]");
  if (opener) {
    event.preventDefault();
    import("./dialog.js").then((dialog) => dialog.open(opener));
  } else if (button) act(button.dataset.action, button, event);
}

const ACTS = {
  dismiss: (button) => button.closest("li").remove(),
  copy: (button) => import("./copy.js").then((copy) => copy.copyBeside(button)),
  theme: () => import("./preferences.js").then((preferences) => preferences.toggleTheme()),
  zone: () => import("./preferences.js").then((preferences) => preferences.toggleZone()),
  keys: () => import("./preferences.js").then((preferences) => preferences.toggleKeys()),
  help: () => import("./help.js").then((help) => help.open()),
  palette: () => openPalette(),
  notify: (button) => import("./notify.js").then((notify) => notify.toggle(button)),
  waiting: () => import("./notify.js").then((notify) => notify.openList()),
};

function act(action, button, event) {
  // A link that is followed into another tab is a link.
  if (button.localName === "a" && ACTS[action]) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
  }
  ACTS[action]?.(button);
  if (action === "close" && button.closest("dialog[open]")) {
    event.preventDefault();
    button.closest("dialog").close();
  }
}

/** Whoever types on at once, while the code loads, finds their letters in the palette's field. */
async function openPalette() {
  if (forPalette !== null) return;
  forPalette = "";
  const palette = await import("./palette.js");
  palette.open(forPalette);
  forPalette = null;
}

function typeAhead(event) {
  const isPalette = event.key === "k" && (event.ctrlKey || event.metaKey);
  if (isPalette) openPalette();
  else if (forPalette === null || event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  else forPalette += event.key;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A menu closes when something else is used, as menus do. */
function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.menu[open], details.rail-more[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function onToggle(event) {
  const menu = event.target;
  if (!menu.matches?.("details") || !menu.open) return;
  if (menu.matches("[data-picker]")) import("./picker.js").then((picker) => picker.start(menu));
  if (menu.querySelector("[data-keys-switch]")) import("./preferences.js").then(({ showKeys }) => showKeys());
}

/** Whoever starts a run waits for its end: the run's page, which comes next, takes it up. */
function onSubmit(event) {
  const starts = event.target.matches('[action$="/rerun"], [action$="/launch"], [data-starts-run]');
  if (starts && event.target.method === "post") sessionStorage.setItem("flightboard:starts", "1");
}

/** Keys typed while their code is on its way wait for it: `g r` may be typed faster than it loads. */
function onFirstKeys(event) {
  if (["Tab", "Shift", "Control", "Meta", "Alt"].includes(event.key)) return;
  // The browser's own search would take the slash.
  if (event.key === "/" && !event.target.closest("input, textarea, select")) event.preventDefault();
  typed.push(event);
  if (typed.length > 1) return;
  import("./keyboard.js").then((keyboard) => {
    document.removeEventListener("keydown", onFirstKeys);
    keyboard.start(typed);
  });
}

async function onInput(event) {
  const list = event.target.dataset.filters;
  if (list) (await import("./filter.js")).filter(list, event.target.value);
}

/** Good news leaves by itself, unless somebody is reading it; bad news stays. */
function tidyToasts() {
  for (const toast of document.querySelectorAll(".toast-success, .toast-info")) {
    const timer = setTimeout(() => toast.remove(), TOAST_MS);
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(timer));
  }
}

function countDown() {
  const figure = document.querySelector("[data-countdown]");
  if (!figure) return;
  let left = Number(figure.dataset.countdown);
  setInterval(() => (figure.textContent = String((left = Math.max(0, left - 1)))), 1000);
}

function whenIdle(work) {
  if (document.body.dataset.person) (window.requestIdleCallback ?? setTimeout)(work);
}
