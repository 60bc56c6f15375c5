// Tells the run's phase where a tab in the background shows it: in its title and its icon.

const icon = document.getElementById("favicon");
let known = document.querySelector("[data-live='run']")?.dataset.phase;

export function showPhase(frame) {
  if (frame.title && document.title !== frame.title) document.title = frame.title;
  if (!frame.phase || frame.phase === known) return;
  known = frame.phase;
  const address = icon?.getAttribute(`data-${known}`);
  if (address) icon.href = address;
  document.getElementById("announcer").textContent = `Run ${known.replaceAll("_", " ")}`;
}
