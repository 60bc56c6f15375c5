// The result of an act on many runs: each row and the summary change as the runs are answered.

import { applyParts, morphElement, parsed } from "./rows.js";

export function start(section, live) {
  const args = JSON.parse(section.dataset.args);
  live.subscribe("bulk", args, section.dataset.cursor, (frame) => apply(section, frame));
}

function apply(section, frame) {
  applyParts(section, frame.parts);
  for (const { key, html } of frame.rows ?? []) {
    const item = section.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (item) morphElement(item, parsed(html).firstElementChild);
  }
}
