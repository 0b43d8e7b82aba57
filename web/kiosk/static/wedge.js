// A keyboard-wedge scanner is a keyboard that types fast. A field that has the focus gets
// its text back, and a person typing is left alone. What of its keys is a read is told by
// the table scanner/source/testdata/guns.json, which the stations' agent obeys too:
// scanner/source/frame.go has the same rules and the same times.
//
// Only a whole code of ours is known to be whole, by its check digits: stillness behind it
// ends it. Digits of any other number may be a part of one, for a scanner may pause within
// a code. They are held for their rest, and without it count only as an old cover's that
// came in one piece up to the scanner's own Enter.
// @ts-check
import { character, digitOf, edits, enters, isAlt, numbered, padOf } from "./board.js";
import { bare, digits, even, gapsOf, plain, rank, rhythm, rolls, slow, theirs, unshifted } from "./burst.js";
import { valid } from "./gesture.js";

/** @typedef {import("./burst.js").Profile} Profile */
/** @typedef {import("./burst.js").Stroke} Stroke */
/** @typedef {import("./burst.js").Field} Field */
/** @type {Profile} the usual ones */
export const usual = { prefix: "", suffix: "", gap: 35, idle: 90 };

const certain = 80; // ms: nobody types fourteen digits with the right check this fast into a field
const hand = 60; // ms: nobody types anything this fast
const hold = 1000; // ms for the rest of what may be a part
const lies = 60000; // ms for which a part that was refused is remembered
const trailing = 100; // ms after a burst, in which a scanner may still add to it
const late = 500; // ms after one that stillness ended, in which its Enter may still come

const least = 6; // characters of a burst into a field
const leastOld = 4; // and elsewhere: of an old cover's code
const most = 512; // characters, then a key that is held down is forgotten
const longest = 64; // characters of what may be a scanner's in a field

