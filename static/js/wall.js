// The wall: its own socket that comes back for ever, figures replaced by key, a clock, and words
// for data that has grown old. Nothing here grows with time.

import { clockTime, serverNow, startClock } from "./durations.js";
import { applyParts } from "./rows.js";

const SILENT_MS = 30_000; // the server says something every ten seconds
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const ENDED = 4401; // close code: signed out, or the link was revoked

const wall = document.getElementById("wall");
const age = document.getElementById("age");
const clock = document.getElementById("clock");
const args = JSON.parse(wall.dataset.args);
const token = /^\/wall\/link\/([\w-]+)$/.exec(location.pathname)?.[1];

let socket = null;
let failures = 0;
let heardAt = serverNow(); // by this browser's clock, not by what the data claims
let readAt = Date.parse(wall.dataset.at) || 0;
let lostSince = 0; // the platform's own trouble
let ended = ""; // why nothing more will come
let isReloading = false;

startClock();
connect();
tick();

function connect() {
  const address = new URL(token ? "/ws/wall" : "/ws", location.href);
  address.protocol = location.protocol.replace("http", "ws");
  const own = (socket = new WebSocket(address, token ? ["flightboard", `token.${token}`] : []));
  own.onopen = () => own.send(JSON.stringify({ type: "subscribe", id: "wall", topic: "wall", args, cursor: null }));
  own.onmessage = (event) => hear(JSON.parse(event.data), own);
  own.onclose = (event) => closed(event, own);
}

function hear(frame, own) {
  failures = 0;
  apply(frame);
  own.send(JSON.stringify({ type: "ack", seq: frame.seq }));
}

/** One frame of the topic; also what the tests push. */
export function apply(frame) {
  if (frame.type === "state") lostSince = frame.state === "reconnecting" ? Date.parse(frame.since) : 0;
  else if (frame.type === "error") ended = frame.message;
  else if (frame.type === "snapshot" || frame.type === "update") {
    heardAt = serverNow();
    ended = "";
    readAt = Date.parse(frame.at) || readAt;
    applyParts(wall, frame.parts);
    if (frame.release && frame.release !== wall.dataset.release) reload();
  }
  show();
}

function closed(event, own) {
  if (socket !== own) return;
  if (event.code === ENDED) ended ||= token ? "This link was revoked." : "You are signed out.";
  // Also then: who signs in again, or a server that was wrong, brings the wall back by itself.
  const longest = event.code === ENDED ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++);
  lostSocket();
  setTimeout(connect, longest * (0.5 + Math.random() / 2));
}

function lostSocket() {
  socket = null;
  show();
}

/** Another edition of the server draws another wall; loaded only when it can be had. */
async function reload() {
  if (isReloading) return;
  isReloading = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.ok) return location.reload();
  } catch {
    // It is being started: the next message asks again.
  }
  setTimeout(() => (isReloading = false), LONGEST_PAUSE_MS);
}

function tick() {
  clock.textContent = clockTime(serverNow());
  show();
  setTimeout(tick, 1000 - (Date.now() % 1000));
}

function show() {
  const since = staleSince();
  wall.toggleAttribute("data-stale", Boolean(since || ended));
  document.documentElement.toggleAttribute("data-stale", Boolean(since || ended));
  const words = ended ? `${ended} Stale since ${clockTime(readAt || heardAt)}` : since ? `stale since ${clockTime(since)}` : fresh();
  if (age.textContent !== words) age.textContent = words;
}

function staleSince() {
  if (lostSince) return lostSince;
  return serverNow() - heardAt > SILENT_MS ? readAt || heardAt : 0;
}

function fresh() {
  return readAt ? `as of ${clockTime(readAt)}` : "no data yet";
}
