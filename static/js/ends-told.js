// Tells what ended elsewhere: a message in the page for a run that the reader started or waits for, and
// a notification of the browser's for one that they asked about. One tab tells, whichever is first.

import { ENDED } from "./title.js";
import { toast } from "./toasts.js";
import { add, all, drop, find, onChange, runOfPage } from "./waited.js";

const watched = new Map(); // "project/domain" → id of the subscription
const BUTTON = '[data-action="notify"]';

let isStarted = false;

export function start(live) {
  if (isStarted) return;
  isStarted = true;
  takeUpStarted();
  const follow = () => {
    watchScopes(live);
    showButtons();
  };
  follow();
  onChange(follow);
}

/** The page before this one started a run: this is its page. */
function takeUpStarted() {
  const run = runOfPage();
  if (!run || !sessionStorage.getItem("flightboard:starts")) return;
  sessionStorage.removeItem("flightboard:starts");
  if (!find(run.key)) add({ ...run, isAsked: false });
}

/** One subscription for each project and domain in which something is waited for, none otherwise. */
function watchScopes(live) {
  const wanted = new Map(all().map((item) => [`${item.project}/${item.domain}`, item]));
  for (const [scope, id] of watched) {
    if (wanted.has(scope)) continue;
    live.unsubscribe(id);
    watched.delete(scope);
  }
  for (const [scope, { project, domain }] of [...wanted].slice(0, 8)) {
    if (watched.has(scope)) continue;
    watched.set(scope, live.subscribe("ends", { project, domain }, null, (frame) => hear(scope, frame)));
  }
}

function hear(scope, frame) {
  for (const end of frame.ended ?? []) {
    const item = find(`${scope}/${end.run}`);
    if (item) tell(item, end);
  }
}

/** The lock lets one tab look at the list at a time: who finds the run still there tells its end. */
async function tell(item, end) {
  const isFirst = await alone(item.key, () => {
    const isStillWaited = Boolean(find(item.key));
    drop(item.key);
    return isStillWaited;
  });
  if (!isFirst) return;
  const words = `${item.label} ${end.words}`;
  const isHere = runOfPage()?.key === item.key && !document.hidden;
  if (!isHere) toast(words, end.phase === "succeeded" ? "success" : "error", { label: `Open run ${item.run}`, url: item.url });
  if (item.isAsked && !isHere) notify(words, item);
}

function alone(key, work) {
  return navigator.locks ? navigator.locks.request(`flightboard:${key}`, work) : Promise.resolve(work());
}

function notify(words, item) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(words, { body: `${item.project} / ${item.domain} · ${item.run}`, tag: item.key });
  shown.onclick = () => {
    window.focus();
    location.assign(item.url);
  };
}

function showButtons() {
  const run = runOfPage();
  if (!run) return;
  for (const button of document.querySelectorAll(BUTTON)) {
    button.hidden = ENDED.includes(run.phase);
    button.setAttribute("aria-pressed", String(Boolean(find(run.key)?.isAsked)));
  }
}
