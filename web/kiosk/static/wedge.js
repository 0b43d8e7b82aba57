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
const most = 512; // characters, then a key that is held down is forgotten
const trailing = 100; // ms after a burst, in which a scanner may still add to it
const certain = 80; // ms: nobody types fourteen digits with the right check this fast

// Characters by their place on a US board, plain and with Shift.
const places = /** @type {Record<string, string>} */ ({
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"", Backquote: "`~",
  Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", NumpadDecimal: "..", NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++",
});
const shifted = ")!@#$%^&*(";
const beside = /^(?:Shift|Control|Alt|Meta|CapsLock|NumLock|Fn|OS|$)/; // keys that scanners press too

/** @typedef {{value: string}} Field */
/** @typedef {{code: string, key: string, shift: boolean, alt: boolean, ctrl: boolean, repeat?: boolean, up: boolean, time: number}} Key repeat: of a key that is held down */
/** @typedef {{text: string, method: string, raw: string, gaps: number[]}} Burst raw: with everything that the scanner added */
/** @typedef {{c: string, digit: string, time: number, key: string, swallowed: boolean, repeat: boolean, field: Field | null, held: string}} Stroke held: what the field held before it */

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

// AIM identifiers (ISO/IEC 15424) of symbols that may carry a code of ours, and how it
// was read then, as the station's agent knows them. Others, among them GS1's, stay: such
// a label is somebody else's and must not pass for ours.
const aim = /** @type {Record<string, string>} */ ({ "]Q0": "qr", "]Q1": "qr", "]Q2": "qr", "]C0": "code128" });
const theirs = /\](?!Q[012]|C0)[A-Za-z][0-9A-Za-z]/;

/**
 * Whether a burst says of itself that it is of a label which is never ours.
 * @param {string} text
 */
export const foreign = (text) => theirs.test(text);

/**
 * What a burst's characters are without the scanner's own: prefix, suffix and the
 * AIM identifier of a symbol that may be ours.
 * @param {string} all @param {Profile} profile @returns {{text: string, method: string}}
 */
