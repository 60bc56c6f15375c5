// A run's page: keeps its head, failure and tree live, and the panel of the chosen action.

import { refresh } from "./dialog.js";
import { LogViewer } from "./log-viewer.js";
import { Panel } from "./panel.js";
import { applyParts } from "./rows.js";
import { showPhase } from "./title.js";
import { Tree } from "./tree.js";
import { TreeTools } from "./tree-tools.js";
import { TreeView } from "./tree-view.js";

export function start(live) {
  const section = document.querySelector('[data-live="run"]');
  const args = JSON.parse(section.dataset.args);
  const view = new TreeView(section.dataset.view);
  const tree = new Tree(section);
  let cursor = section.dataset.cursor;
  let subscription;
  let watched = watchPanel(live);
  const panel = new Panel((key) => {
    watched.close();
    tree.select(key);
    watched = watchPanel(live);
    watched.attemptsAre?.(attemptsOf(tree, key));
  });
  const tools = new TreeTools(section, tree, view, watchAnew);
  const drawing = loadDrawing(section, view, tree, tools);
  watchAnew();
  section.addEventListener("click", (event) => copyText(event.target.closest("[data-copy-text]")));

  /** Subscribes with what is to be seen now; what the page has already is not sent again. */
  function watchAnew() {
    if (subscription) live.unsubscribe(subscription);
    subscription = live.subscribe("run", { ...args, view: view.text }, cursor, hear);
  }

  function hear(frame) {
    applyParts(section, frame.parts);
    if (frame.parts?.header !== undefined) refresh("abort");
    if (frame.parts?.["tree-chips"] !== undefined) tools.mark();
    if (frame.rows) tree.apply(frame);
    if (frame.rows) drawing.then((drawn) => drawn?.follow(frame));
    if (frame.cursor) cursor = frame.cursor;
    showPhase(frame);
    watched.attemptsAre?.(attemptsOf(tree, panel.key));
  }
}

/** A menu's text into the clipboard; an address gets this page's host. */
async function copyText(button) {
  if (!button) return;
  const copy = await import("./copy.js");
  const text = button.dataset.copyText;
  copy.copyText("copyAddress" in button.dataset ? new URL(text, location.href).href : text, "It is copied");
  button.closest("details").open = false;
}

/** The timeline's bars or the graph, over the same lines; their code comes with their views. */
async function loadDrawing(section, view, tree, tools) {
  if (view.mode === "timeline") {
    const { Timeline } = await import("./timeline.js");
    return new Timeline(section, tree);
  }
  if (view.mode === "graph") {
    const { Graph } = await import("./graph.js");
    return new Graph(section, tree, tools);
  }
  return null;
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
  return new LogViewer(section, live);
}

function attemptsOf(tree, key) {
  return Number(tree.items.get(key)?.querySelector(":scope > .tree-row")?.dataset.attempts ?? 0);
}
