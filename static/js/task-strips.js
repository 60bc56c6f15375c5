// The strips of last runs follow the project's runs: a new run is the newest mark, and each changes
// its shape and hue as its run goes on.

import { parsed } from "./rows.js";

const MOST_MARKS = 10;

export function start(section, live) {
  const { project, domain, cursor } = section.dataset;
  live.subscribe("runs", { project, domain, first: true }, cursor, (frame) => {
    // A snapshot tells of old runs too, and the newest of them first.
    const rows = [...(frame.rows ?? [])].sort((one, other) => (one.order < other.order ? -1 : 1));
    for (const row of rows) show(section, row);
  });
}

function show(section, { html, order }) {
  const row = parsed(html).querySelector("[data-key]");
  const task = row?.querySelector(".task")?.title;
  const place = task && section.querySelector(`[data-task="${CSS.escape(task)}"]`);
  const strip = place?.querySelector("[data-strip]");
  if (!strip) return;
  const known = strip.querySelector(`[data-run="${CSS.escape(row.dataset.key)}"]`);
  if (!known && order <= (strip.dataset.order ?? "")) return;
  const mark = known ?? add(strip, row, order);
  draw(mark.firstElementChild, row);
  follow(place, row, !known);
}

function add(strip, row, order) {
  const mark = document.createElement("li");
  mark.dataset.run = row.dataset.key;
  mark.append(document.createElement("a"));
  strip.append(mark);
  strip.dataset.order = order;
  while (strip.children.length > MOST_MARKS) strip.firstElementChild.remove();
  return mark;
}

function draw(link, row) {
  const phase = row.querySelector(".phase");
  const word = phase.querySelector(".phase-word").textContent;
  const name = row.dataset.key;
  const spoken = document.createElement("span");
  spoken.className = "sr";
  spoken.textContent = `${name} ${word}`;
  link.className = `phase-${row.dataset.phase}`;
  link.href = row.querySelector(".row-link").getAttribute("href");
  link.title = `${name}: ${word}`;
  link.replaceChildren(phase.querySelector("svg").cloneNode(true), spoken);
}

/** The column "last run" names the newest one. */
function follow(place, row, isNew) {
  const line = place.querySelector(`[data-run-line="${CSS.escape(row.dataset.key)}"] .phase`);
  if (line) line.replaceWith(row.querySelector(".phase").cloneNode(true));
  const last = isNew && place.querySelector("[data-last]");
  const time = row.querySelector(".c-started time");
  if (!last || !time) return;
  const link = document.createElement("a");
  link.href = row.querySelector(".row-link").getAttribute("href");
  link.dataset.last = "";
  link.append(time.cloneNode(true));
  last.replaceWith(link);
}
