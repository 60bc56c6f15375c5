// The help sheet: made of the same table that the keyboard obeys, and of what the page adds to it.

import { openById } from "./dialog.js";
import { shortcuts } from "./keyboard.js";

export function open() {
  const sheet = document.querySelector("#help [data-keys]");
  sheet.replaceChildren(...shortcuts().flatMap(section));
  openById("help");
}

function section({ title, keys }) {
  const head = document.createElement("h3");
  head.textContent = title;
  const list = document.createElement("dl");
  list.append(...keys.map(line));
  return [head, list];
}

function line([keys, says]) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  for (const key of keys.split(" ")) term.append(...cap(key));
  const what = document.createElement("dd");
  what.textContent = says;
  line.append(term, what);
  return line;
}

function cap(key) {
  const cap = document.createElement("kbd");
  cap.textContent = key;
  return [cap, " "];
}
