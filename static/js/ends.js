// Runs whose end somebody waits for are looked after by `ends-told.js`, which most pages never need: it
// is loaded on a run's page, and elsewhere as soon as there is such a run.

export function start(live) {
  import("./recents.js").then((recents) => recents.note());
  const tell = () => import("./ends-told.js").then((told) => told.start(live));
  if (isNeeded()) return tell();
  addEventListener("flightboard:waited", tell, { once: true });
  addEventListener("storage", tell, { once: true });
}

function isNeeded() {
  const isRun = document.querySelector("[data-live='run']");
  const waited = localStorage.getItem(`flightboard:waited:${document.body.dataset.person}`);
  return isRun || (waited ?? "[]") !== "[]";
}
