// What the clerk sees and hears: one panel by colour and icon and word and tone.
// @ts-check

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @typedef {"ready" | "heard" | "doubt" | "up" | "astray" | "open" | "soft" | "down" | "kept"} Look */
/** @typedef {{look: Look, word: string, code?: string, headline?: string, next?: string, waits?: string}} Answer waits: the command whose answer is still to come */

const icons = { ready: "▤", heard: "…", doubt: "↔", up: "✓", astray: "↪", open: "⇉", soft: "•", down: "✗", kept: "⏸" };
const notes = { up: [660, 990], astray: [660, 440, 660], open: [520, 660], soft: [520], down: [330, 220], kept: [520, 390] }; // Hz, in turn
const lasting = 0.13; // s of a note
const late = 500; // ms, then a tone is not heard any more

/** @param {string} code */
export const grouped = (code) => code.replace(/^(\d{4})(\d{4})(\d{4})(\d{2})$/, "$1 $2 $3 $4");

/** A line of a list: a code and what there is to say of it. @param {string} code @param {string} text */
export function line(code, text) {
  const item = document.createElement("li"), digits = document.createElement("bdi"), words = document.createElement("bdi");
  digits.dir = "ltr";
  digits.textContent = grouped(code);
  words.textContent = text;
  item.append(digits, " · ", words);
  return item;
}

/** @type {AudioContext | undefined} */
let audio;

/** What sounds come out of; none without a sound device. The first call takes a tenth of a second. */
export function speaker() {
  try { return audio ||= new AudioContext(); } catch { return undefined; }
}

for (const touch of ["pointerup", "keydown"]) addEventListener(touch, () => { if (audio?.state === "suspended") audio.resume(); }, true);

/** Sounds, or says that a browser which nobody has touched yet is mute. @param {Look} look */
export function sound(look) {
  const tune = notes[/** @type {"up"} */ (look)], out = tune && speaker();
  if (!out) return; // the panel says it too
  if (out.state !== "suspended") { play(out, tune); return; }
  const asked = performance.now();
  const note = setTimeout(() => { $("mute").hidden = false; }, late);
  out.resume().then(() => {
    clearTimeout(note);
    $("mute").hidden = true;
    if (performance.now() - asked < late) play(out, tune); // of what was long ago it would tell a lie
  });
}

/** @param {AudioContext} out @param {number[]} tune */
function play(out, tune) {
  tune.forEach((hertz, i) => {
    const at = out.currentTime + i * lasting;
    const tone = new OscillatorNode(out, { frequency: hertz });
    const volume = new GainNode(out, { gain: 0.2 });
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + lasting);
    tone.connect(volume).connect(out.destination);
    tone.start(at);
    tone.stop(at + lasting);
  });
}

/** @param {Answer} a */
export function show(a) {
  $("register").hidden = true; // it was for what stood here before
  $("answer").className = "answer " + a.look;
  $("answer").dataset.waits = a.waits || "";
  $("icon").textContent = icons[a.look];
  $("word").textContent = a.word;
  $("digits").textContent = grouped(a.code || "");
  $("digits").classList.toggle("long", grouped(a.code || "").length > 17); // somebody else's text
  $("headline").textContent = a.headline || "";
  $("next").textContent = a.next || "";
}
