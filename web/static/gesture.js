// Reads become commands: the reducer of scanner/gesture, for a browser. Its tables
// are the same file that the Go tests read.
// @ts-check

export const contextLasts = 20000; // ms

/** @typedef {{context?: {desk?: string, onward?: boolean, runner?: string}, until?: number, lastFile?: string, lastFileAt?: number, lastCommand?: {id: string, code: string}}} State */
/** @typedef {{id: string, code: string, at: number, method: string}} Read */

/** @param {string} text */
export function valid(text) {
  if (!/^[1-6]\d{13}$/.test(text)) return false;
  let rem = 0;
  for (const d of text.slice(0, 12)) rem = (rem * 10 + Number(d)) % 97;
  return 98 - (rem * 100) % 97 === Number(text.slice(12));
}

/**
 * @param {State} state
 * @param {Read} read
 * @param {Record<string, string>} cards
 * @returns {{state: State, commands: Array<Record<string, unknown>>, feedback: string}}
 */
export function step(state, read, cards) {
  const s = { ...state };
  if (s.context && read.at >= (s.until || 0)) delete s.context;
  const answer = (/** @type {string} */ feedback, /** @type {Array<Record<string, unknown>>} */ commands = []) => ({ state: s, commands, feedback });
  if (!valid(read.code)) return answer("bad_code");
  const command = (/** @type {string} */ id, /** @type {string} */ code, /** @type {object | undefined} */ context) =>
    ({ id, kind: "scan", code, method: read.method, ...(context ? { context } : {}) });
  const kind = read.code[0];
  if (kind === "1") {
    s.lastFile = read.code; s.lastFileAt = read.at;
    s.lastCommand = { id: read.id, code: read.code };
    return answer("scan", [command(read.id, read.code, s.context)]);
  }
  const open = (/** @type {object} */ context, /** @type {string} */ feedback) => {
    s.context = context; s.until = read.at + contextLasts;
    if (s.lastFile && read.at - (s.lastFileAt || 0) < contextLasts) {
      const c = command(read.id, s.lastFile, context);
      s.lastCommand = { id: read.id, code: s.lastFile };
      delete s.lastFile;
      return answer(feedback, [c]);
    }
    return answer(feedback);
  };
  if (kind === "2") return open({ desk: read.code }, "desk");
  if (kind === "3") return open({ runner: read.code }, "runner");
  switch (cards[read.code]) {
    case "onward": return open({ onward: true }, "onward");
    case "done": delete s.context; delete s.lastFile; return answer("done");
    case "undo": {
      const last = s.lastCommand;
      if (!last) return answer("nothing_undo");
      delete s.lastCommand; delete s.lastFile;
      return answer("undo", [{ id: read.id, kind: "undo", code: last.code, undoes: last.id }]);
    }
  }
  return answer("other_card");
}
