// Short messages at the foot of the page. Good news leaves by itself unless it is being read.

const SHOWN_MS = 10_000;

/** `link` is {label, url}; `kind` one of info, success, warning, error. */
export function toast(text, kind = "info", link = null) {
  const item = document.createElement("li");
  item.className = `toast toast-${kind}`;
  const words = document.createElement("span");
  words.textContent = text;
  item.append(words);
  if (link) item.append(linkTo(link));
  item.append(closer());
  document.querySelector("#toasts .toasts").append(item);
  if (kind === "info" || kind === "success") leaveLater(item);
  return item;
}

export function leaveLater(item) {
  const timer = setTimeout(() => item.remove(), SHOWN_MS);
  for (const name of ["pointerenter", "focusin"]) item.addEventListener(name, () => clearTimeout(timer));
}

function linkTo({ label, url }) {
  const link = document.createElement("a");
  link.href = url;
  link.textContent = label;
  return link;
}

function closer() {
  const button = document.createElement("button");
  button.className = "toast-close";
  button.type = "button";
  button.dataset.action = "dismiss";
  button.ariaLabel = "Dismiss";
  button.textContent = "×";
  return button;
}
