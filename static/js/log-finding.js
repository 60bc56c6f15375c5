// What a search has found: numbers of lines as the server tells them, ascending.

const TELL_MS = 150; // each telling draws the page again

export class Finding {
  #reading = null;
  #numbers = new Uint32Array(256);

  /** `query` is the search as the address has it; `onNews` is called as lines are found. */
  constructor(url, query, onNews) {
    this.url = url;
    this.query = query;
    this.onNews = onNews;
    this.count = 0;
    this.at = 0; // lines looked at
    this.problem = "";
    this.isRunning = false;
  }

  /** Looks through the lines that were not looked at yet. One that runs goes on. */
  async reach(total) {
    if (this.isRunning || this.at >= total || this.problem) return;
    this.isRunning = true;
    this.#reading = new AbortController();
    try {
      const answer = await fetch(`${this.url}?${this.query}&from=${this.at + 1}`, { signal: this.#reading.signal });
      if (answer.status === 422) this.problem = (await answer.json()).error;
      else if (answer.ok) await this.#read(answer.body);
      else throw new Error(String(answer.status));
    } catch (error) {
      if (error.name !== "AbortError") this.problem = "The search broke off. Ask again.";
    }
    this.isRunning = false;
    this.onNews(this);
  }

  async #read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let last = this.at;
    let toldAt = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) last = this.#take(JSON.parse(line), last);
      if (performance.now() - toldAt < TELL_MS) continue; // the end is told in any case
      toldAt = performance.now();
      this.onNews(this);
    }
  }

  #take(news, last) {
    if (news.error) this.problem = news.error;
    if (!news.found) return last;
    this.#makeRoom(news.found.length);
    for (const distance of news.found) this.#numbers[this.count++] = last += distance;
    this.at = news.at;
    if (news.is_late) this.problem = `Looked through ${news.at.toLocaleString("en-GB")} lines, then the time was up.`;
    return last;
  }

  #makeRoom(more) {
    if (this.count + more <= this.#numbers.length) return;
    const bigger = new Uint32Array(Math.max(this.#numbers.length * 2, this.count + more));
    bigger.set(this.#numbers);
    this.#numbers = bigger;
  }

  get numbers() {
    return this.#numbers.subarray(0, this.count);
  }

  has(number) {
    return this.#numbers[this.rank(number)] === number && this.rank(number) < this.count;
  }

  /** How many were found before this line. */
  rank(number) {
    return rankIn(this.numbers, number);
  }

  /** The next one after a line, or before it; the first or last when there is none. 0 for nothing. */
  next(number, step) {
    if (!this.count) return 0;
    const place = step > 0 ? this.rank(number + 1) : this.rank(number) - 1;
    return this.#numbers[(place + this.count) % this.count];
  }

  close() {
    this.#reading?.abort();
    this.onNews = () => {};
  }
}

export function rankIn(numbers, number) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lines of a log that are shown: all of them, or those found with some around each. */
export class Shown {
  constructor(total, finding = null, context = 0) {
    this.total = total;
    this.numbers = finding ? (context ? widened(finding.numbers, context, total) : finding.numbers.slice()) : null;
  }

  get count() {
    return this.numbers ? this.numbers.length : this.total;
  }

  numberAt(index) {
    return this.numbers ? this.numbers[index] : index + 1;
  }

  /** Where a line is, or the nearest one after it. */
  indexOf(number) {
    const index = this.numbers ? rankIn(this.numbers, number) : number - 1;
    return Math.min(Math.max(0, index), Math.max(0, this.count - 1));
  }
}

function widened(numbers, context, total) {
  const found = [];
  let last = 0;
  for (const number of numbers) {
    for (let n = Math.max(last + 1, number - context); n <= Math.min(total, number + context); n++) found.push(n);
    last = Math.max(last, Math.min(total, number + context));
  }
  return Uint32Array.from(found);
}
