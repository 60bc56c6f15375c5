// A table whose rows the server lists again and again: rows change in place, vanish when they are
// gone, and new ones are said to be there, for only the server knows where this page's order and
// filters put them. A control that somebody holds is left alone until they let go of it.

import { freshen, morphElement, parsed } from "./rows.js";
import { localise } from "./durations.js";

export function start(section, live) {
  const { topic, cursor } = section.dataset;
  const table = new ListedRows(section);
  live.subscribe(topic, JSON.parse(section.dataset.args), cursor, (frame) => table.apply(frame));
}

class ListedRows {
  constructor(section) {
    this.box = section.querySelector("[data-rows]");
    this.pill = section.querySelector("[data-pill]");
    this.unseen = new Set(); // keys of rows that this page lacks
    this.known = new Set(JSON.parse(section.dataset.known || "[]")); // rows that its filters hide
    this.pill?.addEventListener("click", () => location.reload());
  }

  apply(frame) {
    if (frame.type === "state" || frame.type === "error") return;
    for (const key of frame.removed ?? []) this.remove(key);
    for (const { key, html } of frame.rows ?? []) this.take(key, html);
    this.showPill();
  }

  item(key) {
    return this.box.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  take(key, html) {
    const item = this.item(key);
    if (!item) {
      if (!this.known.has(key)) this.unseen.add(key);
      return;
    }
    const chosen = item.querySelector("[data-choose]")?.checked;
    morphElement(item, parsed(html).firstElementChild);
    const box = item.querySelector("[data-choose]");
    if (box && chosen !== undefined) box.checked = chosen;
    localise(item);
    freshen(item);
  }

  remove(key) {
    this.unseen.delete(key);
    this.item(key)?.remove();
  }

  showPill() {
    if (!this.pill) return;
    const count = this.unseen.size;
    this.pill.textContent = `${count} new, show`;
    this.pill.hidden = !count;
  }
}
