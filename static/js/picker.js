// The picker of project and domain: finds a project among all, moves by the arrow keys.

const started = new WeakSet();
const PAUSE_MS = 120;

export function start(menu) {
  const field = menu.querySelector("[data-picker-search]");
  field.focus();
  if (started.has(menu)) return;
  started.add(menu);
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => find(menu, field.value.trim()), PAUSE_MS);
  });
  menu.addEventListener("keydown", (event) => onKey(event, menu));
}

async function find(menu, text) {
  const box = menu.querySelector("[data-picker-found]");
  if (!text) return (box.hidden = true);
  const answer = await fetch(`/search.json?kind=projects&q=${encodeURIComponent(text)}`);
  if (!answer.ok) return say(box, "The platform does not answer just now.");
  const { groups } = await answer.json();
  const found = groups.flatMap((group) => group.items);
  if (!found.length) return say(box, `No project matches "${text}".`);
  const list = document.createElement("ul");
  list.className = "menu-links";
  list.append(...found.map(linkTo));
  box.replaceChildren(list);
  box.hidden = false;
}

function linkTo({ label, url }) {
  const link = document.createElement("a");
  link.href = url;
  link.textContent = label;
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function say(box, text) {
  box.textContent = text;
  box.hidden = false;
}

function onKey(event, menu) {
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [...menu.querySelectorAll("input, .menu-links a")].filter((stop) => stop.checkVisibility());
  const at = stops.indexOf(document.activeElement);
  stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}
