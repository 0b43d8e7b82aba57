// Ticks what the server painted: <time data-due> until or since a deadline,
// <time data-ago> and <time data-since> since something was seen, and the gauges of time used.
// @ts-check

/** @type {Record<string, string>} */
export const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const painted = Number(document.getElementById("live")?.dataset.now);
let skew = painted ? painted - Date.now() : 0; // the server's clock less this one, in ms

/** @param {number} server Unix milliseconds of the server at this moment */
export function setServerTime(server) { skew = server - Date.now(); }

/** The server's clock, Unix milliseconds. */
export const serverTime = () => Date.now() + skew;

const brisk = "brisk" in document.documentElement.dataset; // seconds matter in this office
const least = brisk ? 1 : 60; // seconds that are worth saying to have passed

const east = Number(document.documentElement.dataset.east) * 1000;

/** An instant as the office's clocks show it, wherever this browser is. @param {number} ms */
export const timeOfDay = (ms) => new Date(ms + east).toISOString().slice(11, 19);

/** @param {string} key @param {...(string | number)} args */
export const say = (key, ...args) => args.reduce((/** @type {string} */ text, a, i) => text.replace(`{${i}}`, String(a)), words[key] ?? key);

/** @param {string} key @param {number} n */
export const count = (key, n) => say(n === 1 ? key + ".one" : key, n);

// The same two units as the server's, see words.go.
/** @param {number} seconds @param {boolean} [exact] */
export function span(seconds, exact = brisk) {
  const s = Math.floor(Math.abs(seconds));
  const m = Math.floor(s / 60);
  if (s < 60) return exact ? say("time.seconds", s) : say("time.minute");
  if (s < 600 && s % 60 && exact) return say("time.minutes", m) + " " + say("time.seconds", s % 60);
  if (s < 3600) return say("time.minutes", m);
  if (s < 172800 && m % 60) return say("time.hours", Math.floor(m / 60)) + " " + say("time.minutes", m % 60);
  if (s < 172800) return say("time.hours", Math.floor(m / 60));
  return say("time.days", Math.floor(s / 86400));
}

/** @param {Element} el @param {string} text */
function write(el, text) { if (el.textContent !== text) el.textContent = text; }

/** @param {ParentNode} [root] */
export function tick(root = document) {
  const now = serverTime() / 1000;
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("time[data-due]"))) {
    const left = Number(el.dataset.due) - now;
    write(el, left >= 0 ? say("time.left", span(left)) : say("time.late", span(left)));
    el.closest("tr, .now")?.classList.toggle("late", left < 0);
  }
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("time[data-ago]"))) {
    const past = now - Number(el.dataset.ago);
    write(el, past >= least ? say("time.ago", span(past)) : say("time.now"));
  }
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("time[data-since]"))) write(el, span(now - Number(el.dataset.since)));
  for (const el of /** @type {NodeListOf<SVGRectElement>} */ (root.querySelectorAll("rect[data-share]"))) {
    const { share, asked, due } = /** @type {Record<string, string>} */ (el.dataset);
    const whole = Number(due) - Number(asked);
    const gone = whole > 0 ? Math.min(1, Math.max(0, (now - Number(asked)) / whole)) : 1;
    el.setAttribute("width", String(Math.min(100, Number(share) + (100 - Number(share)) * gone)));
  }
}

tick();
setInterval(tick, 1000);
