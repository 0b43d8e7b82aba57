// The way to the server: in order, again and again with the same ids, until it says
// that a scan is stored.
// @ts-check

import { clock } from "./clock.js";

/** @typedef {import("./outbox.js").Kept} Kept */

const answered = ["quarantined", "foreign"]; // errors of scans that are kept all the same, or that the clerk has been told
const never = [400, 413, 422]; // what the office, and no gateway before it, refuses a whole request with
const patience = 12000; // ms for a request
const few = 8; // scans whose decisions are waited for; more are only stored
const many = 100; // at once
const slowest = 15000; // ms between tries

/** @param {string} token @param {string} path @param {RequestInit} [more] @param {number} [within] ms */
export function call(token, path, more = {}, within = patience) {
  const asked = new URL(path, location.href);
  asked.searchParams.set("lang", document.documentElement.lang); // this page's, whatever this browser's other pages speak
  return fetch(asked, { ...more, headers: { Authorization: "Bearer " + token, ...more.headers }, signal: AbortSignal.timeout(within) });
}

/** The clock of whoever answered, ms; this machine's may be wrong. @param {Response} reply */
export const officeTime = (reply) => Date.parse(reply.headers.get("Date") || "") || Date.now();

/**
 * @typedef {object} Events
 * @property {(command: Kept, result: any) => void} answered
 * @property {() => void} away the server has not taken everything
 * @property {() => void} there it has
 * @property {(message: string) => void} refused this station's token is
 * @property {() => void} drawn something was put into the drawer
 * @property {() => void} changed how many wait
 */

export class Uplink {
  /** @param {import("./outbox.js").Outbox} outbox @param {string} token @param {Events} events */
  constructor(outbox, token, events) {
    this.outbox = outbox;
    this.token = token;
    this.events = events;
    this.running = false;
    this.tries = 0;
    addEventListener("online", () => this.send());
  }

  async send() {
    clearTimeout(this.timer);
    if (this.running) return;
    this.running = true;
    try {
      while (this.outbox.waiting > 0 && await this.batch()) this.tries = 0;
    } finally {
      this.running = false;
      this.events.changed();
    }
    if (this.outbox.waiting === 0) return;
    this.tries += 1;
    const wait = 250 + Math.random() * Math.min(slowest, 500 * 2 ** Math.min(this.tries, 6)); // full jitter
    this.timer = setTimeout(() => this.send(), wait);
  }

  /** Sends what waits first; false: the server did not take it all. */
  async batch() {
    const list = await this.outbox.next(this.tries > 0 ? 1 : many);
    if (list.length === 0) return true;
    let reply, body;
    try {
      reply = await call(this.token, "/api/v1/scans" + (list.length <= few ? "?wait=3s" : ""), {
        method: "POST", headers: { "Content-Type": "application/json", ...clock() }, body: JSON.stringify(list),
      });
      body = Object(await reply.json()); // whatever stands between may answer anything
    } catch {
      this.events.away();
      return false;
    }
    if (reply.status === 401 || reply.status === 403) { this.events.refused(body.error?.message || ""); return false; }
    if (!Array.isArray(body.results)) {
      if (never.includes(reply.status) && body.error?.code && list.length === 1) { // never to be taken: what follows must move on
        this.events.answered(list[0], { error: body.error });
        await this.outbox.settle([], [{ ...list[0], why: body.error?.message || reply.statusText }], officeTime(reply));
        this.events.drawn();
        return true;
      }
      this.events.away();
      return false;
    }
    /** @type {Kept[]} */
    const stored = [];
    /** @type {import("./outbox.js").Refused[]} */
    const refused = []; // the server keeps them too, and does nothing else with them
    list.forEach((c, i) => {
      const result = body.results[i];
      if (!result?.stored) return;
      if (result.error && !answered.includes(result.error.code)) refused.push({ ...c, why: result.error.message });
      else stored.push(c);
      this.events.answered(c, result); // who waits comes first: what is not settled is sent again
    });
    await this.outbox.settle(stored, refused, officeTime(reply));
    if (refused.length) this.events.drawn();
    this.events.changed();
    const all = stored.length + refused.length === list.length;
    this.events[all ? "there" : "away"]();
    return all;
  }
}
