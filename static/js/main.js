// Entry of every page: starts the clocks and the live sections; the rest is loaded when it is used.

import { startClock } from "./durations.js";
import { Live } from "./live.js";
import { MODULES } from "./modules.js";
import { RowList } from "./rows.js";

const TOAST_MS = 10_000;
const YEAR_S = 365 * 24 * 3600;

const live = new Live();
const typed = []; // keys pressed before the keyboard's code was there

startClock();
for (const section of document.querySelectorAll('[data-live="runs"]')) watchRuns(section);
if (document.querySelector('[data-live="run"]')) import("./run-page.js").then((page) => page.start(live));
for (const element of document.querySelectorAll("[data-module]")) {
  MODULES[element.dataset.module]().then((module) => module.start(element, live));
}
document.addEventListener("click", onClick);
document.addEventListener("keydown", onFirstKeys);
document.addEventListener("input", onInput);
tidyToasts();
countDown();

function watchRuns(section) {
  const args = JSON.parse(section.dataset.args);
  const rows = new RowList(section, { takesNew: args.first });
  live.subscribe("runs", args, section.dataset.cursor, (frame) => rows.apply(frame));
}

/** Buttons name what they do; its code comes with the first click. */
function onClick(event) {
  const opener = event.target.closest("[data-opens]");
  const button = event.target.closest("[data-action]");
  if (opener) {
    event.preventDefault();
    import("./dialog.js").then((dialog) => dialog.open(opener));
  } else if (button) act(button.dataset.action, button, event);
}

function act(action, button, event) {
  if (action === "dismiss") button.closest("li").remove();
  if (action === "copy") import("./copy.js").then((copy) => copy.copyBeside(button));
  if (action === "theme") toggleTheme();
  if (action === "help") import("./dialog.js").then((dialog) => dialog.openById("help"));
  if (action === "close" && button.closest("dialog[open]")) {
    event.preventDefault();
    button.closest("dialog").close();
  }
}

/** To the other theme. The choice is a cookie, so that the server writes it into the page and nothing
 * flashes before the first paint; back at what the system says, the page follows the system again. */
function toggleTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const wanted = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  const isChoice = wanted !== system;
  if (isChoice) root.dataset.theme = wanted;
  else delete root.dataset.theme;
  document.cookie = `theme=${wanted}; path=/; max-age=${isChoice ? YEAR_S : 0}; samesite=lax`;
}

/** Keys typed while their code is on its way wait for it: `g r` may be typed faster than it loads. */
function onFirstKeys(event) {
  if (event.key === "Tab" || event.key === "Shift") return;
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
