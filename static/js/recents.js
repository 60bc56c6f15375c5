// The pages that a person saw last, kept by this browser for them alone.

const KEPT = 12;

function name() {
  return `flightboard:lately:${document.body.dataset.person}`;
}

export function recent() {
  return read().filter((item) => item.url !== here());
}

/** Notes this page; what is no thing of its own (a sign-in, an error) is left out. */
export function note() {
  const isThing = location.pathname.startsWith("/v2/") && !document.body.classList.contains("error-page");
  if (!isThing) return;
  const label = document.title.replace(/ · Flightboard$/, "").replace(/^(\d+ (running|failed) · )+/, "");
  const others = read().filter((item) => item.url !== here());
  const items = [{ label, url: here(), icon: "clock" }, ...others].slice(0, KEPT);
  localStorage.setItem(name(), JSON.stringify(items));
}

function here() {
  return location.pathname;
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(name()) ?? "[]");
    return kept.filter((item) => typeof item.label === "string" && item.url?.startsWith("/"));
  } catch (fault) {
    if (fault instanceof SyntaxError) return [];
    throw fault;
  }
}
