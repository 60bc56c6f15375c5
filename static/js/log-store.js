// The lines of a log that the page holds: blocks around the place that is read, fetched by number.
// Whatever the length of the log, no more than a few million characters stay here.

const BLOCK = 250; // lines of one request
const MOST_BLOCKS = 24;
const MOST_CHARS = 6_000_000;
const RETRY_MS = 1_000;

export class LogStore {
  #blocks = new Map(); // number of the block → its lines by place, the least used first
  #asked = new Map(); // number of the block → AbortController
  #retryAt = 0;

  /** `url` serves windows; `onLines` is told when lines have come. */
  constructor(url, onLines) {
    this.url = url;
    this.onLines = onLines;
    this.total = 0;
    this.problem = "";
  }

  /** `[number, moment, text, source, level, size?]`, or undefined while it isn't here. */
  get(number) {
    return this.#blocks.get(Math.floor((number - 1) / BLOCK))?.[(number - 1) % BLOCK];
  }

  put(lines) {
    for (const line of lines) {
      const place = Math.floor((line[0] - 1) / BLOCK);
      let block = this.#blocks.get(place);
      if (!block) this.#blocks.set(place, (block = []));
      block[(line[0] - 1) % BLOCK] = line;
      this.total = Math.max(this.total, line[0]);
    }
    this.#trim();
  }

  /** Sees to it that these lines come; what was asked for elsewhere is given up. */
  want(numbers) {
    if (!numbers.length) return;
    const near = new Set(numbers.map((number) => Math.floor((number - 1) / BLOCK)));
    for (const [place, asked] of this.#asked) if (!near.has(place)) asked.abort();
    for (const place of near) this.#touch(place);
    if (Date.now() < this.#retryAt) return;
    for (const number of numbers) {
      const place = Math.floor((number - 1) / BLOCK);
      if (!this.#asked.has(place) && !this.get(number) && number <= this.total) this.#fetch(place);
    }
  }

  async #fetch(place) {
    const asked = new AbortController();
    this.#asked.set(place, asked);
    const first = place * BLOCK + 1;
    try {
      const answer = await this.read(first, first + BLOCK - 1, asked.signal);
      this.#asked.delete(place);
      this.put(answer.lines);
      this.problem = "";
      this.onLines(answer);
    } catch (error) {
      this.#asked.delete(place);
      if (error.name === "AbortError") return;
      this.problem = "These lines can't be read now; trying again.";
      this.#retryAt = Date.now() + RETRY_MS;
      setTimeout(() => this.onLines(null), RETRY_MS + 10);
    }
  }

  async read(first, last, signal) {
    const answer = await fetch(`${this.url}?from=${first}&to=${last}`, { signal, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return answer.json();
  }

  #touch(place) {
    const block = this.#blocks.get(place);
    if (!block) return;
    this.#blocks.delete(place);
    this.#blocks.set(place, block);
  }

  #trim() {
    let chars = 0;
    const kept = [...this.#blocks].reverse();
    for (const [at, [place, block]] of kept.entries()) {
      for (const line of block) chars += line ? line[2].length : 0;
      if (at > 3 && (at >= MOST_BLOCKS || chars > MOST_CHARS)) this.#blocks.delete(place);
    }
  }

  close() {
    for (const asked of this.#asked.values()) asked.abort();
    this.onLines = () => {};
  }
}
