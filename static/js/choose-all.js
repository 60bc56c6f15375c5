// "All shown": one box that chooses every row of its list.

export function start(box) {
  const rows = () => [...document.querySelectorAll("[data-choose]")];
  box.addEventListener("change", () => rows().forEach((each) => (each.checked = box.checked)));
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose]")) return;
    const chosen = rows().filter((each) => each.checked).length;
    box.checked = chosen > 0 && chosen === rows().length;
    box.indeterminate = chosen > 0 && !box.checked;
  });
}
