// The form of a new project: the id follows the name until somebody types one.

export function start(form) {
  const { name, id } = form.elements;
  let isOwn = Boolean(id.value);
  id.addEventListener("input", () => (isOwn = Boolean(id.value)));
  name.addEventListener("input", () => {
    if (!isOwn) id.value = slug(name.value);
  });
}

/** As the server makes it of the name. */
function slug(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63).replace(/-+$/, "");
}
