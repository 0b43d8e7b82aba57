// Generated bursts and typing, through the wedge's own reducer: what it read and
// what was left in the field against what was meant. Returns what went wrong.
import { Wedge, usual } from "WEDGE";

/** A small seeded generator (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const urdu = { KeyA: "ا", KeyB: "ب", KeyC: "چ", KeyD: "د", KeyE: "ع", KeyF: "ف", KeyG: "گ", KeyH: "ح", KeyI: "ی", KeyJ: "ج", KeyK: "ک", KeyL: "ل", KeyM: "م", KeyN: "ن", KeyO: "ہ", KeyP: "پ", KeyQ: "ق", KeyR: "ر", KeyS: "س", KeyT: "ت", KeyU: "ء", KeyV: "ط", KeyW: "و", KeyX: "ش", KeyY: "ے", KeyZ: "ز", BracketRight: "]" };

export function bursts(count, seed) {
  const r = random(seed);
  const int = (from, to) => from + Math.floor(r() * (to - from + 1));
  const pick = (list) => list[int(0, list.length - 1)];
  const digits = (n) => Array.from({ length: n }, () => int(0, 9)).join("");
  const label = () => {
    const body = int(1, 6) + digits(11);
    let rem = 0;
    for (const d of body) rem = (rem * 10 + Number(d)) % 97;
    return body + String(98 - ((rem * 100) % 97)).padStart(2, "0");
  };
  const wrong = [];
  for (let n = 0; n < count; n++) {
    const layout = pick(["us", "urdu"]), caps = r() < 0.3, numpad = pick(["row", "pad", "alt"]), shifted = numpad === "row" && r() < 0.1;
    const profile = { ...usual };
    if (r() < 0.25) profile.prefix = pick(["X", "qz", "~"]);
    if (r() < 0.25) profile.suffix = pick(shifted ? ["zz"] : ["!", "zz"]); // with Shift a ! is a 1: that one must be learned
    const scene = pick(["scan", "scans", "typing", "mixed", "mixed", "theirs", "longer", "struck", "slow", "parts", "part", "pair", "old"]);
    const read = [], refused = [];
    const field = r() < 0.6 ? { value: pick(["", "SO(Dev) ", "17"]) } : null;
    let meant = field ? field.value : "";
    const wedge = new Wedge(profile, (b) => {
      if (!b.problem) read.push(b.text);
      else if (scene === "part") refused.push(b.text);
      else if (field || b.problem !== "slow" && !/^\d+$/.test(b.text)) wrong.push(`${n}: ${b.problem} ${b.raw}`); // a person who types into nothing is answered
    });
    let time = int(0, 1000);
    const press = (code, key, more = {}) => {
      const taken = wedge.key({ code, key, shift: false, alt: false, ctrl: false, up: false, time, ...more }, field);
      if (!taken && field && key.length === 1 && !more.up && !more.alt) field.value += key;
      return taken;
    };
    const letter = (c) => {
      const code = { "~": "Backquote", "!": "Digit1", "]": "BracketRight" }[c] || "Key" + c.toUpperCase();
      const upper = /[A-Z~!]/.test(c);
      const key = layout === "urdu" ? urdu[code] || c : caps && /[a-z]/i.test(c) ? (upper ? c.toLowerCase() : c.toUpperCase()) : c;
      press(code, key, { shift: upper });
    };
    const digit = (d) => {
      if (numpad === "alt") {
        const number = "0" + d.charCodeAt(0);
        press("AltLeft", "Alt", { alt: true });
        for (const x of number) press("Numpad" + x, x, { alt: true });
        press("AltLeft", "Alt", { up: true });
        if (field) field.value += d; // what the system makes of it
      } else if (numpad === "pad") press("Numpad" + d, d);
      else if (shifted) press("Digit" + d, "&é\"'(-è_çà"[Number(d)], { shift: true });
      else press("Digit" + d, d);
    };
    const person = (letters) => { // typing by hand, with a quick roll now and then
      let rolls = 0;
      for (let i = 0; i < letters; i++) {
        const c = pick([..."abcdefghij0123456789"]);
        rolls = r() < 0.15 && rolls < 2 ? rolls + 1 : 0;
        time += rolls ? int(30, 60) : int(100, 300);
        const code = /\d/.test(c) ? "Digit" + c : "Key" + c.toUpperCase();
        const key = layout === "urdu" && urdu[code] || c;
        press(code, key);
        meant += field ? key : "";
      }
    };
    const expected = [];
    const type = (all, gap, jitter = 3) => {
      for (const c of all) {
        time += Math.max(1, gap + int(-jitter, jitter));
        if (/\d/.test(c)) digit(c);
        else letter(c);
      }
    };
    const scan = (text, own = true) => {
      const gap = int(1, 50);
      time += int(95, 400);
      type(profile.prefix + (own && r() < 0.3 ? pick(["]C0", "]Q0", "]Q1", "]Q2"]) : "") + text + profile.suffix, gap);
      time += Math.max(1, gap);
      const end = pick(["Enter", "NumpadEnter", "Tab", ""]);
      if (end) { if (!press(end, end)) wrong.push(`${n}: ${end} went on to the page`); }
      else time += int(95, 300);
      expected.push(text);
    };
    if (scene === "scan") scan(label());
    if (scene === "scans") for (let i = int(2, 5); i > 0; i--) scan(label());
    if (scene === "typing") { person(int(1, 30)); time += 100; press("Enter", "Enter"); }
    if (scene === "mixed") { person(int(1, 12)); scan(label()); person(int(0, 6)); if (r() < 0.5) scan(label()); }
    if (scene === "theirs") { // a label of ours behind an identifier of somebody else's
      const whole = pick(["]C1", "]d2", "]Q3", "]I0", "]F0"]) + pick(["", "01", "9"]) + label() + pick(["", "7", "21AB"]);
      scan(whole, false);
    }
    if (scene === "longer" && !shifted) { // our digits inside something longer: nobody typed a part of it
      const whole = pick(["01", "4", "AB"]) + label() + pick(["", "9", "XY"]);
      time += int(95, 400);
      type(profile.prefix + whole + profile.suffix, int(4, 30));
      press("Enter", "Enter");
      expected.push(whole);
    }
    if (scene === "struck" && numpad !== "alt" && !profile.prefix && !profile.suffix) { // a hand strikes a letter while the scanner types
      const text = label(), at = int(2, 12), gap = int(20, 35);
      time += int(95, 400);
      type(text.slice(0, at), gap, 0);
      time += 9;
      press("KeyB", layout === "urdu" ? urdu.KeyB : "b");
      time -= 9;
      type(text.slice(at), gap, 0);
      press("Enter", "Enter");
      expected.push(text);
      if (field) meant += layout === "urdu" ? urdu.KeyB : "b";
    }
    const bare = !field && !profile.prefix && !profile.suffix && !shifted;
    const closes = () => { time += 20; press("Enter", "Enter"); };
    if (scene === "slow" && !field && numpad !== "alt") { // nobody types on a page
      const text = label();
      type(profile.prefix + text + profile.suffix, int(80, 150), 15);
      if (r() < 0.5) { time += 100; press("Enter", "Enter"); }
      expected.push(text);
    }
    if (scene === "parts" && numpad !== "alt" && !profile.prefix && !profile.suffix) { // pauses within, also into a field
      const text = label(), cuts = [0, int(field ? 4 : 1, 6), int(7, 13), 14], gap = int(4, 20);
      for (let i = 0; i < 3; i++) {
        type(text.slice(cuts[i], cuts[i + 1]), gap, 2);
        if (i < 2) time += int(150, 900);
      }
      if (r() < 0.5) closes();
      expected.push(text);
    }
    if (scene === "part" && bare) { // its rest never comes, or after another code
      const text = label().slice(0, int(2, 13)), other = label();
      type(text, int(4, 20));
      time += int(150, 3000);
      if (r() < 0.5) { type(other, int(4, 30)); closes(); expected.push(other); }
      else if (r() < 0.5) closes();
      wedge.end();
      if (refused.join() !== text) wrong.push(`${n}: refused ${refused} of the part ${text}`);
    }
    if (scene === "pair" && !shifted) { // 60 ms apart, without Enter
      for (let i = int(2, 3); i > 0; i--) {
        const text = label();
        time += 60;
        type(text, int(2, 10), 1);
        expected.push(text);
      }
    }
    if (scene === "old" && bare) {
      const text = "0" + digits(int(3, 8));
      type(text, int(4, 30));
      closes();
      expected.push(text);
    }
    wedge.end();
    const told = `${n} ${scene} ${layout} ${numpad}${shifted ? " shifted" : ""} prefix "${profile.prefix}" suffix "${profile.suffix}"`;
    if (read.join() !== expected.join()) wrong.push(`${told}: read ${read}, meant ${expected}`);
    if (field && field.value !== meant) wrong.push(`${told}: left "${field.value}", meant "${meant}"`);
  }
  return wrong;
}
