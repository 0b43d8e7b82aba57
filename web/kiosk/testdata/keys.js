// Keys made of bytes that a fuzzer chooses, through the wedge's own reducer. Returns
// what went wrong; empty: nothing.
import { Wedge, usual } from "WEDGE";

const texts = ["10000000001732", "]C1", "]C0", "]Q1", "]d2", "01", "40718265000093", "X", "AB"];
const late = 500; // ms in which a scanner's Enter may follow a burst that stillness ended
const named = ["Enter", "Tab", "NumpadEnter", "Backspace", "ArrowLeft", "ShiftLeft", "CapsLock"];

/** Rules of a code of ours, once more and by another way. */
const valid = (t) => /^[1-7]\d{13}$/.test(t) && (BigInt(t.slice(0, 12)) * 100n + BigInt(t.slice(12))) % 97n === 1n;

export function drive(bytes) {
  const profile = { ...usual, prefix: ["", "", "X", "qz"][bytes[0] & 3], suffix: ["", "", "zz", "!"][bytes[0] >> 2 & 3], gap: bytes[0] & 16 ? 60 : usual.gap };
  const field = bytes[0] & 32 ? null : { value: "" };
  const read = [];
  const wedge = new Wedge(profile, (b) => read.push(b));
  let time = 0, typed = "", digits = "", wrong = "", last = -Infinity, quiet = -Infinity;
  /** Of a number that is not ours, only what its own Enter or suffix ended is a read. */
  const silent = (before) => {
    for (const b of read.slice(before)) {
      quiet = last;
      if (!b.problem && /^\d*$/.test(b.text) && !valid(b.text) && !profile.suffix) wrong ||= `stillness made ${b.text} a read`;
    }
  };
  const press = (code, key, shift, gap) => {
    let before = read.length;
    time += gap;
    if (time > wedge.until) wedge.end(); // by silence: this key is none of its
    silent(before);
    before = read.length;
    const taken = wedge.key({ code, key, shift, alt: false, ctrl: false, up: false, time }, field);
    const ends = ["Enter", "Tab", "NumpadEnter"].includes(code);
    if (ends && taken !== (read.length > before || time - quiet <= late)) wrong ||= `${code} was ${taken ? "taken" : "let go"} after ${read.length - before} reads`;
    if (ends) quiet = -Infinity;
    else silent(before);
    if (key.length === 1) last = time;
    if (key.length !== 1) {
      if (taken && !ends) wrong ||= `${code} was taken`;
      if (code === "Backspace" && field) {
        typed = typed.slice(0, -1);
        field.value = field.value.slice(0, -1);
      }
      return;
    }
    typed += key;
    digits += /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] || "";
    if (!taken && field) field.value += key;
  };
  const type = (c, gap) => {
    if (/\d/.test(c)) press("Digit" + c, c, false, gap);
    else if (c === "]") press("BracketRight", c, false, gap);
    else press("Key" + c.toUpperCase(), c, /[A-Z]/.test(c), gap);
  };
  for (let i = 1; i + 1 < bytes.length && i < 400; i += 2) {
    const act = bytes[i], gap = bytes[i + 1] < 200 ? bytes[i + 1] % 90 + 1 : bytes[i + 1] * 2;
    if (act < 80) type(String(act % 10), gap);
    else if (act < 106) type(String.fromCharCode(97 + act - 80), gap);
    else if (act < 116) press("Digit" + (act - 106), ")!@#$%^&*("[act - 106], true, gap);
    else if (act < 126) press("Numpad" + (act - 116), String(act - 116), false, gap);
    else if (act < 140) type("]", gap);
    else if (act < 170) press(named[act % named.length], named[act % named.length], false, gap);
    else for (const c of texts[act % texts.length]) type(c, gap);
  }
  const before = read.length;
  wedge.end();
  silent(before);
  if (wrong) return wrong;
  for (const b of read) if (valid(b.text) && !digits.includes(b.text)) return `read ${b.text}, which was not typed: ${digits}`;
  if (!field) return "";
  let at = 0;
  for (const c of field.value) {
    at = typed.indexOf(c, at) + 1;
    if (at === 0) return `left "${field.value}" of "${typed}"`;
  }
  const gone = typed.length - field.value.length, most = read.reduce((n, b) => n + b.raw.length, 0);
  return gone > most ? `left "${field.value}" of "${typed}", read ${read.map((b) => b.raw)}` : "";
}
