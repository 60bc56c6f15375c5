// Narrows a list to the rows that hold the given letters; in a tree their ancestors stay too.

export function filter(listId, text) {
  const list = document.getElementById(listId);
  const wanted = text.trim().toLowerCase();
  list.classList.toggle("is-filtered", Boolean(wanted));
  const rows = [...list.querySelectorAll(list.matches("[data-tree]") ? "[data-key]" : ":scope > li")];
  for (const row of rows) row.hidden = Boolean(wanted) && !textOf(row).includes(wanted);
  if (wanted) rows.filter((row) => !row.hidden).forEach(showAncestors);
  const none = document.querySelector("[data-none-left]");
  if (none) none.hidden = rows.some((row) => !row.hidden);
}

function textOf(row) {
  return (row.dataset.filter ?? row.querySelector(".row-link")?.textContent ?? "").toLowerCase();
}

function showAncestors(row) {
  for (let above = row.parentElement.closest("[data-key]"); above; above = above.parentElement.closest("[data-key]")) {
    above.hidden = false;
  }
}
