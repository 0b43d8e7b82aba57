// What the page was served with: its parts, its words, its cards and their answers.
// @ts-check

export const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
export const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ ($(id));
export const page = $("kiosk").dataset;
/** @type {Record<string, string>} */
const words = JSON.parse($("words").textContent || "{}");
/** @type {import("./gesture.js").Card[]} what each card does */
export const cards = JSON.parse($("cards").textContent || "[]");
/** @type {Record<string, {tone: string, words: string}>} how reads are answered that give no command: see gesture.Answer */
export const answers = JSON.parse($("answers").textContent || "{}");
export const say = (/** @type {string} */ key, /** @type {unknown[]} */ ...args) => args.reduce((t, a, i) => String(t).replaceAll(`{${i}}`, String(a)), words["kiosk." + key] || key);
export const east = Number(document.documentElement.dataset.east) * 1000; // ms of the office's clock, wherever this browser is
