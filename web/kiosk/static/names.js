// What files and cards are called, as the office last said: a station knows it with the
// office away too.
// @ts-check

/** @typedef {{code: string, codes?: string[], number: string}} Item codes: given to it beside the first, of later covers and old ones */

export class Names {
  /** @param {import("./outbox.js").Outbox} outbox */
  constructor(outbox) {
    this.outbox = outbox;
    /** @type {{cards: Record<string, string>, files: Record<string, string>}} */
    this.known = outbox.settings.names || { cards: {}, files: {} };
  }

  /** What the office says now; what is new goes to the disk. @param {{cards?: Record<string, string>, expected: Item[], overdue: Item[]}} view */
  learn({ cards, expected, overdue }) {
    const files = Object.fromEntries([...expected, ...overdue].flatMap((i) => [i.code, ...(i.codes || [])].map((code) => [code, i.number])));
    const known = { cards: cards || {}, files }; // an older office says none
    if (JSON.stringify(known) === JSON.stringify(this.known)) return;
    this.known = known;
    this.outbox.set("names", known).catch(() => {}); // it is learned again
  }

  /** The number of a file, by any code that it was given; empty: not known. @param {string} code */
  ofFile(code) { return this.known.files[code] || ""; }

  /** What the card that is open stands for; empty: not known, or nothing. @param {import("./gesture.js").Context | undefined} context */
  ofCard(context) {
    for (const code of Object.values(context?.with || {})) {
      const name = typeof code === "string" && this.known.cards[code];
      if (name) return name;
    }
    return "";
  }
}
