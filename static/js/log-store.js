// The lines of a log that the page holds: blocks around the place that is read, fetched by number.
// Whatever the length of the log, no more than a few million characters stay here.

const BLOCK = 250; // lines of one request
const MOST_BLOCKS = 400; // of lines that were found, each may have but one
const MOST_CHARS = 6_000_000;
const MOST_APART = 200; // lines of one request that asks for them one by one
const RETRY_MS = 1_000;

export class LogStore {
  #blocks = new Map(); // number of the block → its lines by place, the least used first
  #asked = new Map(); // what is asked for → AbortController
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
    const near = new Set(numbers.map((number) => Math.floor((number - 1) / BLOCK)));
    for (const place of near) this.#touch(place);
    const missing = numbers.filter((number) => number <= this.total && !this.get(number));
    if (!missing.length || Date.now() < this.#retryAt) return;
    const asked = near.size > 4 ? this.#apart(missing) : [...near].map((place) => this.#block(place));
    const isStill = new Set(asked);
    for (const [query, fetching] of this.#asked) if (!isStill.has(query)) fetching.abort();
    for (const query of asked) if (!this.#asked.has(query)) this.#fetch(query);
  }

  #block(place) {
    return `from=${place * BLOCK + 1}&to=${(place + 1) * BLOCK}`;
  }

  /** Lines far from one another; those that are on their way are not asked for again. */
  #apart(missing) {
    const onTheWay = [...this.#asked.keys()].filter((query) => query.startsWith("at="));
    const known = new Set(onTheWay.flatMap((query) => query.slice(3).split(",").map(Number)));
    const fresh = missing.filter((number) => !known.has(number)).slice(0, MOST_APART);
    return fresh.length ? [...onTheWay.slice(-1), `at=${fresh.join(",")}`] : onTheWay;
  }

  async #fetch(query) {
    const asked = new AbortController();
    this.#asked.set(query, asked);
    try {
      const answer = await this.#read(query, asked.signal);
      this.#asked.delete(query);
      this.put(answer.lines);
      this.problem = "";
      this.onLines(answer);
    } catch (error) {
      this.#asked.delete(query);
      if (error.name === "AbortError") return;
      this.problem = "These lines can't be read now; trying again.";
      this.#retryAt = Date.now() + RETRY_MS;
      setTimeout(() => this.onLines(null), RETRY_MS + 10);
    }
  }

  read(first, last) {
    return this.#read(`from=${first}&to=${last}`);
  }

  async #read(query, signal) {
    const answer = await fetch(`${this.url}?${query}`, { signal, headers: { Accept: "application/json" } });
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
