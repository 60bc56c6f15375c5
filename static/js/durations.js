// Clocks: durations that run, moments in the reader's own time, and the widths of phase spans.

const serverStamp = Number(document.querySelector('meta[name="server-now"]')?.content) * 1000;
const drift = serverStamp ? serverStamp - (performance.timeOrigin + responseStart()) : 0;
const skew = Math.abs(drift) > 2000 ? drift : 0; // the stamp has whole seconds

let form = formats();

/** How moments are written in the reader's zone: UTC, or the browser's own. */
function formats() {
  const isUtc = document.documentElement.dataset.zone === "utc";
  const timeZone = isUtc ? "UTC" : undefined;
  const as = (options) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
  return {
    isUtc,
    time: as({ timeStyle: "medium" }),
    day: as({ day: "numeric", month: "short" }),
    date: new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone }),
    full: as({ dateStyle: "full", timeStyle: "long" }),
    zone: as({ timeZoneName: "short" }),
  };
}

/** The zone's short name, as it is at this moment: "UTC", "CET", "GMT+2". */
export function zoneName(at = serverNow()) {
  return form.isUtc ? "UTC" : form.zone.formatToParts(at).find((part) => part.type === "timeZoneName").value;
}

/** To `utc` or `local`; everything on the page follows at once. */
export function setZone(zone) {
  document.documentElement.dataset.zone = zone;
  form = formats();
  localise(document);
  showZone();
}

function showZone() {
  for (const name of document.querySelectorAll("[data-zone-name]")) name.textContent = zoneName();
  for (const other of document.querySelectorAll("[data-zone-other]")) {
    other.textContent = form.isUtc ? "local time" : "UTC";
  }
  const button = document.querySelector(".zone");
  if (button) button.title = `Times are in ${zoneName()}. Click for ${form.isUtc ? "local time" : "UTC"}.`;
}

function responseStart() {
  return performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
}

/** Now by the server's clock, in ms: a reader's clock may be minutes off. */
export function serverNow() {
  return Date.now() + skew;
}

export function clockTime(ms) {
  return form.time.format(ms);
}

/** "58s", "4m 12s", "2h 04m", "3d 4h": as the server writes what has ended, without tenths. */
export function inWords(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${two(s % 60)}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ${two(Math.floor(s / 60) % 60)}m`;
  return `${Math.floor(s / 86400)}d ${Math.floor(s / 3600) % 24}h`;
}

/** Brings what came from the server under `root` into the reader's time and up to now. */
export function localise(root) {
  for (const element of root.querySelectorAll("time.moment")) showMoment(element);
  for (const element of root.querySelectorAll(".span")) showSpan(element);
  tickIn(root);
}

export function startClock() {
  localise(document);
  showZone();
  const tick = () => {
    // What may have ended unseen does not go on counting.
    if (!document.hidden && !document.documentElement.hasAttribute("data-stale")) tickIn(document);
    setTimeout(tick, 1000 - (serverNow() % 1000));
  };
  tick();
  document.addEventListener("visibilitychange", () => document.hidden || tickIn(document));
}

function showMoment(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const text = momentText(at, element.closest(".exact"));
  if (element.textContent !== text) element.textContent = text;
  element.title = `${form.full.format(at)} (${at.toISOString()})`;
}

function momentText(at, isExact) {
  const time = form.time.format(at);
  const ms = isExact ? `.${String(at.getMilliseconds()).padStart(3, "0")}` : "";
  const [date, today] = [form.date.format(at), form.date.format(serverNow())];
  if (date === today) return time + ms;
  if (date.slice(0, 4) === today.slice(0, 4)) return `${form.day.format(at)} ${ms ? time + ms : time.slice(0, 5)}`;
  return `${date} ${time.slice(0, 5)}`;
}

function tickIn(root) {
  const now = serverNow();
  for (const element of root.querySelectorAll('time.duration[data-end=""]')) {
    const start = Date.parse(element.dataset.start);
    const text = Number.isNaN(start) ? "" : inWords(now - start);
    if (text && element.textContent !== text) element.textContent = text;
  }
  for (const element of root.querySelectorAll('.span[data-end=""]')) showSpan(element);
}

function showSpan(element) {
  const end = element.dataset.end ? Date.parse(element.dataset.end) : serverNow();
  const isMark = element.classList.contains("is-end");
  const ms = isMark ? 0 : Math.max(0, end - Date.parse(element.dataset.start));
  element.style.flexGrow = String(ms);
  if (!isMark && element.dataset.label) element.title = `${element.dataset.label} ${exactWords(ms)}`;
}

function exactWords(ms) {
  return ms < 60000 ? `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)}s` : inWords(ms);
}
