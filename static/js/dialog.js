// Dialogs: the help sheet, and the abort that says what it will do at the moment it is opened.

export function openById(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.addEventListener("click", closeOutside);
  dialog.showModal();
}

/** `opener` is a link to the dialog; `data-says` on it tells what the dialog's act would do now. */
export function open(opener) {
  const id = opener.dataset.opens;
  say(id, opener.dataset.says);
  openById(id);
}

/** Keeps an open dialog true: its opener was drawn anew, or is gone because there is no more to do. */
export function refresh(id) {
  const dialog = document.getElementById(id);
  if (!dialog) return;
  const opener = document.querySelector(`[data-opens="${CSS.escape(id)}"]`);
  say(id, opener?.dataset.says ?? "This run has ended meanwhile: there is nothing left to abort.");
  const submit = dialog.querySelector('[type="submit"]');
  if (submit) submit.disabled = !opener;
}

function say(id, text) {
  const sentence = document.getElementById(`${id}-says`);
  if (sentence && text && sentence.textContent !== text) sentence.textContent = text;
}

function closeOutside(event) {
  if (event.target === event.currentTarget) event.currentTarget.close();
}
