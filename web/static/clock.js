// Ticks every <time data-due>: how long until, or since, a deadline.
// @ts-check

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const urdu = document.documentElement.lang === "ur";
const units = urdu ? ["سیکنڈ", "منٹ", "گھنٹے", "دن"] : ["s", "min", "h", "d"];
let skew = 0; // server's clock less ours, in ms

/** @param {number} ms */
export function setServerTime(ms) { skew = ms - Date.now(); }

/** @param {number} seconds */
function span(seconds) {
  const s = Math.abs(seconds);
  if (s < 60) return `${Math.floor(s)} ${units[0]}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${units[1]} ${Math.floor(s % 60)} ${units[0]}`;
  if (s < 172800) return `${Math.floor(s / 3600)} ${units[2]} ${Math.floor(s / 60 % 60)} ${units[1]}`;
  return `${Math.floor(s / 86400)} ${units[3]}`;
}

export function tick() {
  const now = (Date.now() + skew) / 1000;
  for (const el of document.querySelectorAll("time[data-due]")) {
    const due = Number(/** @type {HTMLElement} */ (el).dataset.due);
    if (!due) { el.textContent = "–"; continue; }
    const left = due - now;
    el.textContent = left >= 0 ? (words["time.left"] || (urdu ? "{0} باقی" : "{0} left")).replace("{0}", span(left))
      : (words["time.late"] || (urdu ? "{0} تاخیر" : "{0} late")).replace("{0}", span(left));
    el.closest("tr")?.classList.toggle("late", left < 0);
  }
}
tick();
setInterval(tick, 1000);
