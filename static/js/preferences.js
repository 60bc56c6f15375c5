// What a reader chooses: theme, zone and single-key shortcuts. Theme and zone are cookies, so that
// the server writes them into the page and nothing flashes before the first paint.

import { setZone } from "./durations.js";

const YEAR_S = 365 * 24 * 3600;
const NO_KEYS = "flightboard:no-keys";

/** To the other theme; back at what the system says, the page follows the system again. */
export function toggleTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const wanted = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  const isChoice = wanted !== system;
  if (isChoice) root.dataset.theme = wanted;
  else delete root.dataset.theme;
  keep("theme", wanted, isChoice);
}

export function toggleZone() {
  const wanted = document.documentElement.dataset.zone === "utc" ? "local" : "utc";
  setZone(wanted);
  keep("zone", wanted, wanted === "utc");
  dispatchEvent(new CustomEvent("flightboard:zone"));
}

export function hasKeys() {
  return localStorage.getItem(NO_KEYS) === null;
}

export function toggleKeys() {
  if (hasKeys()) localStorage.setItem(NO_KEYS, "1");
  else localStorage.removeItem(NO_KEYS);
  showKeys();
}

export function showKeys() {
  for (const button of document.querySelectorAll("[data-keys-switch]")) {
    button.setAttribute("aria-pressed", String(hasKeys()));
    button.querySelector("[data-keys-state]").textContent = hasKeys() ? "on" : "off";
  }
}

function keep(name, value, isChoice) {
  document.cookie = `${name}=${value}; path=/; max-age=${isChoice ? YEAR_S : 0}; samesite=lax`;
}
