// The live board: rows arrive as the server renders them, and are put where they
// belong without moving what has the focus.
// @ts-check
import { setServerTime, tick } from "./clock.js";

const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const body = /** @type {HTMLElement} */ (document.getElementById("rows"));
const fresh = /** @type {HTMLElement} */ (document.getElementById("fresh"));
const away = /** @type {HTMLElement} */ (document.getElementById("away"));
const pause = /** @type {HTMLButtonElement} */ (document.getElementById("pause"));
/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const show = board.dataset.show || "all";

let seq = Number(board.dataset.seq);
let heard = 0; // when the server last spoke, our clock
let serverNow = Date.now();
let paused = false;
/** @type {Map<string, {id: string, html?: string}>} */
let waiting = new Map();
let tries = 0;

/** @param {string} key @param {...unknown} args */
const say = (key, ...args) => args.reduce((text, a, i) => /** @type {string} */ (text).replace(`{${i}}`, String(a)), words[key] || key);

function freshness() {
  const silent = Date.now() - heard;
  const at = new Date(serverNow).toLocaleTimeString("en-GB");
  document.body.classList.toggle("stale", heard > 0 && silent > 30000);
  fresh.classList.toggle("amber", heard > 0 && silent > 10000);
  fresh.textContent = !heard ? say("live.connecting") : silent > 30000 ? say("live.off", at) : silent > 10000 ? say("live.slow", at) : say("live.on", at);
}
setInterval(freshness, 1000);

/** @param {{id: string, html?: string}} d */
function apply(d) {
  const old = document.getElementById("f" + d.id);
  const shell = document.createElement("template");
  shell.innerHTML = d.html || "";
  const row = /** @type {HTMLElement | null} */ (shell.content.firstElementChild);
  const fits = row && (row.dataset.states || "").split(" ").includes(show);
  if (!row || !fits) { old?.remove(); return; }
  row.classList.add("fresh-row");
  if (old) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(row);
    if (focused) row.querySelector("a")?.focus();
  } else body.append(row);
}

/** @param {HTMLElement} row */
const rank = (row) => (row.classList.contains("late") ? 0 : 1e12) + Number(row.dataset.order);

// Rows are put in order once the hand is away from them.
function order() {
  if (paused || body.contains(document.activeElement) || body.matches(":hover")) return;
  const rows = /** @type {HTMLElement[]} */ ([...body.children]);
  const sorted = [...rows].sort((a, b) => rank(a) - rank(b));
  if (sorted.some((r, i) => r !== rows[i])) body.append(...sorted);
}
setInterval(order, 4000);

function flush() {
  for (const d of waiting.values()) apply(d);
  waiting = new Map();
  tick();
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = say(paused ? "board.resume" : "board.pause");
  if (!paused) flush();
});

function connect() {
  const url = new URL("/api/v1/live", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({ after: String(seq), epoch: board.dataset.epoch || "", lang: document.documentElement.lang }).toString();
  const socket = new WebSocket(url);
  socket.onmessage = (event) => {
    const m = JSON.parse(event.data);
    heard = Date.now(); serverNow = m.now; tries = 0;
    setServerTime(m.now);
    if (m.type === "reset") { location.reload(); return; }
    seq = m.seq;
    if (m.type === "beat") {
      away.hidden = !m.away;
      if (m.away) away.textContent = say("board.away", m.away);
    }
    for (const d of m.deltas || []) waiting.set(d.id, d);
    if (paused) { if (waiting.size) pause.textContent = `${say("board.resume")} (${say("board.new", waiting.size)})`; }
    else if (waiting.size) { flush(); performance.mark("harkara-painted-" + seq); }
    freshness();
  };
  socket.onclose = () => {
    tries += 1;
    setTimeout(connect, Math.random() * Math.min(15000, 500 * 2 ** tries));
  };
}
connect();
