// The page of one thing that is only listed: when its row in the live list changes, the page asks for
// itself again, and what differs is put in place. Nothing is asked while nothing changes.

import { localise } from "./durations.js";
import { morphElement } from "./rows.js";

export function start(part, live) {
  const { topic, key } = part.dataset;
  let known = null; // the row as it was drawn last; the first one is what the page shows already
  live.subscribe(topic, JSON.parse(part.dataset.args), null, (frame) => {
    const row = frame.rows?.find((each) => each.key === key);
    if (row && known !== null && row.html !== known) refresh(part);
    if (row) known = row.html;
    if (frame.removed?.includes(key)) location.reload();
  });
}

async function refresh(part) {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh) return;
  morphElement(part, fresh);
  localise(part);
}
