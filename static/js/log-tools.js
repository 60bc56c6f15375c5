// Around a log: the time and wrap switches, the word that another attempt began, lines by place.

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

/** The line at the box's visible top or bottom edge; null where there is none. */
export function lineAt(box, edge) {
  const frame = box.getBoundingClientRect();
  const x = frame.left + frame.width / 2;
  const top = Math.max(frame.top, 0);
  const bottom = Math.min(frame.bottom, innerHeight);
  const line = document.elementFromPoint(x, edge === "top" ? top + 10 : bottom - 6)?.closest(".log-line");
  return line && box.contains(line) ? line : null;
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
