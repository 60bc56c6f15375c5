// What the reader has chosen to see of the tree: the same words stand in the page's address and in its
// subscription, so that a reload and a link show the same.

const OWN = ["view", "fold", "open", "shut", "more", "phase", "q"];
const LONGEST = 6000; // characters; a longer address would not travel

export class TreeView {
  constructor(text) {
    this.query = new URLSearchParams(text);
    this.pin = new URLSearchParams(location.search).get("i") ?? "";
  }

  /** For the subscription: with the action that must be in sight. */
  get text() {
    const query = new URLSearchParams(this.query);
    if (this.pin) query.set("i", this.pin);
    return query.toString();
  }

  get mode() {
    return this.query.get("view") ?? "tree";
  }

  get isFiltered() {
    return this.query.has("q") || this.query.has("phase");
  }

  get phases() {
    return new Set(this.query.getAll("phase"));
  }

  toggle(key, isOpen) {
    this.#drop("open", key);
    this.#drop("shut", key);
    this.query.append(isOpen ? "open" : "shut", key);
  }

  foldAll(fold) {
    this.query.delete("open");
    this.query.delete("shut");
    this.query.set("fold", fold);
  }

  more(key) {
    const known = this.query.getAll("more").find((entry) => keyOf(entry) === key);
    const pages = known ? parseInt(known, 10) : 0;
    if (known) this.#drop("more", known);
    this.query.append("more", `${pages + 1}:${key}`);
  }

  phase(key) {
    const phases = this.phases;
    if (!phases.delete(key)) phases.add(key);
    this.query.delete("phase");
    for (const each of phases) this.query.append("phase", each);
    this.#firstPage();
  }

  search(text) {
    if (text) this.query.set("q", text);
    else this.query.delete("q");
    this.#firstPage();
  }

  clear() {
    this.query.delete("phase");
    this.search("");
  }

  #firstPage() {
    const known = this.query.getAll("more").find((entry) => keyOf(entry) === "");
    if (known) this.#drop("more", known);
  }

  #drop(name, value) {
    const kept = this.query.getAll(name).filter((each) => each !== value);
    this.query.delete(name);
    for (const each of kept) this.query.append(name, each);
  }

  /** The address with this view in place of the one that it has. */
  applyTo(address) {
    const url = new URL(address, location.href);
    for (const name of OWN) url.searchParams.delete(name);
    for (const [name, value] of this.query) url.searchParams.append(name, value);
    return url;
  }

  /** Into the page's own address, without an entry in the history for each branch. */
  remember() {
    const url = this.applyTo(location.href);
    if (url.href.length < LONGEST) history.replaceState(history.state, "", url);
  }
}

function keyOf(entry) {
  return entry.slice(entry.indexOf(":") + 1);
}
