// Scans of this station that were refused, whether or not somebody heard it then. The
// server lists each for three days, or until the file is scanned here again.
// @ts-check
import { $, say } from "./page.js";
import { line } from "./panel.js";

const lines = 8; // that are shown; how many there are is said
const most = 5000; // ids that are remembered

export class Refusals {
  constructor() {
    /** @type {Set<string>} commands whose refusal was heard here, or which an earlier page may have told */
    this.known = new Set();
    /** @type {Set<string>} commands that this page gave */
    this.given = new Set();
    this.begun = false;
  }

  /** @param {Set<string>} ids @param {string} id */
  remember(ids, id) {
    ids.add(id);
    if (ids.size > most) for (const first of ids) { ids.delete(first); break; }
  }

  /** This page gives a command. @param {string} id */
  gives(id) { this.remember(this.given, id); }

  /** A refusal is heard. Whether it is the first time. @param {string} id */
  heard(id) {
    const first = !this.known.has(id);
    this.remember(this.known, id);
    return first;
  }

  /**
   * Shows the list, and tells whether there is something on it that nobody has heard.
   * What waits for its answer is heard then.
   * @param {Array<{id: string, code: string, number?: string, what: string, at: string}>} list newest first
   * @param {(id: string) => boolean} waits
   */
  show(list, waits) {
    $("refused").hidden = list.length === 0;
    $("refused-list").replaceChildren(...list.slice(0, lines).map((r) => line(r.number || r.code, r.what + " · " + r.at)));
    $("refused-count").textContent = say("refused", list.length);
    let news = false;
    for (const { id } of list) {
      if (waits(id)) continue;
      const told = !this.begun && !this.given.has(id); // before this page was opened
      if (this.heard(id) && !told) news = true;
    }
    this.begun = true;
    return news;
  }
}
