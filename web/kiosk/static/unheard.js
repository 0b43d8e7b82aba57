// Scans of this station that were refused without its being told: kept through an outage,
// or decided when nobody waited. The server lists each for a day, or until the file is
// scanned here again.
// @ts-check
import { $, say } from "./page.js";
import { line } from "./panel.js";

const lines = 8; // that are shown; how many there are is said

export class Unheard {
  constructor() {
    /** @type {Set<string> | undefined} commands that were listed; none yet: the page has just been opened, and they may be old */
    this.known = undefined;
  }

  /**
   * Shows the list, and tells whether there is something new on it.
   * @param {Array<{id: string, code: string, what: string, at: string}>} list newest first
   */
  show(list) {
    $("unheard").hidden = list.length === 0;
    $("unheard-list").replaceChildren(...list.slice(0, lines).map((u) => line(u.code, u.what + " · " + u.at)));
    $("unheard-count").textContent = say("unheard", list.length);
    const { known } = this;
    this.known = new Set(list.map((u) => u.id));
    return Boolean(known && list.some((u) => !known.has(u.id)));
  }
}
