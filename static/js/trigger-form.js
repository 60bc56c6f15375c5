// The form of a trigger: says while one types when the schedule would fire. The server works it out.

import { morph } from "./rows.js";

const PAUSE_MS = 250;
const ASKED = ["kind", "cron", "zone", "every", "unit", "start"];

export function start(form) {
  const part = form.querySelector("[data-preview-of]");
  let timer = 0;
  let asked = 0;

  async function ask() {
    const data = new FormData(form);
    const query = new URLSearchParams(ASKED.map((name) => [name, data.get(name) ?? ""]));
    const number = ++asked;
    const answer = await fetch(`${form.dataset.preview}?${query}`).catch(() => null);
    if (!answer?.ok || number !== asked) return;
    morph(part, await answer.text());
  }

  form.addEventListener("input", (event) => {
    if (!ASKED.includes(event.target.name)) return;
    // Whoever types into the fields of one way means that way.
    const way = event.target.closest(".way")?.querySelector('[type="radio"]');
    if (way) way.checked = true;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  ask(); // somebody may have typed while this was on its way
}
