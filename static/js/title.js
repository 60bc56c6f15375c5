// Tells what a tab in the background should show in its title and its icon: a run's phase, or how many
// runs of a list are running and whether one failed while nobody looked.

export const ENDED = ["succeeded", "recovered", "failed", "timed_out", "aborted"];

const icon = document.getElementById("favicon");
let known = document.querySelector("[data-live='run']")?.dataset.phase;

export function showPhase(frame) {
  if (frame.title && document.title !== frame.title) document.title = frame.title;
  if (!frame.phase || frame.phase === known) return;
  known = frame.phase;
  showIcon(known);
  if (ENDED.includes(known)) hideButtons();
  document.getElementById("announcer").textContent = `Run ${known.replaceAll("_", " ")}`;
}

/** Nobody waits for what has ended. */
function hideButtons() {
  for (const button of document.querySelectorAll('[data-action="notify"]')) button.hidden = true;
}

function showIcon(phase) {
  const address = icon?.getAttribute(`data-${phase}`);
  if (address) icon.href = address;
}

const ownTitle = document.title;
const ownIcon = icon?.href;
const failed = new Set();

/** A list that was drawn anew: `frame.rows` says which runs changed. */
export function showCounts(section, frame) {
  const running = section.querySelectorAll('[data-rows] [data-phase="running"]').length;
  for (const { key } of frame.rows ?? []) {
    const phase = section.querySelector(`[data-key="${CSS.escape(key)}"]`)?.dataset.phase;
    if (document.hidden && (phase === "failed" || phase === "timed_out")) failed.add(key);
  }
  const news = [failed.size && `${failed.size} failed`, running && `${running} running`].filter(Boolean);
  document.title = [...news, ownTitle].join(" · ");
  if (failed.size) showIcon("failed");
  else if (running) showIcon("running");
  else if (icon && icon.href !== ownIcon) icon.href = ownIcon;
}

document.addEventListener("visibilitychange", () => document.hidden || failed.clear());
