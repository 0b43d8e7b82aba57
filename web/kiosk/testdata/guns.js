// The table of guns, through the wedge's own reducer: what it read, when, and what was
// left in a field, against what each row says. Returns what went wrong.
import { Wedge, usual } from "WEDGE";

const signs = { "-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight", "\\": "Backslash", ";": "Semicolon", "'": "Quote", "`": "Backquote", ",": "Comma", ".": "Period", "/": "Slash", " ": "Space" };
const shifted = { "!": "1", "@": "2", "#": "3", "$": "4", "%": "5", "^": "6", "&": "7", "*": "8", "(": "9", ")": "0", _: "-", "+": "=", "{": "[", "}": "]", "|": "\\", ":": ";", '"': "'", "~": "`", "<": ",", ">": ".", "?": "/" };

/** The place of a character on a US board, and whether it needs Shift. */
function place(c) {
  const plain = shifted[c] || c;
  return { code: /\d/.test(plain) ? "Digit" + plain : signs[plain] || "Key" + plain.toUpperCase(), shift: plain !== c || /[A-Z]/.test(c) };
}

function play(row) {
  const field = "field" in row ? { value: row.field } : null;
  let now = 0;
  const heard = [];
  const wedge = new Wedge({ ...usual, prefix: row.prefix || "", suffix: row.suffix || "" }, (b) => heard.push({ at: now, text: b.text, method: b.method, problem: b.problem || "" }));
  const still = (to) => {
    while (wedge.until < to) { now = wedge.until; wedge.end(); }
    now = to;
  };
  const event = (more) => {
    const taken = wedge.key({ code: "", key: "", shift: false, alt: false, ctrl: false, meta: false, up: false, time: now, ...more }, field);
    if (!taken && field && more.key?.length === 1 && !more.up) field.value += more.key;
  };
  const hit = (more) => { event(more); event({ ...more, up: true }); };
  const character = (c, by) => {
    if (by === "key") hit({ key: c });
    else if (by === "unidentified") hit({ code: "Unidentified", key: c });
    else if (by === "pad" && /\d/.test(c)) hit({ code: "Numpad" + c, key: c });
    else if (by === "alt") {
      event({ code: "AltLeft", key: "Alt", alt: true });
      for (const d of String(c.charCodeAt(0)).padStart(3, "0")) hit({ code: "Numpad" + d, key: d, alt: true });
      event({ code: "AltLeft", key: "Alt", up: true });
    } else hit({ ...place(c), key: c });
  };
  for (const k of row.keys) {
    let wait = k.wait || k.every || 10;
    for (const c of k.type || "") {
      still(now + wait);
      character(c, k.by);
      wait = k.every || 10;
    }
    if (!k.key) continue;
    still(now + wait);
    const held = { ctrl: k.with === "Control", alt: k.with === "Alt", meta: k.with === "Meta" };
    if (k.with) event({ code: k.with + "Left", key: k.with, ...held });
    hit({ code: k.by === "key" ? "" : k.by === "unidentified" ? "Unidentified" : k.key, key: k.key, ...held });
    if (k.with) event({ code: k.with + "Left", key: k.with, up: true });
  }
  still(now + 5000);
  const told = (r, i) => `${r.text} ${r.method || "wedge"} ${r.problem || ""} at ${r.at || heard[i]?.at}`;
  const got = heard.map(told).join(", "), want = row.reads.map(told).join(", ");
  const wrong = [];
  if (got !== want) wrong.push(`${row.name}: read ${got}; want ${want}`);
  if (field && field.value !== row.left) wrong.push(`${row.name}: left "${field.value}", want "${row.left}"`);
  return wrong;
}

export const guns = (rows) => rows.filter((row) => row.only !== "agent").flatMap(play);
