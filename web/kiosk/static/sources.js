// Where scans come from beside the camera, each going to the kiosk as what was read.
// @ts-check
import { foreign } from "./burst.js";
import { follow } from "./events.js";
import { latin, valid } from "./gesture.js";
import { $, input, say } from "./page.js";
import { show, sound } from "./panel.js";
import { learned, lesson, lessons, listening } from "./setup.js";
import { call } from "./uplink.js";
import { listen, usual } from "./wedge.js";

/** @typedef {import("./kiosk.js").Kiosk} Kiosk */

const pictureFor = 90000; // ms, over a slow line

/** A scanner that types, and learning what it types around a code. @param {Kiosk} kiosk */
export function scanner(kiosk) {
  /** @type {Array<NonNullable<ReturnType<typeof lesson>>> | null} */
  let learning = null;
  const wedge = listen(document, kiosk.outbox.settings.scanner || usual, (burst) => {
    if (!learning) {
      if (burst.problem) kiosk.strange(burst.problem, burst.text);
      else if (foreign(burst.text)) kiosk.strange("foreign", burst.text);
      else kiosk.read(burst.text, burst.method);
      return;
    }
    const one = lesson(burst);
    if (!one) { $("lesson").textContent = say("lesson_bad"); return; }
    learning.push(one);
    const profile = learning.length < lessons ? null : learned(learning);
    if (learning.length < lessons) { $("lesson").textContent = say("lesson", lessons - learning.length); return; }
    if (!profile) { learning = []; $("lesson").textContent = say("lesson_differs"); return; }
    learning = null;
    wedge.profile = profile;
    kiosk.outbox.set("scanner", profile).then(() => { // on the disk, so that it is learned for good
      $("lesson").textContent = say("learned", profile.prefix || "–", profile.suffix || "–", profile.gap);
      sound("up");
    });
  });
  $("learn").addEventListener("click", () => {
    learning = [];
    wedge.profile = listening;
    $("lesson").textContent = say("lesson", lessons);
    $("learn").blur();
  });
  /** @type {HTMLDialogElement} */ ($("setup")).addEventListener("close", () => {
    if (learning) { learning = null; wedge.profile = kiosk.outbox.settings.scanner || usual; }
  });
}

/** The digits of a text, in any of the writings of this office. @param {string} text */
const digitsOf = (text) => latin(text).replace(/\D/g, "");

/** What a clerk types. @param {Kiosk} kiosk */
export function typed(kiosk) {
  const field = input("code");
  field.addEventListener("input", () => {
    const digits = digitsOf(field.value);
    field.setCustomValidity(digits.length >= 14 && !valid(digits) ? say("bad_code") : "");
    field.dataset.valid = String(valid(digits));
  });
  $("typed").addEventListener("submit", (e) => {
    e.preventDefault();
    const text = field.value.trim();
    field.value = "";
    field.setCustomValidity("");
    if (text) kiosk.read(digitsOf(text) || text, "typed");
  });
}

/** Photographs, which the server reads. @param {Kiosk} kiosk */
export function photograph(kiosk) {
  const field = input("photo");
  field.addEventListener("change", async () => {
    const file = field.files?.[0];
    field.value = "";
    if (!file) return;
    const card = kiosk.card();
    let reply, body;
    try {
      reply = await call(kiosk.token, "/api/v1/images?read", { method: "POST", body: file }, pictureFor);
      body = await reply.json();
    } catch {
      show({ look: "down", word: say("no"), headline: say("photo_needs_server") });
      sound("down");
      return;
    }
    if (reply.ok) kiosk.photographed(body.code, await card);
    else { show({ look: "down", word: say("no"), headline: body?.error?.message || say("photo_needs_server") }); sound("down"); }
  });
}

/** Answers of an agent's own sources, where an agent serves this page, and late ones to what was kept. @param {Kiosk} kiosk */
export function agent(kiosk) {
  const told = (/** @type {MessageEvent} */ e) => {
    const { command, result } = JSON.parse(e.data);
    kiosk.turn.then(() => { // a scan on its way to disk comes first
      if (!kiosk.heard && e.type === "message") kiosk.heard = command;
      kiosk.answered(command, result);
    });
  };
  const read = (/** @type {MessageEvent} */ e) => {
    const { context, left } = JSON.parse(e.data);
    kiosk.opened(context, left || 0);
  };
  const queue = (/** @type {MessageEvent} */ e) => {
    const { waiting, server } = JSON.parse(e.data);
    kiosk.news += 1;
    kiosk.reaches(server, waiting);
  };
  follow("/api/v1/events?lang=" + document.documentElement.lang, { message: told, late: told, read, queue });
}
