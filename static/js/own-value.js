// A setting of the form: whoever types a value means it.

export function start(setting) {
  setting.querySelector(".setting-value").addEventListener("input", () => {
    setting.querySelector('[type="radio"][value="value"]').checked = true;
  });
}
