// Light or dark: follows the system until the reader chooses. The choice is a cookie, so that the
// server writes it into the page and nothing flashes before the first paint.

const YEAR_S = 365 * 24 * 3600;

export function toggle() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const shown = document.documentElement.dataset.theme ?? system;
  const wanted = shown === "dark" ? "light" : "dark";
  // Back at what the system says: follow it again.
  if (wanted === system) forget();
  else remember(wanted);
  document.getElementById("announcer").textContent = `${wanted} theme`;
}

function remember(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function forget() {
  delete document.documentElement.dataset.theme;
  document.cookie = "theme=; path=/; max-age=0; samesite=lax";
}
