// The scanning station of a room. A scan is kept in this browser before any sound
// is made, sent in order, and forgotten only when the server says it is stored.
// @ts-check
import { step } from "./gesture.js";
import { listen } from "./wedge.js";

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const kiosk = $("kiosk");
/** @type {Record<string, string>} */
const words = JSON.parse($("kiosk-words").textContent || "{}");
/** @type {Record<string, string>} */
const cards = JSON.parse($("cards").textContent || "{}");
const place = "harkara." + (kiosk.dataset.station || "");
const token = kiosk.dataset.token || localStorage.getItem(place + ".token") || "";

/** @type {Array<Record<string, unknown>>} */
let outbox = JSON.parse(localStorage.getItem(place + ".outbox") || "[]");
/** @type {import("./gesture.js").State} */
let state = {};
const boot = crypto.randomUUID(); // of this page's clock
let sending = false;
/** @type {number | undefined} */
let bannerTimer;

const keep = () => localStorage.setItem(place + ".outbox", JSON.stringify(outbox));
const group = (/** @type {string} */ code) => code.replace(/^(\d{4})(\d{4})(\d{4})(\d{2})$/, "$1 $2 $3 $4");

/** @type {AudioContext | undefined} */
let audio;
/** @param {"up" | "soft" | "down"} tone */
function sound(tone) {
  try {
    audio ||= new AudioContext();
    const notes = { up: [660, 990], soft: [520], down: [330, 220] }[tone];
    notes.forEach((f, i) => {
      const o = /** @type {AudioContext} */ (audio).createOscillator();
      const g = /** @type {AudioContext} */ (audio).createGain();
      const t = /** @type {AudioContext} */ (audio).currentTime + i * 0.13;
      o.frequency.value = f; g.gain.setValueAtTime(0.2, t); g.gain.exponentialRampToValueAtTime(0.001, t + 0.13);
      o.connect(g).connect(/** @type {AudioContext} */ (audio).destination); o.start(t); o.stop(t + 0.14);
    });
  } catch { /* no sound device: the panel says it too */ }
}

/** @param {string} look @param {string} icon @param {string} word @param {string} code @param {string} headline @param {string} next */
function show(look, icon, word, code, headline, next) {
  $("answer").className = "answer " + look;
  /** @type {HTMLElement} */ ($("answer").querySelector(".icon")).textContent = icon;
  $("word").textContent = word; $("digits").textContent = group(code); $("headline").textContent = headline; $("next").textContent = next;
}

function banner() {
  clearTimeout(bannerTimer);
  const c = state.context;
  const left = (state.until || 0) - performance.now();
  const b = $("banner");
  b.hidden = !c || left <= 0;
  if (b.hidden || !c) return;
  b.textContent = words[c.desk ? "kiosk.banner_desk" : c.runner ? "kiosk.banner_runner" : "kiosk.banner_onward"];
  bannerTimer = setTimeout(banner, left);
}

/** @param {string} code @param {string} method */
function read(code, method) {
  const result = step(state, { id: crypto.randomUUID(), text: code, at: performance.now(), method, boot }, cards);
  state = result.state;
  banner();
  $("undo").hidden = !state.act;
  if (["bad_code", "other_card", "nothing_undo"].includes(result.says)) {
    show("down", "✗", words["verdict.refused"], code, words["kiosk." + result.says], "");
    sound("down");
    return;
  }
  if (!result.commands.length) { show("soft", "▤", words["kiosk.ready"], "", "", ""); sound("soft"); return; }
  for (const c of result.commands) outbox.push({ ...c, at: { wall: new Date().toISOString() } });
  keep();
  show("ready", "…", "", String(result.commands[0].code), "", "");
  send();
}