export function bare(all, profile) {
  let text = all;
  if (profile.prefix && text.startsWith(profile.prefix)) text = text.slice(profile.prefix.length);
  if (profile.suffix && text.endsWith(profile.suffix)) text = text.slice(0, -profile.suffix.length);
  const method = aim[text.slice(0, 3)];
  return method ? { text: text.slice(3), method } : { text, method: "wedge" };
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
    this.done = -Infinity; // when the newest burst ended
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
    if (k.ctrl && !(k.code === "KeyJ" || k.code === "KeyM")) return false;
    if (k.ctrl || k.code === "Enter" || k.code === "NumpadEnter" || k.code === "Tab") { // Ctrl: line feed, return
      const its = this.end() || k.ctrl && k.time - this.done <= trailing;
      if (its) this.done = k.time;
      return its;
    }
    const c = character(k);
    if (c !== "") return this.add(c, digitOf(k), k, field);
    if (!beside.test(k.code)) this.end(); // a hand that edits what it typed
    return false;
  }

  /** @param {string} c @param {string} digit @param {Key} k @param {Field | null} field */
  add(c, digit, k, field) {
    const stroke = { c, digit, time: k.time, key: k.key.length === 1 ? k.key : "", swallowed: false, repeat: Boolean(k.repeat), field, held: field ? field.value : "" };
    if (this.strokes.push(stroke) > most && stroke.repeat) this.end(); // something lies on the board
    // What is certainly a machine's goes nowhere else, so that a field does not flicker;
    // what follows it waits its turn, whoever's it is.
    const before = this.strokes[this.strokes.length - 2];
    stroke.swallowed = Boolean(before?.swallowed) || this.strokes.length > least && median(gapsOf(this.strokes)) <= this.profile.gap;
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
    this.done = strokes[strokes.length - 1].time;
    const first = strokes[found.from];
    if (first.field) {
      first.field.value = first.held;
      this.restored(first.field);
    }
    this.put([...strokes.slice(found.from, found.to).filter((k) => found.hand.has(k)), ...strokes.slice(found.to)]);
    this.read({ text: found.text, method: found.method, raw: strokes.map((k) => k.c).join(""), gaps: gapsOf(strokes.slice(found.from, found.to)) });
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
   * hand just before or after it is told from it by the code's own check and by the
   * pause between: digits in the middle of something longer are no code.
   * @param {Stroke[]} strokes
   * @returns {{text: string, method: string, from: number, to: number, hand: Set<Stroke>} | null}
   */
  find(strokes) {
    const n = strokes.length;
    if (n < least || strokes.every((k, i) => k.c === strokes[0].c && (i === 0 || k.repeat))) return null; // or one key, held down
    const nobody = /** @type {Set<Stroke>} */ (new Set());
    const gaps = gapsOf(strokes);
    const { prefix, gap } = this.profile;
    const plain = strokes.map((k) => k.c).join(""), unshifted = strokes.map((k) => k.digit || k.c).join(""); // a scanner set for another board
    const pace = (/** @type {number} */ from, /** @type {number} */ to) => median(gaps.slice(from, to - 1));
    const label = (/** @type {number} */ from, /** @type {number} */ to) =>
      [plain, unshifted].map((all) => bare(all.slice(from, to), this.profile)).find((r) => valid(r.text));

    const at = unshifted.search(theirs);
    if (at >= 0 && n - at >= least && pace(at, n) <= certain) {
      const from = prefix && unshifted.slice(0, at).endsWith(prefix) ? at - prefix.length : at;
      return { ...bare((theirs.test(plain) ? plain : unshifted).slice(from), this.profile), from, to: n, hand: nobody };
    }
    const whole = label(0, n);
    if (whole && pace(0, n) <= certain) return { ...whole, from: 0, to: n, hand: nobody };
    let best = null, apart = -1;
    const longest = 14 + 3 + prefix.length + this.profile.suffix.length; // 3: the AIM identifier
    for (let from = 0; from + 14 <= n; from++) {
      for (let to = from + 14; to <= Math.min(n, from + longest); to++) {
        const before = gaps[from - 1] ?? Infinity, after = gaps[to - 1] ?? Infinity;
        const read = label(from, to), rhythm = pace(from, to);
        if (!read || rhythm > certain || Math.min(before, after) <= Math.max(gap, 1.5 * rhythm)) continue;
        if (before + after > apart) { best = { ...read, from, to, hand: nobody }; apart = before + after; }
      }
    }
    return best || this.struck(strokes) || (median(gaps) <= gap ? { ...bare(plain, this.profile), from: 0, to: n, hand: nobody } : null);
  }

  /**
   * A code into which a hand struck: without the hand's keys the rhythm is even.
   * @param {Stroke[]} strokes
   */
  struck(strokes) {
    const digits = strokes.filter((k) => k.digit);
    const text = digits.map((k) => k.digit).join("");
    const gaps = gapsOf(digits), rhythm = median(gaps);
    const within = digits[0] === strokes[0] && digits[digits.length - 1] === strokes[strokes.length - 1];
    if (!within || digits[digits.length - 1] !== strokes[strokes.length - 1] || !valid(text) || rhythm > certain || gaps.some((g) => g > 1.5 * rhythm)) return null;
    return { text, method: "wedge", from: 0, to: strokes.length, hand: new Set(strokes.filter((k) => !k.digit)) };
  }
}

/** @param {EventTarget | null} target */
const fieldOf = (target) => (target instanceof HTMLInputElement && target.type !== "file" || target instanceof HTMLTextAreaElement) ? target : null;

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
    const key = { code: e.code, key: e.key, shift: e.shiftKey, alt: e.altKey, ctrl: e.ctrlKey || e.metaKey, repeat: e.repeat, up: e.type === "keyup", time: e.timeStamp };
    if (wedge.key(key, fieldOf(e.target))) { e.preventDefault(); e.stopPropagation(); }
    if (wedge.strokes.length) timer = setTimeout(idle, wedge.profile.idle);
  };
  doc.addEventListener("keydown", take, true);
  doc.addEventListener("keyup", take, true);
  return wedge;
}
