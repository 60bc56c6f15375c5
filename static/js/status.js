// Says in the top bar how fresh the page is, and in a notice what is wrong and what happens next.

import { clockTime, serverNow } from "./durations.js";

const PATIENCE_MS = 3000; // a break shorter than this is no news

export class Status {
  #bar = document.getElementById("live");
  #text = this.#bar.querySelector(".live-text");
  #notice = document.getElementById("notice");
  #topics = new Map(); // id → the last state frame
  #lost = null; // {since, retryAt} while there is no socket
  #failures = new Map(); // id → message
  #signedOut = null;
  #timer = 0;

  topic(id, frame) {
    this.#topics.set(id, frame);
    if (frame.since) this.#failures.delete(id);
    this.#show();
  }

  forget(id) {
    this.#topics.delete(id);
    this.#failures.delete(id);
    this.#show();
  }

  failed(id, message) {
    this.#failures.set(id, { message, since: serverNow() });
    this.#show();
  }

  socketIsOpen() {
    this.#lost = null;
    this.#topics.clear();
    this.#failures.clear();
    this.#show();
  }

  socketIsLost(retryAt) {
    this.#lost = { since: this.#lost?.since ?? serverNow(), retryAt: retryAt + serverNow() - Date.now() };
    this.#show();
  }

  signedOut(message) {
    this.#signedOut = message || "You are signed out.";
    this.#show();
  }

  #show() {
    clearTimeout(this.#timer);
    if (this.#signedOut) return this.#draw("signed-out", "signed out", this.#signInAgain());
    const [failure] = this.#failures.values();
    if (failure) return this.#draw("stale", `stale since ${clockTime(failure.since)}`, [failure.message]);
    const trouble = this.#lost ? { what: "Flightboard", ...this.#lost } : this.#upstreamTrouble();
    if (trouble) return this.#drawTrouble(trouble);
    const isWaiting = [...this.#topics.values()].some((topic) => topic.state === "connecting");
    this.#draw(isWaiting ? "connecting" : "live", isWaiting ? "connecting" : "live", null);
  }

  #upstreamTrouble() {
    const broken = [...this.#topics.values()].filter((topic) => topic.state === "reconnecting");
    if (!broken.length) return null;
    const oldest = broken.reduce((one, other) => (one.since < other.since ? one : other));
    const retryAt = oldest.retry_at ? Date.parse(oldest.retry_at) : 0;
    return { what: "Platform", since: Date.parse(oldest.since), retryAt, message: oldest.message };
  }

  #drawTrouble({ what, since, retryAt, message }) {
    const age = serverNow() - since;
    this.#timer = setTimeout(() => this.#show(), age < PATIENCE_MS ? PATIENCE_MS - age + 20 : 1000);
    if (age < PATIENCE_MS) return this.#draw("reconnecting", "reconnecting", null);
    const wait = Math.ceil((retryAt - serverNow()) / 1000);
    const next = wait > 0 ? `Retrying in ${wait} s.` : "Retrying now.";
    const lines = [`${what} not reachable since ${clockTime(since)}. `, next];
    this.#draw("stale", `stale since ${clockTime(since)}`, lines, message);
  }

  #signInAgain() {
    const link = document.createElement("a");
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Sign in again";
    return [`${this.#signedOut} `, link];
  }

  /** Touches the page only where something changed: the text is read aloud when it does. */
  #draw(state, text, notice, detail = "") {
    if (this.#bar.dataset.state !== state) this.#bar.dataset.state = state;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#bar.title = state === "live" ? "Changes appear here as they happen" : detail || text;
    this.#notice.hidden = !notice;
    if (notice) this.#notice.replaceChildren(...notice);
    this.#notice.title = detail;
  }
}
