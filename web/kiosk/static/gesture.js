// Reads become commands: the reducer of scanner/gesture, for a browser. Both obey
// scanner/gesture/testdata/table.json.
// @ts-check

export const lasts = 20000; // ms that a card's context stays open after its last use

/** @typedef {{of?: number, code?: string, says: string, kind?: string, key?: string, asks?: string, then?: string, undo?: boolean, idle?: boolean}} Card see label.Gesture */
/** @typedef {{says: string, kind: string, with?: Record<string, unknown>, asks?: string, then?: string}} Context */
/** @typedef {{boot?: string, context?: Context, until?: number, badge?: string, lone?: {code: string, method: string, at: number}, act?: {id: string, code: string}}} State */
/** @typedef {{id: string, text: string, method: string, at: number, boot: string}} Read at in ms since the boot */
/** @typedef {{id: string, kind: string, code: string, badge?: string, method: string, with?: Record<string, unknown>}} Command */
/** @typedef {{state: State, commands: Command[], says: string}} Answer */

/** A text with Urdu and Arabic-Indic digits as Latin ones, as label.Latin makes it. @param {string} text */
export const latin = (text) => text.replace(/[۰-۹٠-٩]/g, (d) => String(d.charCodeAt(0) & 15));

/** @param {string} text */
export function valid(text) {
  if (!/^[1-7]\d{13}$/.test(text)) return false;
  let rem = 0;
  for (const d of text.slice(0, 12)) rem = (rem * 10 + Number(d)) % 97;
  return 98 - ((rem * 100) % 97) === Number(text.slice(12));
}

/**
 * The text of somebody else's label in the form in which an old cover is registered, as
 * label.Foreign makes it; empty: it can be none.
 * @param {string} text
 */
export function foreign(text) {
  const joined = latin(text).replace(/\s/g, "");
  return /^[!-~]{4,36}$/.test(joined) && !/^\d{11,17}$/.test(joined) ? joined.toUpperCase() : "";
}

/**
 * The state when nothing was read until then.
 * @param {State} state
 * @param {number} at
 */
export function settled(state, at) {
  const s = { ...state };
  if (at >= (s.until || 0)) closes(s);
  if (s.lone && at - s.lone.at >= lasts) delete s.lone;
  return s;
}

/** Ends the open card's context. @param {State} s */
function closes(s) {
  delete s.context;
  delete s.until;
  delete s.badge;
}

/**
 * Takes one read. cards is every card that does something.
 * @param {State} state
 * @param {Read} read
 * @param {Card[]} cards
 * @returns {Answer}
 */
export function step(state, read, cards) {
  const { id, method, at, boot } = read;
  const ours = valid(read.text);
  const text = ours ? read.text : method === "typed" ? "" : foreign(read.text);
  const s = settled(state.boot === boot ? state : { boot, ...(state.act && { act: state.act }) }, at);
  if (!text) return { state: s, commands: [], says: "bad_code" };

  /** @param {string} code @param {string} by @param {string} says @returns {Answer} */
  const give = (code, by, says) => {
    s.act = { id, code };
    return { state: s, commands: [{ id, kind: s.context?.kind ?? "scan", code, ...(s.badge && { badge: s.badge }), method: by, ...(s.context?.with && { with: s.context.with }) }], says };
  };

  if (!ours || text[0] === "1") { // an old cover, for all that a station knows, or ours
    const asks = s.context?.asks;
    if (!s.context || asks) s.lone = { code: text, method, at };
    if (s.context) s.until = at + lasts;
    if (asks) return { state: s, commands: [], says: "asked_first" };
    return give(text, method, "scan");
  }
  /** @param {Context} context @returns {Answer} */
  const pair = (context) => {
    s.context = context;
    s.until = at + lasts;
    const lone = s.lone;
    if (context.asks) {
      if (lone) s.lone = { ...lone, at }; // it waits for the other card too
      return { state: s, commands: [], says: context.says };
    }
    delete s.lone;
    if (!lone) return { state: s, commands: [], says: context.says };
    const given = give(lone.code, lone.method, context.says); // it takes that file and no other
    closes(s);
    return given;
  };

  const open = s.context;
  if (open?.asks && text[0] === "4" && !cards.some((c) => c.code === text)) { // one of the office's own
    return pair({ says: open.then || "", kind: open.kind, with: { [open.asks]: text } });
  }
  const card = cards.find((c) => c.code === text || c.of === text.charCodeAt(0));
  if (!card || card.idle) return { state: s, commands: [], says: "not_in_use" };
  const { says, kind, key } = card;
  if (!kind) return { state: { boot, ...(s.act && { act: s.act }) }, commands: [], says };
  if (card.undo && key) {
    const act = s.act;
    if (!act) return { state: s, commands: [], says: "nothing_undo" };
    delete s.act;
    delete s.lone;
    return { state: s, commands: [{ id, kind, code: act.code, ...(s.badge && { badge: s.badge }), method, with: { [key]: act.id } }], says };
  }
  if (text[0] === "3") s.badge = text; // whoever acts from now on
  return pair({ says, kind, ...(key && { with: { [key]: card.code ? true : text } }), ...(card.asks && { asks: card.asks, then: card.then }) });
}
