// The launch form without page loads: what its buttons ask for is still done by the server, which
// sends the form back as it then stands. Typed text, focus and open sections stay.

const PART = "X-Form-Part";

export function start(box) {
  const form = () => box.querySelector("form");
  let count = 0;
  let sent = false;
  addEventListener("pageshow", (event) => event.persisted && (sent = false));

  box.dataset.ready = "";
  box.addEventListener("submit", (event) => {
    const button = event.submitter;
    const verb = (button?.value ?? "launch").split(":")[0];
    if (verb === "launch" && !sent) return void (sent = true); // a page load, as without script
    event.preventDefault();
    if (sent) return; // a second press would start a second run
    redraw(button);
  });
  box.addEventListener("change", (event) => {
    if (event.target.matches("[data-redraws]")) redraw(null, event.target);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form().requestSubmit(form().querySelector('.launch-foot [value="launch"]'));
    }
  });
  // A problem's link leads to its field, also when that is a group.
  box.addEventListener("click", (event) => {
    const link = event.target.closest('.problems a[href^="#"], .changes a[href^="#"]');
    if (link && reveal(link.hash.slice(1))) event.preventDefault();
  });

  async function redraw(button, changed = null) {
    const mine = ++count;
    const here = form();
    const data = button ? new FormData(here, button) : new FormData(here);
    if (!button) data.set("do", "draw:");
    if (changed?.type !== "file") for (const name of fileNames(here)) data.delete(name);
    here.setAttribute("aria-busy", "true");
    const answer = await ask(here.action, data);
    if (mine !== count) return;
    here.removeAttribute("aria-busy");
    const isForm = answer?.ok && !answer.redirected;
    if (isForm) replace(here, await answer.text(), button ?? changed);
    else tell(here, answer);
  }

  function replace(here, html, origin) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.querySelector("form");
    if (!fresh) return tell(here, null);
    const open = new Set([...here.querySelectorAll("details[open]")].map((fold) => fold.id));
    for (const fold of fresh.querySelectorAll("details")) if (open.has(fold.id)) fold.open = true;
    const focus = document.activeElement?.id || origin?.id;
    const value = origin?.value;
    here.replaceWith(fresh);
    const wanted =
      fresh.querySelector("[data-focus]") ??
      (focus ? document.getElementById(focus) : null) ??
      [...fresh.querySelectorAll("button")].find((each) => value && each.value === value) ??
      nearest(value);
    const field = wanted?.matches("fieldset") ? (wanted.querySelector(TYPED) ?? wanted) : wanted;
    field?.focus({ preventScroll: wanted !== fresh.querySelector(".problems") });
    field?.scrollIntoView({ block: "nearest" });
  }
}

/** The server's answer; null when it is out of reach. */
async function ask(address, body) {
  try {
    return await fetch(address, { method: "POST", body, headers: { [PART]: "1" } });
  } catch {
    return null;
  }
}

/** Why nothing changed. The page stays as it is: everything that was typed is in it. */
function tell(form, answer) {
  const said = document.createElement("p");
  said.className = "problems";
  said.setAttribute("role", "alert");
  if (!answer) said.textContent = "Flightboard is not reachable. What you typed is still here; try again.";
  else if (answer.redirected) {
    const link = document.createElement("a");
    link.href = new URL("/sign-in", location.href);
    link.target = "_blank";
    link.textContent = "Sign in in another tab";
    said.append("You are signed out. ", link, ", then try again: what you typed is still here.");
  } else said.textContent = `Flightboard answered ${answer.status}. What you typed is still here.`;
  form.querySelector(":scope > .problems")?.remove();
  form.querySelector(".launch-head").after(said);
  said.scrollIntoView({ block: "nearest" });
}

const TYPED = "input:not([type=hidden], [type=file]), textarea, select";

/** After "remove" the button is gone: on with the field that took its place. */
function nearest(value) {
  const path = value?.split(":")[1];
  return path ? document.getElementById(`f-${path.replaceAll(".", "-")}`) : null;
}

function fileNames(form) {
  return [...form.querySelectorAll("input[type=file]")].map((input) => input.name);
}

function reveal(id) {
  const target = document.getElementById(id);
  if (!target) return false;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const field = target.matches("input, textarea, select, summary, button") ? target : target.querySelector(TYPED);
  (field ?? target).focus();
  (field ?? target).scrollIntoView({ block: "center" });
  return true;
}
