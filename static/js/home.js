// Home's lists of runs: one table fed by the topics of several projects, kept up to date and given
// what begins after the page was served.

import { RowList } from "./rows.js";

export function start(section, live) {
  const rows = new NewRuns(section, { takesNew: true });
  for (const args of JSON.parse(section.dataset.subscriptions)) {
    live.subscribe("runs", args, null, (frame) => rows.apply(frame));
  }
}

/** Of what the topics tell, older runs than the page was served with are no news here. */
class NewRuns extends RowList {
  constructor(section, options) {
    super(section, options);
    this.since = new Date(Number(document.querySelector('meta[name="server-now"]').content) * 1000 - 2000).toISOString();
  }

  isWanted(row) {
    return row.order.slice(0, 19) >= this.since.slice(0, 19);
  }
}
