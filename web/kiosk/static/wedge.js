// A keyboard-wedge scanner is a keyboard that types fast. Its keys are read by their
// place on the board (event.code), so that a layout or Caps Lock makes no difference;
// a field that has the focus gets its text back, and a person typing is left alone.
// @ts-check
import { valid } from "./gesture.js";

/**
 * What is known of a scanner. Learned by setup.js; these are the usual ones.
 * @typedef {object} Profile
 * @property {string} prefix that it types before a code, in characters of a US board
 * @property {string} suffix and after it, before Enter or Tab
 * @property {number} gap ms: a burst's median gap is at most this
 * @property {number} idle ms of silence that end a burst
 */
/** @type {Profile} */
export const usual = { prefix: "", suffix: "", gap: 35, idle: 90 };

const least = 6; // characters of a burst
const certain = 80; // ms: nobody types fourteen digits with the right check this fast

// Characters by their place on a US board, plain and with Shift.
const places = /** @type {Record<string, string>} */ ({
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"", Backquote: "`~",
  Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", NumpadDecimal: "..", NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++",
});
const shifted = ")!@#$%^&*(";

/** @typedef {{value: string}} Field */
/** @typedef {{code: string, key: string, shift: boolean, alt: boolean, ctrl: boolean, up: boolean, time: number}} Key */
/** @typedef {{text: string, raw: string, gaps: number[]}} Burst raw: with everything that the scanner added */
/** @typedef {{c: string, digit: string, time: number, key: string, swallowed: boolean, field: Field | null, held: string}} Stroke held: what the field held before it */

/** @param {Key} k the digit of a key, whatever Shift does to it */
const digitOf = (k) => /^(?:Digit|Numpad)(\d)$/.exec(k.code)?.[1] || "";

/** @param {Key} k the character that a scanner means by a key; empty: none */
function character(k) {
  const digit = digitOf(k);
  if (digit) return k.shift && k.code.startsWith("D") ? shifted[Number(digit)] : digit;
  const letter = /^Key([A-Z])$/.exec(k.code)?.[1];
  if (letter) return k.shift ? letter : letter.toLowerCase();
  return places[k.code]?.[k.shift ? 1 : 0] || "";
}

/**
 * What a burst's characters are without the scanner's own: prefix, suffix and the
 * AIM identifier, such as ]C1.
 * @param {string} text @param {Profile} profile
 */
export function bare(text, profile) {
  let t = text;
  if (profile.prefix && t.startsWith(profile.prefix)) t = t.slice(profile.prefix.length);
  if (profile.suffix && t.endsWith(profile.suffix)) t = t.slice(0, -profile.suffix.length);
  return t.replace(/^\][A-Za-z][0-9A-Za-z]/, "");
}

/** @param {number[]} list */
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

/** @param {Stroke[]} strokes */
const gapsOf = (strokes) => strokes.slice(1).map((k, i) => k.time - strokes[i].time);

/** Tells bursts from typing. It knows time only from the keys it is given. */
export class Wedge {
  /** @param {Profile} profile @param {(burst: Burst) => void} read @param {(field: Field) => void} [restored] */
  constructor(profile, read, restored = () => {}) {
    this.profile = profile;
    this.read = read;
    this.restored = restored;
    /** @type {Stroke[]} */
    this.strokes = [];
    this.alt = ""; // digits typed while Alt is held: a character's number
  }

  /** When silence ends what was typed; Infinity: nothing was. */
  get until() { return this.strokes.length ? this.strokes[this.strokes.length - 1].time + this.profile.idle : Infinity; }

  /**
   * Takes a key, pressed or released, of whoever types. True: nobody else may have it.
   * @param {Key} k @param {Field | null} field that has the focus
   */
  key(k, field) {
    if (k.time > this.until) this.end();
    if (k.up) {
      if (k.code.startsWith("Alt") && this.alt) {
        const c = String.fromCharCode(Number(this.alt) % 256);
        this.alt = "";
        this.add(c, /\d/.test(c) ? c : "", k, field);
      }
      return false;
    }
    if (k.alt) {
      if (!k.code.startsWith("Numpad") || !digitOf(k)) return false;
      this.alt += digitOf(k);
      return true;
    }
    if (k.ctrl) return false;
    if (k.code === "Enter" || k.code === "NumpadEnter" || k.code === "Tab") return this.end();
    const c = character(k);
    return c !== "" && this.add(c, digitOf(k), k, field);
  }

