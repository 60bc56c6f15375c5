// What `data-module="name"` on an element loads; the module's `start(element, live)` is called.
// The names are spelled out, for the collected files have hashes in theirs.

export const MODULES = {
  "launch-form": () => import("./launch-form.js"),
  "task-strips": () => import("./task-strips.js"),
  "bulk-result": () => import("./runs-bulk.js"),
  "home-runs": () => import("./home.js"),
  "choose-all": () => import("./choose-all.js"),
  listed: () => import("./listed.js"),
  refreshed: () => import("./refreshed.js"),
  "own-value": () => import("./own-value.js"),
  "project-form": () => import("./project-form.js"),
  "trigger-form": () => import("./trigger-form.js"),
};
