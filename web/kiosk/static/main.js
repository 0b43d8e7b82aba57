// The scanning station of a room, put together: one tab of it opens what it keeps, and
// works.
// @ts-check
import { eye } from "./eye.js";
import { Kiosk } from "./kiosk.js";
import { Outbox } from "./outbox.js";
import { $, cards, east, input, page, say } from "./page.js";
import { show, speaker } from "./panel.js";
import { agent, photograph, scanner, typed } from "./sources.js";

const again = 15000; // ms, then a page that could not be kept asks once more
const place = "harkara." + (page.station || "station");

/** One tab of a station works; another waits for its end. @returns {Promise<void>} */
function alone() {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((mine) => {
    const hold = () => { $("elsewhere").hidden = true; mine(); return new Promise(() => {}); };
    navigator.locks.request(place, { ifAvailable: true }, (lock) => {
      if (lock) return hold();
      $("elsewhere").hidden = false;
      navigator.locks.request(place, hold);
    });
  });
}

/** @param {Kiosk} kiosk */
function work(kiosk) {
  $("work").hidden = false;
  scanner(kiosk);
  typed(kiosk);
  photograph(kiosk);
  eye(kiosk);
  if (page.agent) agent(kiosk);
  $("undo").addEventListener("click", () => {
    const card = cards.find((c) => c.undo)?.code;
    $("undo").hidden = true;
    if (card) kiosk.read(card, "screen");
  });
  const setup = /** @type {HTMLDialogElement} */ ($("setup"));
  $("settings").addEventListener("click", () => setup.showModal());
  const clock = () => { $("clock").textContent = new Date(Date.now() + east).toISOString().slice(11, 19); };
  clock();
  setInterval(clock, 1000);
  setInterval(() => kiosk.refresh(), 5000);
  kiosk.refresh();
  kiosk.waiting();
  kiosk.drawer();
  kiosk.uplink.send();
  speaker(); // no scan should wait for it
  const awake = () => navigator.wakeLock?.request("screen").catch(() => {}); // a kiosk is always ready
  awake();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });
  document.body.dataset.ready = "yes";
}

/** Has this page kept, so that it opens with the server away. @param {ServiceWorkerContainer} workers */
async function keep(workers) {
  const ask = async () => (await workers.ready).active?.postMessage("keep");
  workers.addEventListener("message", ({ data }) => {
    if (data === "kept") document.body.dataset.kept = "yes";
    else setTimeout(ask, again);
  });
  workers.addEventListener("controllerchange", ask); // another version keeps its own
  await workers.register("/kiosk/worker.js", { scope: "/kiosk" });
  await ask();
}

async function begin() {
  $("insecure").hidden = isSecureContext;
  if (isSecureContext && navigator.serviceWorker) keep(navigator.serviceWorker).catch(() => {}); // the server is away: what was kept before stays
  navigator.storage?.persist?.().catch(() => {}); // a full disk takes what may be taken first
  await alone();
  const outbox = await Outbox.open(place);
  $("token").addEventListener("submit", async (e) => {
    e.preventDefault();
    await outbox.set("token", input("token-text").value.trim());
    location.reload();
  });
  const token = page.token || (page.agent ? "-" : outbox.settings.token || "");
  if (token) work(new Kiosk(outbox, token));
  else $("token").hidden = false;
}

begin().catch((e) => { $("work").hidden = false; $("typed").hidden = true; show({ look: "down", word: say("not_kept"), headline: String(e.message || e) }); });
