// What the clerk sees and hears: one panel by colour and icon and word and tone.
// @ts-check

import { $, say } from "./page.js";

/** @typedef {"ready" | "heard" | "doubt" | "up" | "astray" | "open" | "soft" | "down" | "kept"} Look */
/** @typedef {{look: Look, word: string, code?: string, what?: string, subject?: string, headline?: string, next?: string, waits?: string}} Answer what: a file's number, or what a card stands for; without it the digits of the code stand in its place; waits: the command whose answer is still to come */

const icons = { ready: "▤", heard: "…", doubt: "↔", up: "✓", astray: "↪", open: "⇉", soft: "•", down: "✗", kept: "⏸" };
const notes = { up: [660, 990], astray: [660, 440, 660], open: [520, 660], soft: [520], down: [330, 220], kept: [520, 390] }; // Hz, in turn
const lasting = 0.13; // s of a note
const late = 500; // ms, then a tone is not heard any more

/** @param {string} code */
export const grouped = (code) => code.replace(/^(\d{4})(\d{4})(\d{4})(\d{2})$/, "$1 $2 $3 $4");

/** A file's number in its right order: digits after Urdu letters stay together. @param {string} number */
export const ordered = (number) => /[\u0600-\u06ff]/.test(number) ? number.replace(/\d[\d/.-]*/g, "\u2066$&\u2069") : number;

/** A line of a list: a code, or what it is called, and what there is to say of it. @param {string} code @param {string} text */
export function line(code, text) {
  const item = document.createElement("li"), called = document.createElement("bdi"), words = document.createElement("bdi");
  if (grouped(code) !== code) called.dir = "ltr";
  called.textContent = ordered(grouped(code));
  words.textContent = text;
  item.append(called, " · ", words);
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

/** The office has a command and will answer it. @param {string | undefined} id @returns {Answer} */
export const stored = (id) => ({ look: "soft", word: say("stored"), headline: say("stored_next"), waits: id });

/** The office's result of a command, as the panel shows it. @param {any} result @param {string} id @returns {Answer} */
export function answerOf({ error, say: says }, id) {
  if (error) return { look: "down", word: say("no"), headline: error.message };
  if (!says) return stored(id);
  return { look: says.tone, word: says.word, what: says.number || says.name, subject: says.subject, headline: says.headline, next: [says.next, says.by && say("by", says.by)].filter(Boolean).join(" · ") };
}

/** @param {Answer} a */
export function show(a) {
  $("register").hidden = true; // it was for what stood here before
  $("answer").className = "answer " + a.look + (a.what ? " named" : "");
  $("answer").dataset.waits = a.waits || "";
  $("icon").textContent = icons[a.look];
  $("word").textContent = a.word;
  $("what").textContent = ordered(a.what || "");
  $("subject").textContent = a.subject || "";
  $("digits").textContent = grouped(a.code || "");
  $("digits").classList.toggle("long", grouped(a.code || "").length > 17); // somebody else's text
  $("headline").textContent = a.headline || "";
  $("next").textContent = a.next || "";
}
