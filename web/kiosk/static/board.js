// What a key means to a scanner that types: by its place on the board (event.code), so
// that a layout or Caps Lock makes no difference, and by what it types (event.key) where
// a device does not tell the place.
// @ts-check
import { latin } from "./gesture.js";

/** @typedef {{code: string, key: string, shift: boolean, alt: boolean, ctrl: boolean, meta?: boolean, repeat?: boolean, up: boolean, time: number}} Key repeat: of a key that is held down */

// Characters by their place on a US board, plain and with Shift.
const places = /** @type {Record<string, string>} */ ({
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"", Backquote: "`~",
  Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", NumpadDecimal: "..", NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++",
});
const shifted = ")!@#$%^&*(";
const others = /^(?:Intl|Numpad(?:Equal|Comma|Paren))/; // signs that differ from board to board
const editing = /^(?:Escape|Backspace|Delete|Insert|Home|End|Page(?:Up|Down)|Arrow\w+)$/;

/** Stands for a sign that makes a text somebody else's, not a part of one of ours. */
export const unknown = "?";

/** @param {Key} k its place; empty: not told */
const placeOf = (k) => k.code === "Unidentified" ? "" : k.code;

/** @param {Key} k */
const nameOf = (k) => placeOf(k) || k.key;

/** @param {Key} k that ends a line */
export const enters = (k) => k.ctrl ? /^(?:KeyJ|KeyM|j|m)$/i.test(nameOf(k)) : /^(?:Enter|NumpadEnter|Tab)$/.test(nameOf(k));

/** @param {Key} k with which a hand changes what it typed */
export const edits = (k) => editing.test(nameOf(k));

/** @param {Key} k */
export const isAlt = (k) => nameOf(k).startsWith("Alt");

/** @param {Key} k the digit that it is on the number pad; empty: none */
export const padOf = (k) => /^Numpad(\d)$/.exec(k.code)?.[1] || "";

/** @param {Key} k the digit of a key, whatever Shift does to it; empty: none */
export function digitOf(k) {
  const place = placeOf(k);
  if (place) return /^(?:Digit|Numpad)(\d)$/.exec(place)?.[1] || "";
  return /^\d$/.test(latin(k.key)) ? latin(k.key) : "";
}

/** @param {Key} k the character that a scanner means by a key; empty: none */
export function character(k) {
  const place = placeOf(k), digit = digitOf(k);
  if (!place) return digit || (/^[ -~]$/.test(k.key) ? k.key : [...k.key].length === 1 ? unknown : "");
  if (digit) return k.shift && place.startsWith("D") ? shifted[Number(digit)] : digit;
  const letter = /^Key([A-Z])$/.exec(place)?.[1];
  if (letter) return k.shift ? letter : letter.toLowerCase();
  return places[place]?.[k.shift ? 1 : 0] || (others.test(place) ? unknown : "");
}

/** The character whose number was typed with Alt. @param {string} number */
export function numbered(number) {
  const c = String.fromCharCode(Number(number.slice(-9)) % 256);
  return /^[ -~\t\n\r\x00\x02\x03]$/.test(c) ? c : unknown;
}
