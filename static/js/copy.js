// Copies the name, command or value that a copy button stands beside.

const SHOWN_MS = 1500;

export async function copyBeside(button) {
  const source = button.dataset.copies
    ? button.parentElement.querySelector(button.dataset.copies)
    : button.parentElement.querySelector("code");
  if (!source) return;
  const isCopied = await write(source.textContent.trim());
  say(isCopied ? "Copied" : "The browser does not let this page copy");
  button.classList.toggle("is-done", isCopied);
  setTimeout(() => button.classList.remove("is-done"), SHOWN_MS);
}

/** Copies a text that stands nowhere, such as the page's address, and says so where it is seen. */
export async function copyText(text, done) {
  const isCopied = await write(text);
  const { toast } = await import("./toasts.js");
  toast(isCopied ? done : "The browser does not let this page copy", isCopied ? "success" : "warning");
}

/** False where the browser has no clipboard for a page without TLS. */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function say(text) {
  document.getElementById("announcer").textContent = text;
}
