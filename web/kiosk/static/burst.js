// What strokes of keys say, and in what rhythm.
// @ts-check
import { valid } from "./gesture.js";

/**
 * What is known of a scanner. Learned by setup.js.
 * @typedef {object} Profile
 * @property {string} prefix that it types before a code, in characters of a US board
 * @property {string} suffix and after it, before Enter or Tab
 * @property {number} gap ms: a burst's median gap is at most this
 * @property {number} idle ms of stillness that end a whole code
 */
/** @typedef {{value: string}} Field */
/** @typedef {{c: string, digit: string, time: number, key: string, swallowed: boolean, repeat: boolean, field: Field | null, held: string}} Stroke held: what the field held before it */

export const slow = 180; // ms between the keys of a slow scanner, at most
const tear = 120; // ms between keys: something may be missing there

// AIM identifiers (ISO/IEC 15424) of symbols that may carry a code of ours, and how it
// was read then, as the station's agent knows them. Others, among them GS1's, stay: such
// a label is somebody else's and must not pass for ours.
const aim = /** @type {Record<string, string>} */ ({ "]Q0": "qr", "]Q1": "qr", "]Q2": "qr", "]C0": "code128" });
export const theirs = /\](?!Q[012]|C0)[A-Za-z][0-9A-Za-z]/;

/**
 * Whether a burst says of itself that it is of a label which is never ours.
 * @param {string} text
 */
export const foreign = (text) => theirs.test(text);

/**
 * What a burst's characters are without the scanner's own: prefix, suffix and the
 * AIM identifier of a symbol that may be ours. A code of ours may have spaces, as it is
 * printed.
 * @param {string} all @param {Profile} profile @returns {{text: string, method: string}}
 */
export function bare(all, profile) {
  let text = all.trim();
  if (profile.prefix && text.startsWith(profile.prefix)) text = text.slice(profile.prefix.length);
  if (profile.suffix && text.endsWith(profile.suffix)) text = text.slice(0, -profile.suffix.length);
  const method = aim[text.slice(0, 3)];
  text = (method ? text.slice(3) : text).trim();
  const joined = text.replace(/ /g, "");
  return { text: valid(joined) ? joined : text, method: method || "wedge" };
}

/** Whether a text has nothing but digits, behind an AIM identifier too. @param {string} text */
export const digits = (text) => /^(?:\][A-Za-z][0-9A-Za-z])?[0-9 ]*$/.test(text);

/** @param {Stroke[]} strokes */
export const plain = (strokes) => strokes.map((k) => k.c).join("");
/** @param {Stroke[]} strokes of a scanner set for another board */
export const unshifted = (strokes) => strokes.map((k) => k.digit || k.c).join("");

/** @param {Stroke[]} strokes */
export const gapsOf = (strokes) => strokes.slice(1).map((k, i) => k.time - strokes[i].time);

/** @param {number[]} list @param {number} share of those before it */
export const rank = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)] ?? 0;

/** @param {Stroke[]} strokes the middle one of the times between them */
export const rhythm = (strokes) => rank(gapsOf(strokes), 0.5);

/** Whether keys came as fast as that in a row that no hand rolls over: four, or all. @param {Stroke[]} strokes @param {number} gap */
export function rolls(strokes, gap) {
  let row = 1;
  return strokes.some((k, i) => (row = i > 0 && k.time - strokes[i - 1].time <= gap ? row + 1 : 1) >= Math.min(4, strokes.length));
}

/** Whether keys came without a pause, up to the end. @param {Stroke[]} strokes @param {number} end */
export function even(strokes, end) {
  const gaps = [...gapsOf(strokes), end - strokes[strokes.length - 1].time];
  return Math.max(...gaps) <= Math.max(tear, Math.min(2 * slow, 2 * rank(gaps, 0.25)));
}
