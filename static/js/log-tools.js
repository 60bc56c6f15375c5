// Around a log: the time and wrap switches, marks on what was found, copying, the next attempt.

/** Switches that the browser remembers; `keepPlace` wraps a change that moves lines. */
export function startToggles(section, keepPlace) {
  for (const button of section.querySelectorAll("[data-toggle]")) {
    const name = button.dataset.toggle;
    const memory = `log.${name}`;
    const normally = name === "wrap" ? "on" : "off";
    set(section, button, (localStorage.getItem(memory) ?? normally) === "on");
    button.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      localStorage.setItem(memory, isOn ? "on" : "off");
      keepPlace(() => set(section, button, isOn));
    });
  }
}

function set(section, button, isOn) {
  button.setAttribute("aria-pressed", String(isOn));
  if (button.dataset.toggle === "times") section.classList.toggle("with-times", isOn);
  else section.classList.toggle("no-wrap", !isOn);
}

/** Marks what was found in the lines in sight, without touching them. */
export function markMatches(rows, find) {
  if (!CSS.highlights) return;
  CSS.highlights.delete("log-match");
  if (!find) return;
  const ranges = [];
  for (const row of rows) {
    if (row.classList.contains("is-match")) ranges.push(...rangesIn(row.querySelector(".log-text"), find));
  }
  if (ranges.length) CSS.highlights.set("log-match", new Highlight(...ranges));
}

function rangesIn(element, find) {
  const nodes = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let length = 0;
  while (walker.nextNode()) {
    nodes.push([length, walker.currentNode]);
    length += walker.currentNode.length;
  }
  const ranges = [];
  for (const found of find(element.textContent)) {
    if (!found[0] || ranges.length > 200) break;
    const range = new Range();
    range.setStart(...placeIn(nodes, found.index));
    range.setEnd(...placeIn(nodes, found.index + found[0].length));
    ranges.push(range);
  }
  return ranges;
}

function placeIn(nodes, offset) {
  const [start, node] = nodes.findLast(([begins]) => begins <= offset);
  return [node, Math.min(offset - start, node.length)];
}

export function markedRange([first, last]) {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`;
}

const MOST_COPIED = 10_000;

/** Puts the marked lines into the clipboard, as they were written, without numbers. */
export async function copyRange(button, store, [first, last]) {
  const texts = [];
  const end = Math.min(last, first + MOST_COPIED - 1);
  try {
    while (first <= end) {
      const { lines } = await store.read(first, Math.min(end, first + 999));
      if (!lines.length) break;
      texts.push(...lines.map((line) => line[2]));
      first = lines.at(-1)[0] + 1;
    }
    await navigator.clipboard.writeText(`${texts.join("\n")}\n`);
    button.textContent = `Copied ${texts.length.toLocaleString("en-GB")} ${texts.length === 1 ? "line" : "lines"}`;
  } catch {
    button.textContent = "Could not copy";
  }
}

/** Another attempt began while this one is open: say so, and leave the reader where they are. */
export function announceAttempt(section, newest) {
  const place = section.querySelector("[data-next-attempt]");
  const { attempt } = JSON.parse(section.dataset.args);
  const listed = section.querySelectorAll(".choices a").length || 1;
  if (newest <= Math.max(attempt, listed) || place.dataset.number === String(newest)) return;
  const url = new URL(location.href);
  url.searchParams.set("tab", "logs");
  url.searchParams.set("attempt", newest);
  url.hash = "";
  const link = document.createElement("a");
  link.href = url;
  link.textContent = `Attempt ${newest} has begun`;
  place.dataset.number = newest;
  place.replaceChildren(link);
  place.hidden = false;
}
