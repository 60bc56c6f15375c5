// What the palette offers on this page: its actions, those of the frame, and the pages of the rail.
// An element with `data-command="Abort this run"` is one of them; choosing it clicks the element.

import { copyText } from "./copy.js";
import { toggleKeys, toggleTheme, toggleZone } from "./preferences.js";

export function commands() {
  const own = [...document.querySelectorAll("[data-command], main [data-opens], main .page-actions :is(a, button)")];
  const offered = own.filter((element) => element.checkVisibility() && !element.disabled);
  return [
    ...offered.map((element) => ({ label: nameOf(element), icon: "more", run: () => element.click() })),
    { label: "Copy link", more: ".", icon: "copy", run: () => copyText(location.href, "The link is copied") },
    { label: "Switch between light and dark", icon: "theme", run: toggleTheme },
    { label: "Switch between UTC and local time", icon: "clock", run: toggleZone },
    { label: "Keyboard shortcuts", more: "?", icon: "keys", run: () => press("help") },
    { label: "Turn single-key shortcuts on or off", icon: "keys", run: toggleKeys },
    { label: "Runs that I wait for", icon: "bell", run: () => press("waiting") },
  ];
}

/** The frame's own buttons do it: importing their code here would make a circle of imports. */
function press(action) {
  document.querySelector(`[data-action="${action}"]`)?.click();
}

function nameOf(element) {
  return element.dataset.command || element.textContent.trim() || element.ariaLabel;
}

export function pages() {
  return [...document.querySelectorAll(".rail [data-goto]")].map((link) => ({
    label: link.textContent.trim(),
    more: placeOf(link),
    icon: iconOf(link),
    url: link.href,
  }));
}

/** Where the page is: the address's project and domain, if it has them. */
function placeOf(link) {
  const found = /\/domain\/([^/]+)\/project\/([^/]+)\//.exec(link.pathname);
  return found ? `${decodeURIComponent(found[2])} / ${decodeURIComponent(found[1])}` : "";
}

function iconOf(link) {
  return link.querySelector("use")?.getAttribute("href").slice("#icon-".length) ?? "more";
}