/** @typedef {import("./board.js").Key} Key */
/** @typedef {{text: string, method: string, raw: string, gaps: number[], problem?: "part" | "slow"}} Burst raw: with everything that the scanner added; problem: why it is no read */
/** @typedef {"entered" | "silent"} Ending */
/** @typedef {{from: number, text: string, method: string, problem?: "part" | "slow"}} Found */

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
    this.done = -Infinity; // when the newest burst ended
    this.quiet = -Infinity; // when stillness ended one
    this.away = -Infinity; // when keys went, or may have gone, elsewhere
    /** @type {string[]} digits that were refused, without a longer pause than hold */
    this.parts = [];
    this.partAt = -Infinity; // when the newest of them came
    this.loose = -Infinity; // when a key came that is no burst's
  }

  /** ms: keys as fast as this are no hand's. */
  get fast() { return Math.min(this.profile.gap, hand); }

  /** When stillness ends what was typed; Infinity: nothing was. */
  get until() {
    const n = this.strokes.length;
    if (n === 0) return Infinity;
    const { suffix, idle } = this.profile;
    const last = this.strokes[n - 1].time, code = this.whole(this.strokes);
    if (code || suffix && plain(this.strokes).endsWith(suffix)) return last + Math.min(hold, Math.max(idle, 2 * rhythm(this.strokes.slice(code?.from || 0))));
    return last + (this.waits() ? hold : idle);
  }

  /** Whether what was typed may have a rest: in a field only where a scanner typed it but for one last key. */
  waits() {
    const { strokes } = this, n = strokes.length;
    if (!strokes.some((k) => k.field)) return true;
    const near = (/** @type {number} */ i) => i > 0 && strokes[i].time - strokes[i - 1].time <= this.fast;
    return n <= longest && (near(n - 1) || near(n - 2)) && rolls(strokes, this.fast);
  }

  /** Keys went where this is not told of them. @param {number} time */
  lost(time) {
    this.end("silent", time);
    this.away = time;
  }

  /**
   * Takes a key, pressed or released, of whoever types. True: nobody else may have it.
   * @param {Key} k @param {Field | null} field that has the focus
   */
  key(k, field) {
    if (k.time > this.until) this.end("silent", k.time);
    if (k.up) {
      if (isAlt(k) && this.alt) {
        const c = numbered(this.alt);
        this.alt = "";
        if (/[\t\n\r\x03]/.test(c)) this.enter(k);
        else if (/[^\x00\x02]/.test(c)) this.add(c, /\d/.test(c) ? c : "", k, field);
      }
      return false;
    }
    if (k.alt) {
      this.alt += padOf(k);
      return padOf(k) !== "";
    }
    if (k.meta || k.ctrl && !enters(k)) return false;
    if (enters(k)) return this.enter(k); // Ctrl: line feed, return
    const c = character(k);
    if (c !== "") return this.add(c, digitOf(k), k, field);
    if (edits(k)) this.end("silent", k.time);
    return false;
  }

  /** @param {Key} k */
  enter(k) {
    const its = this.end("entered", k.time) || k.ctrl && k.time - this.done <= trailing || k.time - this.quiet <= late;
    this.quiet = -Infinity;
    if (its) this.done = k.time;
    return its;
  }

  /** @param {string} c @param {string} digit @param {Key} k @param {Field | null} field */
  add(c, digit, k, field) {
    const last = this.strokes[this.strokes.length - 1], gap = last ? k.time - last.time : 0;
    if (gap > this.fast) {
      const code = this.whole(this.strokes);
      if (code && gap > this.apart(this.strokes.slice(code.from))) this.end("silent", k.time);
    }
    const stroke = { c, digit, time: k.time, key: k.key.length === 1 ? k.key : "", swallowed: false, repeat: Boolean(k.repeat), field, held: field ? field.value : "" };
    if (this.strokes.push(stroke) > most && stroke.repeat) this.end("silent", k.time); // something lies on the board
    // What is certainly a machine's goes nowhere else, so that a field does not flicker;
    // what follows it waits its turn, whoever's it is.
    const before = this.strokes[this.strokes.length - 2];
    stroke.swallowed = Boolean(before?.swallowed) || this.strokes.length > least && rhythm(this.strokes) <= this.fast;
    return stroke.swallowed;
  }

  /**
   * Ends what was typed; true: it was a burst, and was answered.
   * @param {Ending} [how] @param {number} [time]
   */
  end(how = "silent", time = 0) {
    const { strokes } = this;
    this.strokes = [];
    this.alt = "";
    if (strokes.length === 0) return false;
    const { found, to, struck } = this.find(strokes, how, time);
    if (found.length === 0) {
      this.loose = strokes[strokes.length - 1].time;
      this.put(strokes.filter((k) => k.swallowed)); // a fast hand after all
      return false;
    }
    this.done = strokes[strokes.length - 1].time;
    if (how === "silent") this.quiet = this.done;
    const [{ from }] = found, first = strokes[from];
    if (first.field) {
      first.field.value = first.held;
      this.restored(first.field);
    }
    this.put([...strokes.slice(0, from).filter((k) => k.swallowed), ...strokes.slice(from, to).filter((k) => struck.has(k)), ...strokes.slice(to)]);
    found.forEach(({ from: start, ...read }, i) => {
      const end = found[i + 1]?.from ?? to;
      this.read({ ...read, raw: plain(i === 0 && found.length === 1 ? strokes : strokes.slice(start, end)), gaps: gapsOf(strokes.slice(start, end)) });
    });
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

  /** ms between keys beyond which a code begins or ends. @param {Stroke[]} code */
  apart(code) { return Math.max(this.fast, 1.5 * rhythm(code)); }

  /**
   * The code of ours that was typed last: all there is, or what came behind a pause. A
   * hand just before it is told from it by the code's own check and by the pause between:
   * digits in the middle of something longer are no code.
   * @param {Stroke[]} strokes @returns {Found | null}
   */
  whole(strokes) {
    const n = strokes.length;
    if (n < 14) return null;
    const all = plain(strokes), other = unshifted(strokes);
    const limit = strokes.some((k) => k.field) ? certain : Infinity;
    /** @param {number} from @returns {Found | null} */
    const label = (from) => {
      const code = [all, other].map((text) => bare(text.slice(from), this.profile)).find((r) => valid(r.text));
      return code && rhythm(strokes.slice(from)) <= limit ? { from, ...code } : null;
    };
    let best = label(0), pause = this.fast;
    if (best || theirs.test(other)) return best;
    const reach = 14 + 3 + 3 + this.profile.prefix.length + this.profile.suffix.length; // AIM identifier, spaces
    for (let from = Math.max(1, n - reach); from + 14 <= n; from++) {
      const gap = strokes[from].time - strokes[from - 1].time;
      if (gap <= pause || gap <= this.apart(strokes.slice(from))) continue;
      const found = label(from);
      if (found) { best = found; pause = gap; }
    }
    return best;
  }

  /**
   * Finds what scanners sent in what was typed, and the strokes of a hand that fell into it.
   * @param {Stroke[]} strokes @param {Ending} how @param {number} time
   * @returns {{found: Found[], to: number, struck: Set<Stroke>}}
   */
  find(strokes, how, time) {
    const n = strokes.length, nobody = /** @type {Set<Stroke>} */ (new Set());
    if (n > 1 && strokes.every((k, i) => k.c === strokes[0].c && (i === 0 || k.repeat))) return { found: [], to: n, struck: nobody }; // one key, held down
    const code = this.whole(strokes);
    if (code) {
      const before = code.from > 0 ? this.other(strokes.slice(0, code.from), "silent", time).found : [];
      return { found: [...before.map((b) => b.problem ? b : this.refuse(b, strokes[b.from].time, strokes[code.from - 1].time)), code], to: n, struck: nobody };
    }
    return this.struck(strokes) || this.other(strokes, how, time);
  }

  /**
   * Judges what is no whole code of ours.
   * @param {Stroke[]} all @param {Ending} how @param {number} time
   * @returns {{found: Found[], to: number, struck: Set<Stroke>}}
   */
  other(all, how, time) {
    const { from, to } = this.core(all);
    const strokes = all.slice(from, to), n = strokes.length, nothing = { found: [], to, struck: new Set() };
    if (n === 0) return nothing;
    const inField = strokes.some((k) => k.field), pace = rhythm(strokes), first = strokes[0].time, last = strokes[n - 1].time;
    const text = plain(strokes), signs = unshifted(strokes), at = signs.search(theirs);
    if (at >= 0 && n - at >= least && pace <= (inField ? certain : slow)) {
      const begin = this.profile.prefix && signs.slice(0, at).endsWith(this.profile.prefix) ? at - this.profile.prefix.length : at;
      return { ...nothing, found: [{ from: from + begin, ...bare((theirs.test(text) ? text : signs).slice(begin), this.profile) }] };
    }
    const read = { from, ...bare(text, this.profile) };
    const numeric = digits(read.text);
    const gap = inField ? this.fast : this.profile.gap;
    const machine = n >= (inField ? least : numeric ? 2 : leastOld) && pace <= gap && rolls(strokes, gap);
    const byHand = !inField && n >= leastOld && rank(gapsOf(strokes), 0.25) <= slow && (numeric || how === "entered"); // or a slow scanner's
    if (last - this.partAt > lies) this.parts = [];
    const joined = numeric && (machine || !inField) && first - this.partAt <= hold && this.joined(read.text);
    if (joined) {
      this.parts = [];
      return { ...nothing, found: [{ ...read, text: joined }] };
    }
    if (!machine && !byHand) return nothing;
    if (!machine && !numeric) return { ...nothing, found: [{ ...read, problem: "slow" }] };
    const { suffix } = this.profile, ended = suffix !== "" && text.endsWith(suffix);
    const missing = first - this.away <= hold;
    const cut = from > 0 || to < all.length || first - this.loose <= hold;
    const finished = !cut && !missing && (ended ? even(strokes, last) : how === "entered" && even(strokes, time));
    if (this.parts.length > 0 && (finished || !numeric) || missing) { // the end of something
      this.parts = [];
      return { ...nothing, found: [{ ...read, problem: "part" }] };
    }
    if (cut || numeric && !finished) return { ...nothing, found: [this.refuse(read, first, last)] };
    if (!machine) return { ...nothing, found: [{ ...read, problem: "slow" }] };
    return numeric && n < leastOld ? nothing : { ...nothing, found: [read] };
  }

  /**
   * Where in what was typed a scanner may have been: without the single keys of a hand
   * before it and, in a field, after it.
   * @param {Stroke[]} strokes
   */
  core(strokes) {
    const inField = strokes.some((k) => k.field), { idle } = this.profile;
    let from = 0, to = strokes.length;
    const wide = (/** @type {number} */ i) => strokes[i].time - strokes[i - 1].time > idle;
    const dense = strokes.some((_, i) => i > 0 && !wide(i)); // else they are all alike
    if (!dense) return { from, to };
    while (from + 1 < to && wide(from + 1) && (inField || !strokes[from].digit)) from++;
    while (inField && to - 1 > from && wide(to - 1)) to--;
    return { from, to };
  }

  /** The answer to a part of something. @param {Found} read @param {number} first @param {number} last @returns {Found} */
  refuse(read, first, last) {
    if (digits(read.text)) {
      if (first - this.partAt > hold) this.parts = [];
      this.parts = [...this.parts, read.text].slice(-14);
      this.partAt = last;
    }
    return { ...read, problem: "part" };
  }

  /** The code of ours of which parts were refused and this is the rest: somebody's Enter may have fallen into it. @param {string} rest */
  joined(rest) {
    return this.parts.map((_, i) => this.parts.slice(i).join("") + rest).findLast(valid) || "";
  }

  /**
   * A code into which a hand struck: without the hand's keys the rhythm is even.
   * @param {Stroke[]} strokes
   */
  struck(strokes) {
    const own = strokes.filter((k) => k.digit);
    const text = own.map((k) => k.digit).join(""), pace = rhythm(own);
    const within = own[0] === strokes[0] && own[own.length - 1] === strokes[strokes.length - 1];
    if (!within || !valid(text) || pace > certain || gapsOf(own).some((g) => g > 1.5 * pace)) return null;
    return { found: [{ from: 0, text, method: "wedge" }], to: strokes.length, struck: new Set(strokes.filter((k) => !k.digit)) };
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
  const wait = () => {
    clearTimeout(timer);
    if (wedge.strokes.length) timer = setTimeout(idle, Math.max(wedge.profile.idle, wedge.until - performance.now()) + 1); // keys that wait for a busy page come first
  };
  const idle = () => {
    if (performance.now() > wedge.until) wedge.end();
    wait();
  };
  /** @param {KeyboardEvent} e */
  const take = (e) => {
    const key = { code: e.code, key: e.key, shift: e.shiftKey, alt: e.altKey, ctrl: e.ctrlKey, meta: e.metaKey, repeat: e.repeat, up: e.type === "keyup", time: e.timeStamp };
    if (wedge.key(key, fieldOf(e.target))) { e.preventDefault(); e.stopPropagation(); }
    wait();
  };
  doc.addEventListener("keydown", take, true);
  doc.addEventListener("keyup", take, true);
  for (const event of ["blur", "focus"]) doc.defaultView?.addEventListener(event, () => { wedge.lost(performance.now()); wait(); });
  return wedge;
}
