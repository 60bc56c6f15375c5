// What the reader may do here, as the body's `data-may` says. Whatever needs more is hidden by the
// style sheets and refused by the server; this keeps an open page in step when a role is taken away.

/** Keeps of what was allowed only what still is; what was newly given comes with the next page. */
export function keepOnly(actions) {
  const allowed = new Set(actions);
  const may = document.body.dataset.may.split(" ").filter((action) => allowed.has(action));
  document.body.dataset.may = may.join(" ");
  for (const dialog of document.querySelectorAll("dialog[data-needs]")) {
    if (!allowed.has(dialog.dataset.needs)) dialog.remove();
  }
}
