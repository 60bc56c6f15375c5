// The form of a new project: the id follows the name until somebody types one.

export function start(form) {
  const { name, id } = form.elements;
  let isOwn = Boolean(id.value);
  const follow = () => {
    if (!isOwn) id.value = slug(name.value);
  };
  id.addEventListener("input", () => (isOwn = Boolean(id.value)));
  name.addEventListener("input", follow);
  follow(); // somebody may have typed while this was on its way
}

/** As the server makes it of the name. */
function slug(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63).replace(/-+$/, "");
}
