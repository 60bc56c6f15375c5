// The page's one WebSocket: subscriptions, acknowledgements, and coming back when it breaks.

const ACK_EVERY = 16; // frames; the server stops at 64 that nobody acknowledged
const ACK_AFTER_MS = 200;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 8000;
const SIGNED_OUT = 4401; // close code

export class Live {
  #status;
  #socket = null;
  #topics = new Map(); // id → {topic, args, cursor, handle}
  #count = 0;
  #seq = 0;
  #acked = 0;
  #ackTimer = 0;
  #failures = 0;
  #retryTimer = 0;
  #isOver = false;

  /** `status` is told how the socket and each subscription fare. */
  constructor(status) {
    this.#status = status;
    addEventListener("online", () => this.#retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.#retryNow());
    // A page kept for the back button holds no socket; it takes up where it stood when shown again.
    addEventListener("pagehide", () => this.#drop());
    addEventListener("pageshow", (event) => event.persisted && this.#connect());
  }

  /** Starts to watch; `handle` gets every snapshot, update and state frame. Returns the id. */
  subscribe(topic, args, cursor, handle) {
    const id = `${topic}-${++this.#count}`;
    this.#topics.set(id, { topic, args, cursor: cursor || null, handle });
    if (!this.#socket) this.#connect();
    else if (this.#isOpen) this.#ask(id);
    return id;
  }

  unsubscribe(id) {
    if (!this.#topics.delete(id)) return;
    this.#status.forget(id);
    if (this.#isOpen) this.#send({ type: "unsubscribe", id });
  }

  get #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    if (this.#socket || this.#isOver || !this.#topics.size) return;
    const address = new URL("/ws", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(address));
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#socket === socket && this.#hear(JSON.parse(event.data));
    socket.onclose = (event) => this.#socket === socket && this.#closed(event);
  }

  #opened() {
    this.#seq = this.#acked = 0;
    this.#failures = 0;
    this.#status.socketIsOpen();
    for (const id of this.#topics.keys()) this.#ask(id);
  }

  #ask(id) {
    const { topic, args, cursor } = this.#topics.get(id);
    this.#status.topic(id, { state: "connecting", since: null });
    this.#send({ type: "subscribe", id, topic, args, cursor });
  }

  #hear(frame) {
    this.#seq = frame.seq;
    const known = this.#topics.get(frame.id);
    if (known) this.#tell(known, frame);
    else if (frame.type === "error") this.#fail(frame);
    this.#acknowledge();
  }

  #tell(known, frame) {
    if (frame.type === "state") this.#status.topic(frame.id, frame);
    if (frame.type === "error") this.#fail(frame);
    known.handle(frame);
    // Only now: what was not worked off is asked for again after a reconnect.
    if (frame.cursor) known.cursor = frame.cursor;
  }

  #fail(frame) {
    if (frame.code === "signed_out") this.#end(frame.message);
    else this.#status.failed(frame.id, frame.message);
  }

  #acknowledge() {
    if (this.#seq - this.#acked >= ACK_EVERY) this.#ackNow();
    else this.#ackTimer ||= setTimeout(() => this.#ackNow(), ACK_AFTER_MS);
  }

  #ackNow() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = 0;
    if (!this.#isOpen || this.#seq === this.#acked) return;
    this.#acked = this.#seq;
    this.#send({ type: "ack", seq: this.#seq });
  }

  #closed(event) {
    this.#socket = null;
    if (event.code === SIGNED_OUT) return this.#end(event.reason);
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
    const pause = longest * (0.5 + Math.random() / 2);
    this.#status.socketIsLost(Date.now() + pause);
    this.#retryTimer = setTimeout(() => this.#connect(), pause);
  }

  #retryNow() {
    if (!this.#socket) this.#connect();
  }

  #drop() {
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    // Closing one that is not open yet counts as an error in the console.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  #end(message) {
    this.#isOver = true;
    this.#drop();
    this.#status.signedOut(message);
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }
}
