// What every page runs, by the names that the collected bundle has; `dashboard/bundles.py` puts the
// four files in the place of this one, and every import of them becomes an import of this.

export * from "./durations.js";
export * from "./live.js";
export * from "./rows.js";
export * from "./title.js";
