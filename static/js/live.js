// The page's one WebSocket: subscriptions, acknowledgements, coming back when it breaks, and what
// the top bar says about all that.

import { clockTime, serverNow } from "./durations.js";

const ACK_EVERY = 16; // frames; the server stops at 64 that nobody acknowledged
const ACK_AFTER_MS = 200;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 8000;
const SIGNED_OUT = 4401; // close code
const PATIENCE_MS = 3000; // a break shorter than this is no news
const WORST_FIRST = ["signed-out", "offline", "failed", "reconnecting", "connecting"];

export class Live {
  #status = new Status();
  #socket = null;
  #topics = new Map(); // id → {topic, args, cursor, handle}
  #count = 0;
  #seq = 0;
  #acked = 0;
  #ackTimer = 0;
  #failures = 0;
  #lostAt = null;
  #retryTimer = 0;

  constructor() {
    const retryNow = () => this.#socket || this.#connect();
    addEventListener("online", () => {
      this.#status.tell("network", null);
      retryNow();
    });
    addEventListener("offline", () => this.#status.tell("network", { state: "offline", since: serverNow() }));
    document.addEventListener("visibilitychange", () => document.hidden || retryNow());
    // A page kept for the back button holds no socket; it takes up where it stood when shown again.
    addEventListener("pagehide", () => this.#drop());
    addEventListener("pageshow", (event) => event.persisted && this.#connect());
  }

  /** Starts to watch; `handle` gets every frame about it. Returns the id to unsubscribe with. */
  subscribe(topic, args, cursor, handle) {
    const id = `${topic}-${++this.#count}`;
    this.#topics.set(id, { topic, args, cursor: cursor || null, handle });
    if (this.#isOpen) this.#ask(id);
    else this.#socket ?? this.#connect();
    return id;
  }

  unsubscribe(id) {
    this.#topics.delete(id);
    this.#status.tell(id, null);
    if (this.#isOpen) this.#send({ type: "unsubscribe", id });
  }

  get #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    if (!this.#topics.size || this.#status.isSignedOut) return;
    const address = new URL("/ws", location.href);
    address.protocol = location.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(address));
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#socket === socket && this.#hear(JSON.parse(event.data));
    socket.onclose = (event) => this.#socket === socket && this.#closed(event);
  }

  #opened() {
    this.#seq = this.#acked = this.#failures = 0;
    this.#lostAt = null;
    this.#status.clear();
    for (const id of this.#topics.keys()) this.#ask(id);
  }

  #ask(id) {
    const { topic, args, cursor } = this.#topics.get(id);
    this.#status.tell(id, { state: "connecting" });
    this.#send({ type: "subscribe", id, topic, args, cursor });
  }

  #hear(frame) {
    const known = this.#topics.get(frame.id);
    if (frame.type === "error") this.#refused(frame);
    if (frame.type === "may") import("./may.js").then((may) => may.keepOnly(frame.actions));
    if (known && frame.type === "state") this.#status.tell(frame.id, { ...frame, what: "Platform" });
    known?.handle(frame);
    // Only now: what was not worked off is asked for again after a reconnect.
    if (known && frame.cursor) known.cursor = frame.cursor;
    this.#seq = frame.seq;
    if (this.#seq - this.#acked >= ACK_EVERY) this.#acknowledge();
    else this.#ackTimer ||= setTimeout(() => this.#acknowledge(), ACK_AFTER_MS);
  }

  #refused({ id, code, message }) {
    if (code === "signed_out") this.#signedOut(message);
    else this.#status.tell(id ?? "page", { state: "failed", since: serverNow(), message });
  }

  #acknowledge() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = 0;
    if (!this.#isOpen || this.#seq === this.#acked) return;
    this.#acked = this.#seq;
    this.#send({ type: "ack", seq: this.#seq });
  }

  #closed(event) {
    this.#socket = null;
    if (event.code === SIGNED_OUT) return this.#signedOut(event.reason);
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
    const pause = longest * (0.5 + Math.random() / 2);
    this.#lostAt ??= serverNow();
    this.#status.tell("socket", {
      state: "reconnecting", what: "Flightboard", since: this.#lostAt, retry_at: serverNow() + pause,
    });
    this.#retryTimer = setTimeout(() => this.#connect(), pause);
  }

  #signedOut(message) {
    this.#drop();
    this.#status.tell("session", { state: "signed-out", message: message || "You are signed out." });
  }

  #drop() {
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    // Closing one that is not open yet counts as an error in the console.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }
}

/** How fresh the page is: the worst of what the socket and the subscriptions tell. */
class Status {
  #bar = document.getElementById("live");
  #text = this.#bar.querySelector(".live-text");
  #notice = document.getElementById("notice");
  #served = this.#text.textContent;
  #told = new Map(); // who → {state, since, retry_at, what, message}
  #timer = 0;

  get isSignedOut() {
    return this.#told.has("session");
  }

  tell(who, news) {
    if (news) this.#told.set(who, news);
    else this.#told.delete(who);
    this.#show();
  }

  clear() {
    this.#told.clear();
  }

  #show() {
    clearTimeout(this.#timer);
    const rank = ({ state, what }) => WORST_FIRST.indexOf(state) - (what === "Flightboard" ? 0.5 : 0);
    const bad = [...this.#told.values()].filter((news) => WORST_FIRST.includes(news.state));
    const worst = bad.sort((one, other) => rank(one) - rank(other))[0];
    const since = worst?.since ? new Date(worst.since).getTime() : serverNow();
    if (!worst) this.#drawWell();
    else if (worst.state === "offline") this.#drawOffline(since);
    else if (worst.state === "connecting") this.#draw("connecting", "connecting");
    else if (worst.state === "signed-out") this.#draw("signed-out", "signed out", [`${worst.message} `, signInLink()]);
    else if (worst.state === "failed") this.#draw("stale", `stale since ${clockTime(since)}`, [worst.message]);
    else this.#drawTrouble(worst, since);
  }

  /** A page that watches nothing stays what it was: as served. */
  #drawWell() {
    if (this.#told.size) this.#draw("live", "live");
    else this.#draw("still", this.#served);
  }

  #drawOffline(since) {
    const at = clockTime(since);
    this.#draw("stale", `offline since ${at}`, [`This browser is offline since ${at}. The page goes on by itself when it is back.`]);
  }

  #drawTrouble({ what, retry_at: retryAt, message }, since) {
    const left = since + PATIENCE_MS - serverNow();
    this.#timer = setTimeout(() => this.#show(), left > 0 ? left + 20 : 1000);
    if (left > 0) return this.#draw("reconnecting", "reconnecting");
    const wait = retryAt ? Math.ceil((new Date(retryAt) - serverNow()) / 1000) : 0;
    const at = clockTime(since);
    const next = wait > 0 ? `Retrying in ${wait} s.` : "Retrying now.";
    this.#draw("stale", `stale since ${at}`, [`${what} not reachable since ${at}. ${next}`], message);
  }

  /** Touches the page only where something changed: the text is read aloud when it does. */
  #draw(state, text, notice = null, detail = "") {
    this.#bar.dataset.state = state;
    document.documentElement.toggleAttribute("data-stale", state === "stale" || state === "signed-out");
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#bar.title = state === "live" ? "Changes appear here as they happen" : detail || text;
    this.#notice.hidden = !notice;
    if (notice) this.#notice.replaceChildren(...notice);
    this.#notice.title = detail;
  }
}

function signInLink() {
  const link = document.createElement("a");
  link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = "Sign in again";
  return link;
}
