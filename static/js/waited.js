// The runs whose end a person waits for: kept by this browser, the same in all its tabs.

const KEPT = 50;
const EVENT = "flightboard:waited";

function name() {
  return `flightboard:waited:${document.body.dataset.person}`;
}

/** [{key, project, domain, run, label, url, isAsked}]: asked for by a click, or started here. */
export function all() {
  try {
    return JSON.parse(localStorage.getItem(name()) ?? "[]");
  } catch (fault) {
    if (fault instanceof SyntaxError) return [];
    throw fault;
  }
}

export function find(key) {
  return all().find((item) => item.key === key);
}

export function add(item) {
  keep([item, ...all().filter((other) => other.key !== item.key)].slice(0, KEPT));
}

export function drop(key) {
  keep(all().filter((item) => item.key !== key));
}

/** Calls `hear` when the list changes, in this tab or another. */
export function onChange(hear) {
  addEventListener(EVENT, hear);
  addEventListener("storage", (event) => event.key === name() && hear());
}

function keep(items) {
  localStorage.setItem(name(), JSON.stringify(items));
  dispatchEvent(new Event(EVENT));
}

/** What this page's run is called here; null on a page of anything else. */
export function runOfPage() {
  const section = document.querySelector('[data-live="run"]');
  if (!section) return null;
  const { project, domain, run } = JSON.parse(section.dataset.args);
  return {
    key: `${project}/${domain}/${run}`, project, domain, run,
    label: document.querySelector("h1")?.textContent.trim() || run,
    url: `/v2/domain/${domain}/project/${project}/runs/${run}`,
    phase: section.dataset.phase,
  };
}