  /** @param {string} c @param {string} digit @param {Key} k @param {Field | null} field */
  add(c, digit, k, field) {
    const stroke = { c, digit, time: k.time, key: k.key.length === 1 ? k.key : "", swallowed: false, field, held: field ? field.value : "" };
    this.strokes.push(stroke);
    // What is certainly a machine's goes nowhere else, so that a field does not flicker.
    stroke.swallowed = this.strokes.length > least && median(gapsOf(this.strokes)) <= this.profile.gap;
    return stroke.swallowed;
  }

  /** Ends what was typed; true: it was a burst, and was read. */
  end() {
    const strokes = this.strokes;
    this.strokes = [];
    this.alt = "";
    const found = this.find(strokes);
    if (!found) {
      this.put(strokes.filter((k) => k.swallowed)); // a fast hand after all
      return false;
    }
    const first = strokes[found.from];
    if (first.field) {
      first.field.value = first.held;
      this.restored(first.field);
    }
    this.put([...strokes.slice(found.from, found.to).filter((k) => found.hand.has(k)), ...strokes.slice(found.to)]);
    this.read({ text: found.text, raw: strokes.map((k) => k.c).join(""), gaps: gapsOf(strokes.slice(found.from, found.to)) });
    return true;
  }

  /** Gives a field the keys that belong to a person. @param {Stroke[]} strokes */
  put(strokes) {
    for (const k of strokes) {
      if (!k.field || !k.key) continue;
      k.field.value += k.key;
      this.restored(k.field);
    }
  }

  /**
   * Finds the burst in what was typed, and the strokes of a hand that fell into it. A
   * hand just before or after it is told from it by the code's own check.
   * @param {Stroke[]} strokes
   * @returns {{text: string, from: number, to: number, hand: Set<Stroke>} | null}
   */
  find(strokes) {
    const n = strokes.length;
    if (n < least) return null;
    const nobody = /** @type {Set<Stroke>} */ (new Set());
    const gaps = gapsOf(strokes);
    const fast = (/** @type {number} */ from, /** @type {number} */ to) => median(gaps.slice(from, to - 1)) <= certain;
    const label = (/** @type {number} */ from, /** @type {number} */ to) => {
      const part = strokes.slice(from, to);
      const text = bare(part.map((k) => k.c).join(""), this.profile);
      if (valid(text)) return text;
      const unshifted = bare(part.map((k) => k.digit || k.c).join(""), this.profile); // a scanner set for another board
      return valid(unshifted) ? unshifted : "";
    };
    const whole = label(0, n);
    if (whole && fast(0, n)) return { text: whole, from: 0, to: n, hand: nobody };
    let best = null, apart = -1;
    const longest = 14 + 3 + this.profile.prefix.length + this.profile.suffix.length; // 3: the AIM identifier
    for (let from = 0; from + 14 <= n; from++) {
      for (let to = from + 14; to <= Math.min(n, from + longest); to++) {
        const text = label(from, to);
        const distance = (gaps[from - 1] || 0) + (gaps[to - 1] || 0);
        if (text && fast(from, to) && distance > apart) { best = { text, from, to, hand: nobody }; apart = distance; }
      }
    }
    if (best) return best;
    const digits = strokes.filter((k) => k.digit);
    const text = digits.map((k) => k.digit).join("");
    if (valid(text) && fast(0, n)) return { text, from: 0, to: n, hand: new Set(strokes.filter((k) => !k.digit)) };
    return median(gaps) <= this.profile.gap ? { text: bare(strokes.map((k) => k.c).join(""), this.profile), from: 0, to: n, hand: nobody } : null;
  }
}

/** @param {EventTarget | null} target */
const fieldOf = (target) => (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) ? target : null;

/**
 * Listens on a page.
 * @param {Document} doc @param {Profile} profile @param {(burst: Burst) => void} read
 * @returns {Wedge} whose profile may be changed
 */
export function listen(doc, profile, read) {
  const wedge = new Wedge(profile, read, (field) => /** @type {HTMLInputElement} */ (field).dispatchEvent(new Event("input", { bubbles: true })));
  /** @type {number | undefined} */
  let timer;
  const idle = () => {
    const left = wedge.until - performance.now();
    if (left > 0) timer = setTimeout(idle, left + 1); // keys that wait for a busy page come first
    else wedge.end();
  };
  /** @param {KeyboardEvent} e */
  const take = (e) => {
    clearTimeout(timer);
    const key = { code: e.code, key: e.key, shift: e.shiftKey, alt: e.altKey, ctrl: e.ctrlKey || e.metaKey, up: e.type === "keyup", time: e.timeStamp };
    if (wedge.key(key, fieldOf(e.target))) { e.preventDefault(); e.stopPropagation(); }
    if (wedge.strokes.length) timer = setTimeout(idle, wedge.profile.idle);
  };
  doc.addEventListener("keydown", take, true);
  doc.addEventListener("keyup", take, true);
  return wedge;
}
