// "Tell me when this run ends": asks the browser's permission on that click alone, and keeps the list
// of what is waited for, each with a way to take it back.

import { openById } from "./dialog.js";
import { toast } from "./toasts.js";
import { add, all, drop, find, onChange, runOfPage } from "./waited.js";

/** The button itself follows the list: see `ends-told.js`. */
export async function toggle() {
  const run = runOfPage();
  if (find(run.key)?.isAsked) {
    drop(run.key);
    toast(`You are not told about ${run.label} any more.`);
  } else {
    add({ ...run, isAsked: true });
    const mayNotify = await asked();
    toast(
      mayNotify
        ? `You are told when ${run.label} ends, while a tab of Flightboard is open.`
        : `A message in the page tells when ${run.label} ends: this browser shows no notifications.`,
    );
  }
}

async function asked() {
  if (!("Notification" in window) || !isSecureContext) return false;
  if (Notification.permission === "default") await Notification.requestPermission();
  return Notification.permission === "granted";
}

export function openList() {
  const sheet = document.getElementById("waiting") ?? build();
  draw(sheet);
  openById("waiting");
}

function build() {
  const sheet = document.createElement("dialog");
  sheet.className = "sheet";
  sheet.id = "waiting";
  sheet.setAttribute("aria-labelledby", "waiting-title");
  const head = document.createElement("div");
  head.className = "sheet-head";
  const title = document.createElement("h2");
  title.id = "waiting-title";
  title.textContent = "Runs that I wait for";
  head.append(title, closer());
  const body = document.createElement("div");
  body.className = "sheet-body";
  sheet.append(head, body);
  document.body.append(sheet);
  onChange(() => draw(sheet));
  return sheet;
}

function closer() {
  const button = document.createElement("button");
  button.className = "icon-button";
  button.type = "button";
  button.dataset.action = "close";
  button.ariaLabel = "Close";
  button.textContent = "×";
  return button;
}

function draw(sheet) {
  const items = all();
  const body = sheet.querySelector(".sheet-body");
  if (!items.length) {
    body.textContent = 'None. "Tell me when it ends" on a run\'s page adds it; so does starting one.';
    return;
  }
  const list = document.createElement("ul");
  list.className = "waited";
  list.append(...items.map(line));
  body.replaceChildren(list);
}

function line(item) {
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.href = item.url;
  link.textContent = item.label;
  const name = document.createElement("code");
  name.textContent = item.run;
  const undo = document.createElement("button");
  undo.className = "button";
  undo.type = "button";
  undo.textContent = "Don't wait";
  undo.ariaLabel = `Don't wait for ${item.label}, run ${item.run}`;
  undo.addEventListener("click", () => drop(item.key));
  line.append(link, name, undo);
  return line;
}
