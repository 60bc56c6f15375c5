// A run's page: keeps its head, failure and tree live, and the panel of the chosen action.

import { refresh } from "./dialog.js";
import { announceAttempt } from "./log-tools.js";
import { LogViewer } from "./log-viewer.js";
import { Panel } from "./panel.js";
import { applyParts } from "./rows.js";
import { showPhase } from "./title.js";
import { Tree } from "./tree.js";

export function start(live) {
  const section = document.querySelector('[data-live="run"]');
  const args = JSON.parse(section.dataset.args);
  const tree = new Tree(section, args.run);
  let watched = watchPanel(live);
  const panel = new Panel((key) => {
    watched.close();
    tree.select(key);
    watched = watchPanel(live);
    watched.attemptsAre?.(attemptsOf(tree, key));
  });
  live.subscribe("run", args, section.dataset.cursor, (frame) => {
    applyParts(section, frame.parts);
    if (frame.parts?.header !== undefined) refresh("abort");
    if (frame.rows) tree.apply(frame);
    showPhase(frame);
    watched.attemptsAre?.(attemptsOf(tree, panel.key));
  });
}

/** What the panel shows is either an action's parts or a log; each has its own subscription. */
function watchPanel(live) {
  const section = document.querySelector("#panel [data-live]");
  if (!section) return { close() {} };
  const { topic, args, cursor } = section.dataset;
  const subscribe = (from, handle) => live.subscribe(topic, JSON.parse(args), from, handle);
  if (topic !== "log") {
    const ids = [subscribe(cursor, (frame) => applyParts(section, frame.parts))];
    // A part may hold something with a stream of its own, such as a report.
    for (const inner of section.querySelectorAll("[data-live]")) {
      const own = JSON.parse(inner.dataset.args);
      const show = (frame) => applyParts(inner, frame.parts);
      ids.push(live.subscribe(inner.dataset.topic, own, inner.dataset.cursor, show));
    }
    return { close: () => ids.forEach((id) => live.unsubscribe(id)) };
  }
  let id = null;
  const read = (from) => {
    if (id) live.unsubscribe(id);
    id = subscribe(from, (frame) => viewer.apply(frame));
  };
  const viewer = new LogViewer(section, read);
  if (!id) read(cursor);
  return {
    close() {
      viewer.close();
      live.unsubscribe(id);
    },
    attemptsAre: (count) => announceAttempt(section, count),
  };
}

function attemptsOf(tree, key) {
  return Number(tree.items.get(key)?.querySelector(":scope > .tree-row")?.dataset.attempts ?? 0);
}
