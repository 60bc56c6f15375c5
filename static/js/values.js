// What a value points at, shown in place: rows of tables, pictures, files. It is fetched when it comes
// into sight, or when the reader asks; without scripts the same links open pages of their own.

import { serverNow, inWords } from "./durations.js";

const MARGIN = "200px";

/** Watches `root`, whose content is replaced as the reader goes from action to action. */
export function watchValues(root) {
  const seen = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => open(target)),
    { rootMargin: MARGIN },
  );
  const look = () => {
    for (const link of root.querySelectorAll('a[data-preview="auto"]:not([data-is-watched])')) {
      link.dataset.isWatched = "";
      // Whoever was seen already is told of only when it is watched anew: a live part may have
      // taken away what was shown.
      seen.unobserve(link);
      seen.observe(link);
    }
    tick(root);
  };
  new MutationObserver(look).observe(root, { childList: true, subtree: true });
  root.addEventListener("click", (event) => onClick(event));
  setInterval(() => document.hidden || tick(root), 1000);
  look();
}

function onClick(event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[data-preview], .preview a[data-step]");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.step) load(link.closest(".preview"), link.href);
  else toggle(link);
}

function toggle(link) {
  const file = link.closest(".file");
  const shown = file.querySelector(":scope > .preview");
  if (shown) shown.hidden = !shown.hidden;
  else open(link);
  link.setAttribute("aria-expanded", String(!file.querySelector(":scope > .preview")?.hidden));
}

function open(link) {
  const file = link.closest(".file");
  if (!file || file.querySelector(":scope > .preview")) return;
  const box = document.createElement("div");
  box.className = "preview";
  file.append(box);
  link.setAttribute("aria-expanded", "true");
  load(box, link.href);
}

/** The inside of the preview's own page; it is as escaped as that page is. */
async function load(box, address) {
  const url = new URL(address, location.href);
  url.searchParams.set("part", "1");
  box.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    box.replaceChildren(...page.body.childNodes);
  } catch {
    say(box, address);
  }
  box.removeAttribute("aria-busy");
}

function say(box, address) {
  const note = document.createElement("p");
  note.className = "quiet";
  note.role = "alert";
  const link = document.createElement("a");
  link.href = address;
  link.textContent = "Open it by itself";
  note.append("This can't be shown here now. ", link);
  box.replaceChildren(note);
}

/** How long a question still waits. */
function tick(root) {
  for (const left of root.querySelectorAll("time.countdown")) {
    const ms = Date.parse(left.dataset.until) - serverNow();
    const text = ms > 0 ? `in ${inWords(ms)}` : "any moment now";
    if (left.textContent !== text) left.textContent = text;
  }
}