async function send() {
  if (sending) return;
  sending = true;
  while (outbox.length) {
    const head = outbox[0];
    try {
      const r = await fetch("/api/v1/scans?wait=5s&lang=" + kiosk.dataset.lang, {
        method: "POST", headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" }, body: JSON.stringify(head), signal: AbortSignal.timeout(12000),
      });
      const body = await r.json();
      if (!r.ok) {
        show(r.status === 401 ? "down" : "kept", "✗", body.error.message, String(head.code), r.status === 401 ? words["kiosk.refused_token"] : words["kiosk.kept"], "");
        sound("down");
        break;
      }
      outbox.shift();
      keep();
      answered(head, body.results[0]);
    } catch {
      show("kept", "⏸", words["kiosk.kept"], String(head.code), "", "");
      sound("soft");
      break;
    }
  }
  sending = false;
  waiting();
  if (outbox.length) setTimeout(send, 2000 + Math.random() * 2000);
}

/** @param {Record<string, unknown>} command @param {any} result */
function answered(command, result) {
  if (result.error) { show("down", "✗", words["verdict.refused"], String(command.code), result.error.message, ""); sound("down"); return; }
  const say = result.say;
  if (!say) { show("soft", "✓", words["kiosk.stored"], String(command.code), "", ""); sound("soft"); return; }
  show(say.tone, { up: "✓", soft: "•", down: "✗" }[/** @type {"up"} */ (say.tone)], say.word, String(command.code), say.headline, say.next || "");
  sound(say.tone);
  if (result.outcome?.reason === "unassigned") location.href = "/open?code=" + command.code;
  refresh();
}

function waiting() {
  const q = $("queue");
  q.hidden = outbox.length === 0;
  q.textContent = words["kiosk.waiting"].replace("{0}", String(outbox.length));
}

async function refresh() {
  try {
    const r = await fetch("/api/v1/station?lang=" + kiosk.dataset.lang, { headers: { Authorization: "Bearer " + token } });
    if (r.status === 401) { localStorage.removeItem(place + ".token"); $("setup").hidden = false; $("work").hidden = true; return; }
    if (!r.ok) return;
    const view = await r.json();
    $("room").textContent = view.room;
    for (const name of ["expected", "overdue"]) {
      $(name).replaceChildren(...view[name].map((/** @type {{number: string, from: string}} */ i) => {
        const li = document.createElement("li");
        const n = document.createElement("bdi"); n.dir = "ltr"; n.textContent = i.number;
        li.append(n, " · ", i.from);
        return li;
      }));
    }
  } catch { /* away: the outbox says so when it matters */ }
}

function work() {
  $("setup").hidden = true;
  $("work").hidden = false;
  listen(document, (digits) => read(digits, "wedge"));
  const typed = /** @type {HTMLFormElement} */ ($("typed"));
  typed.addEventListener("submit", (e) => {
    e.preventDefault();
    const field = /** @type {HTMLInputElement} */ (typed.elements.namedItem("code"));
    const digits = field.value.replace(/\D/g, "");
    if (digits) read(digits, "typed");
    field.value = "";
  });
  $("photo").addEventListener("change", async (e) => {
    const file = /** @type {HTMLInputElement} */ (e.target).files?.[0];
    if (!file) return;
    const r = await fetch("/api/v1/images?wait=5s&lang=" + kiosk.dataset.lang, { method: "POST", headers: { Authorization: "Bearer " + token }, body: file }).catch(() => null);
    const body = await r?.json().catch(() => null);
    if (!r || !body) { show("down", "✗", words["error.not_stored"], "", "", ""); sound("down"); }
    else if (!r.ok) { show("down", "✗", body.error.message, "", "", ""); sound("down"); }
    else answered({ code: body.code }, body);
    /** @type {HTMLInputElement} */ (e.target).value = "";
  });
  $("undo").addEventListener("click", () => {
    const undo = Object.keys(cards).find((c) => cards[c] === "undo");
    if (undo) read(undo, "screen");
  });
  setInterval(() => { $("clock").textContent = new Date().toLocaleTimeString("en-GB"); }, 1000);
  setInterval(refresh, 5000);
  refresh();
  waiting();
  if (outbox.length) send();
}

if (token) work();
else document.getElementById("token")?.addEventListener("submit", (e) => {
  e.preventDefault();
  const field = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (e.target).elements.namedItem("token"));
  localStorage.setItem(place + ".token", field.value.trim());
  location.reload();
});
