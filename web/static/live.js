// A page that lives: the server sends elements as it renders them, and they are put
// where they belong, without moving what a hand or an eye is on.
// @ts-check
import { count, say, serverTime, setServerTime, span, tick, timeOfDay } from "./clock.js";

/** @typedef {{seq: number, id: string, html?: string}} Delta */
/** @typedef {{seq: number, now: number, as_of: number, deltas?: Delta[], reset?: boolean}} Message */

const live = /** @type {HTMLElement} */ (document.getElementById("live"));
const pause = /** @type {HTMLButtonElement | null} */ (document.getElementById("pause"));

let seq = Number(live.dataset.seq);
let asOf = Number(live.dataset.asOf); // the server's clock when the ledger last answered
let paused = false;
let tries = 0;
/** @type {Map<string, Delta>} */
let waiting = new Map();
setServerTime(Number(live.dataset.now));

const amber = 10000; // ms of silence after which the page says so
const stale = 30000; // and after which it does not look live any more

function freshness() {
  const silent = serverTime() - asOf;
  const state = silent > stale ? "off" : silent > amber ? "slow" : "on";
  const at = timeOfDay(asOf);
  live.dataset.state = state;
  document.body.classList.toggle("stale", state === "off");
  const text = state === "on" ? say("live.on", at) : say("live." + state, at, span(silent / 1000, true));
  if (live.textContent !== text) live.textContent = text;
}
freshness();
setInterval(freshness, 1000);

/** @param {string} html */
function element(html) {
  const shell = document.createElement("template");
  shell.innerHTML = html;
  return /** @type {HTMLElement} */ (shell.content.firstElementChild);
}

// A frame is the same for everybody: ids of its forms are drawn here, so that a form
// sent twice acts once. Pages need not be secure, so there may be no randomUUID.
/** @param {HTMLElement} part */
function drawIDs(part) {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll('input[name="id"]'))) {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 0x0f) | 0x40; // RFC 9562, version 4
    b[8] = (b[8] & 0x3f) | 0x80;
    input.value = [...b].map((n) => n.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
}

/** @param {HTMLElement} row */
const order = (row) => Number(row.dataset.order);

// A row goes before the first that is due later. Focus stays on what it was on.
/** @param {HTMLElement} body @param {HTMLElement} row */
function insert(body, row) {
  const rows = /** @type {HTMLElement[]} */ ([...body.children]);
  const later = rows.find((r) => r !== row && (order(r) > order(row) || (order(r) === order(row) && r.id > row.id)));
  body.insertBefore(row, later || null);
  const extra = body.children.length - Number(body.dataset.limit || Infinity);
  if (extra > 0 && !body.lastElementChild?.contains(document.activeElement)) body.lastElementChild?.remove();
}

// While a list is being read with the pointer or the keyboard its rows change in
// place; they go where they belong when it is left.
/** @type {Set<HTMLElement>} */
const misplaced = new Set();
/** @param {HTMLElement} body */
const busy = (body) => body.matches(":hover") || body.contains(document.activeElement);

/** @param {HTMLElement} row @param {HTMLElement | null} old */
function place(row, old) {
  const body = document.getElementById(row.dataset.list || "");
  if (!body) return;
  if (old && old.dataset.order === row.dataset.order && old.parentElement === body) old.replaceWith(row);
  else if (old && old.parentElement === body && busy(body)) { old.replaceWith(row); misplaced.add(row); }
  else { old?.remove(); insert(body, row); }
}

function tidy() {
  for (const row of misplaced) {
    const body = row.parentElement;
    if (body && busy(body)) continue;
    misplaced.delete(row);
    if (body) insert(body, row);
  }
}
setInterval(tidy, 1000);

/** @param {Delta} d */
function apply(d) {
  const old = document.getElementById(d.id);
  if (!d.html) { old?.remove(); return; }
  const fresh = element(d.html);
  if (old?.dataset.version && old.dataset.version === fresh.dataset.version) return; // a form in use stays
  drawIDs(fresh);
  const held = old?.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  if (fresh.dataset.order) {
    if (document.body.dataset.painted) fresh.classList.add("moved");
    place(fresh, old);
  } else if (old) old.replaceWith(fresh);
  else if (fresh.dataset.floor) [...document.querySelectorAll(".floor")].find((f) => /** @type {HTMLElement} */ (f).dataset.floor === fresh.dataset.floor)?.querySelector(".cells")?.append(fresh); // a room that is new
  if (held) /** @type {HTMLElement | null} */ (fresh.matches(`[href="${CSS.escape(held)}"]`) ? fresh : fresh.querySelector(`[href="${CSS.escape(held)}"]`))?.focus({ preventScroll: true });
}

function flush() {
  const scroll = { x: scrollX, y: scrollY };
  for (const d of waiting.values()) apply(d);
  waiting = new Map();
  tick();
  if (scrollX !== scroll.x || scrollY !== scroll.y) scrollTo(scroll.x, scroll.y);
}

function label() {
  if (!pause) return;
  const rows = [...waiting.values()].filter((d) => d.id.startsWith("f")).length;
  pause.textContent = !paused ? say("board.pause") : rows ? `${say("board.resume")} · ${count("board.new", rows)}` : say("board.resume");
  pause.setAttribute("aria-pressed", String(paused));
}
if (pause) {
  pause.hidden = false;
  label();
  pause.addEventListener("click", () => {
    paused = !paused;
    if (!paused) flush();
    label();
  });
}

/** @param {Message} m */
function take(m) {
  tries = 0;
  if (m.reset) { location.reload(); return; }
  setServerTime(m.now);
  asOf = m.as_of;
  seq = m.seq;
  for (const d of m.deltas || []) {
    if (d.id === "health") apply(d); // never waits
    else waiting.set(d.id, d);
  }
  if (paused) label();
  else if (waiting.size) {
    flush();
    performance.mark("harkara-painted", { detail: seq });
  }
  document.body.dataset.painted = String(seq);
  freshness();
}

/** @type {WebSocket | undefined} in use */
let line;
let heard = 0; // when it last said anything, by this page's own clock

function connect() {
  const url = new URL(live.dataset.socket || "", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("after", String(seq));
  url.searchParams.set("lang", document.documentElement.lang);
  const socket = line = new WebSocket(url);
  heard = performance.now();
  socket.onmessage = (event) => {
    if (line !== socket) return; // given up, and talking after all: the next one tells everything
    heard = performance.now();
    take(JSON.parse(event.data));
  };
  socket.onclose = (event) => {
    if (event.code === 4001) location.reload(); // signed out: the page says where to
    else lose(socket);
  };
}

// Ends a line, whose other side may never say goodbye, and makes another.
/** @param {WebSocket} socket */
function lose(socket) {
  if (line !== socket) return;
  line = undefined;
  socket.close();
  tries += 1;
  setTimeout(connect, Math.random() * Math.min(15000, 500 * 2 ** Math.min(tries, 6))); // full jitter
}
connect();
// The server says something every three seconds, also that there is no news.
setInterval(() => { if (line && performance.now() - heard > stale) lose(line); }, 1000);
