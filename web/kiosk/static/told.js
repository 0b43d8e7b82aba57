// What was told to the posts of this room, newest first; for a while after a badge was
// read, what its owner was told.
// @ts-check
import { $ } from "./page.js";
import { ordered } from "./panel.js";

/** @typedef {Array<{number: string, what: string, to: string, at: string}>} Notices */
/** @typedef {Record<string, {title: string, told: Notices}>} Badges by code */

const personal = 20000; // ms that an officer's notices stand, as long as his card is open

/** @type {Notices} */
let room = [];
/** @type {Badges} */
let owners = {};
let heading = "";
/** @type {number | undefined} */
let until;

/** @param {Notices} notices */
function list(notices) {
  $("told").replaceChildren(...notices.map((n) => {
    const line = document.createElement("li"), number = document.createElement("bdi"), to = document.createElement("bdi");
    number.textContent = ordered(n.number);
    to.textContent = n.to;
    line.append(number, " · ", n.what, " · ", to, " · ", n.at);
    return line;
  }));
  $("told-none").hidden = notices.length > 0;
}

/** What the office last said. @param {Notices} notices @param {Badges} badges */
export function told(notices, badges) {
  [room, owners] = [notices, badges];
  if (!until) list(room);
}

/** A badge was read: its owner sees what he was told. @param {string} code */
export function toldTo(code) {
  const his = owners[code];
  if (!his) return;
  heading ||= $("told-title").textContent || "";
  $("told-title").textContent = his.title;
  list(his.told);
  clearTimeout(until);
  until = setTimeout(() => { until = undefined; $("told-title").textContent = heading; list(room); }, personal);
}
