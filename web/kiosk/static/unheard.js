// Scans of this station that were refused when nobody stood here any more: kept through
// an outage, or decided late. The server lists each until the file is scanned again.
// @ts-check
import { $, say } from "./page.js";
import { line } from "./panel.js";

const most = 1000; // ids that are remembered

export class Unheard {
  constructor() {
    /** @type {Set<string>} commands whose answer was heard here, or whose line was shown */
    this.known = new Set();
  }

  /** An answer was heard after all. @param {string} id */
  heard(id) {
    if (this.known.size >= most) this.known.clear();
    this.known.add(id);
  }

  /**
   * Shows the list, and tells whether there is something new on it.
   * @param {Array<{id: string, code: string, what: string, at: string}>} list newest first
   */
  show(list) {
    $("unheard").hidden = list.length === 0;
    $("unheard-list").replaceChildren(...list.map((u) => line(u.code, u.what + " · " + u.at)));
    $("unheard-count").textContent = say("unheard", list.length);
    const fresh = list.filter((u) => !this.known.has(u.id));
    for (const u of fresh) this.heard(u.id);
    return fresh.length > 0;
  }
}
