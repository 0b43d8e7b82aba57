// The station at work: what it reads goes through the gesture to disk, then to the ear
// and eye of the clerk, then to the server.
// @ts-check
import { moment, uuid } from "./clock.js";
import { settled, step } from "./gesture.js";
import { Names } from "./names.js";
import { $, answers, cards, east, page, say } from "./page.js";
import { answerOf, line, show, sound, stored } from "./panel.js";
import { Refusals } from "./refused.js";
import { offer } from "./register.js";
import { told, toldTo } from "./told.js";
import { call, officeTime, Uplink } from "./uplink.js";

const answering = "harkara-answer", measures = 2000; // of the way from a frame to its answer, that are kept
const day = 864e5; // ms
const undoFor = 10000; // ms that the button offers to take an act back
const soon = 100; // ms: an answer that comes within them needs no word before it
const silent = 4000; // ms without an answer, longer than the office takes to decide: then a scan is told that it is kept
const apart = 300; // ms between two tones of refusals that come together

/** @typedef {{delivered: number, seen: number, kept: number}} Timed when a frame was given, what it shows was known, its scan was on disk */

export class Kiosk {
  /** @param {import("./outbox.js").Outbox} outbox @param {string} token */
  constructor(outbox, token) {
    this.outbox = outbox;
    this.token = token;
    const whose = outbox.settings.station; // that a token was last known to be of
    this.station = whose?.token === token ? whose.id : ""; // empty: not known yet
    /** @type {import("./gesture.js").State} */
    this.state = outbox.settings.state || {};
    /** @type {{context?: import("./gesture.js").Context, until: number}} */
    this.beside = { until: 0 }; // an agent's
    this.turn = Promise.resolve(); // reads are taken one after another
    this.behind = 0; // scans that wait with an agent
    this.news = 0; // from an agent of how it reaches the office
    /** @type {import("./gesture.js").Command | undefined} */
    this.heard = undefined; // the newest read until it is answered: only its answer takes the panel
    /** @type {Map<string, number>} by command of which the clerk has been told nothing: when silence is */
    this.untold = new Map();
    this.alarmed = -Infinity;
    this.refusals = new Refusals();
    this.names = new Names(outbox);
    this.forgot = 0;
    this.doubtful = "";
    /** @type {Map<string, Timed>} by command */
    this.timed = new Map();
    this.uplink = new Uplink(outbox, token, {
      answered: (command, result) => this.answered(command, result),
      away: () => this.away(),
      there: () => { if ($("server").className === "off") this.refresh(); },
      refused: (message) => this.refused(message),
      drawn: () => this.drawer(),
      changed: () => this.waiting(),
    });
  }

  /** The open card; what was read before comes first. */
  card() { return this.turn.then(() => String(JSON.stringify(settled(this.state, performance.now()).context))); }

  /** A photograph, which was given under a card. @param {string} text @param {string} card */
  async photographed(text, card) {
    const { turn } = this;
    if (await this.card() !== card) this.strange("photo_late", text); // another's, or none's
    else if (turn === this.turn) this.read(text, "image");
    else await this.photographed(text, card); // something was read meanwhile
  }

  /** @param {string} text @param {string} method @param {number} [delivered] when a camera gave the frame */
  read(text, method, delivered) {
    this.turn = this.turn.then(() => this.take(text, method, delivered)).catch((e) => {
      clearTimeout(this.slow);
      show({ look: "down", word: say("not_kept"), code: text, headline: String(e?.message || e) });
      sound("down");
    });
    return this.turn;
  }

  /** @param {string} text @param {string} method @param {number} [delivered] */
  async take(text, method, delivered) {
    /** @type {import("./gesture.js").Command | undefined} */
    let command; // not yet on disk, or none
    this.heard = undefined; // no older answer takes the panel from this
    clearTimeout(this.slow);
    this.slow = setTimeout(() => {
      this.waiting();
      if (this.heard === command) show({ look: "heard", word: say("heard"), code: text.slice(0, 40) });
    }, soon);
    const at = performance.now(), timed = delivered ? { delivered, seen: at, kept: at } : undefined;
    const stamp = moment(at);
    const { state, commands, says } = step(this.state, { id: uuid(), text, method, at, boot: stamp.boot }, cards);
    await this.outbox.keep(commands.map((c) => ({ ...c, ...(this.station && { station: this.station }) })), state, stamp);
    if (timed) timed.kept = performance.now();
    this.state = state;
    this.banner();
    if (says === "runner") toldTo(text);
    if (commands.length === 0) {
      const { tone, words } = answers[says], wrong = tone === "down";
      clearTimeout(this.slow);
      if (wrong) this.offerUndo(false); // nobody means by it what was scanned before
      show(wrong ? { look: "down", word: say("no"), code: text.slice(0, 40), headline: say(words) } : { look: tone, word: say(words), what: this.names.ofCard(state.context) });
      sound(tone);
      this.painted(timed, tone);
      return;
    }
    [command] = commands;
    const { id } = command;
    this.heard = command;
    this.refusals.gives(id);
    if (timed) this.timed.set(id, timed);
    this.untold.set(id, setTimeout(() => this.kept([id]), this.uplink.tries > 0 && $("token").hidden ? soon : silent));
    this.uplink.send();
    this.offerUndo(state.act?.id === id);
  }

  /** Somebody else's label, or two of ours at once. @param {string} word @param {string} text */
  strange(word, text) {
    this.heard = undefined;
    this.offerUndo(false);
    show({ look: "down", word: say("no"), code: text.slice(0, 40), headline: say(word) });
    sound("down");
  }

  /** A code that a camera sees and cannot believe yet: the clerk can help. @param {string} code empty: no more */
  doubt(code) {
    if (code === this.doubtful) return;
    this.doubtful = code;
    if (code) {
      this.heard = undefined;
      show({ look: "doubt", word: say("move"), code, headline: say("move_next") });
    } else if ($("answer").classList.contains("doubt")) show({ look: "ready", word: say("ready") });
  }

  /** @param {import("./outbox.js").Kept} command @param {any} result */
  answered(command, result) {
    const answer = answerOf(result, command.id);
    this.recent(command, answer);
    this.painted(this.timed.get(command.id), answer.look);
    this.timed.delete(command.id);
    clearTimeout(this.untold.get(command.id));
    this.untold.delete(command.id);
    const first = answer.look === "down" && this.refusals.heard(command.id);
    const waits = $("answer").dataset.waits === command.id;
    if (command.id !== this.heard?.id) { // the panel is another's, or this one was told that it is kept; the ear is everybody's
      if (first) this.alarm("down");
      else if (answer.look === "astray") this.alarm("astray");
      if (!waits) return;
    } else {
      this.heard = undefined;
      clearTimeout(this.slow);
      sound(answer.look);
    }
    show({ waits: result.say?.tone === "kept" ? command.id : undefined, ...answer, code: command.code });
    offer(page.office && result.outcome?.reason === "unassigned" ? command.code : "", this.token);
    this.refresh();
  }

  /** An answer that the clerk must hear, of what is not on the panel; of several at once one tone. @param {"down" | "astray"} look */
  alarm(look) {
    if (performance.now() - this.alarmed <= apart) return;
    this.alarmed = performance.now();
    sound(look);
  }

  /** The server has not taken everything. */
  away() {
    this.server(false);
    this.waiting();
    this.timed.clear(); // what waits for a server is no measure of this page
    this.kept([...this.untold.keys()]);
  }

  /** Tells of commands, once, that they wait: the newest on the panel, of others a tone. @param {string[]} ids */
  kept(ids) {
    for (const id of ids) { clearTimeout(this.untold.get(id)); this.untold.delete(id); }
    if (ids.length === 0) return;
    const command = this.heard;
    if (!command || !ids.includes(command.id)) { sound(isSecureContext ? "kept" : "down"); return; }
    clearTimeout(this.slow);
    this.heard = undefined;
    this.waiting();
    const look = isSecureContext ? "kept" : "down"; // a page that cannot be opened again promises nothing
    const what = this.names.ofFile(command.code), ours = what || /^\d{14}$/.test(command.code);
    show({ look, word: say(isSecureContext ? "kept" : "unsent"), what, code: command.code, waits: command.id, headline: say(!isSecureContext ? "unsent_next" : ours ? "kept_next" : "kept_old") });
    sound(look);
  }

  /** Nobody takes this station's scans: said once, and again at each of them. @param {string} message */
  refused(message) {
    if (!$("token").hidden && this.untold.size === 0) return;
    for (const timer of this.untold.values()) clearTimeout(timer);
    this.untold.clear();
    this.heard = undefined;
    clearTimeout(this.slow);
    show({ look: "down", word: message, headline: say("refused_token") });
    sound("down");
    $("token").hidden = false;
  }

  /**
   * Marks how long a frame of a camera took to its answer on the page.
   * @param {Timed | undefined} timed @param {string} look
   */
  painted(timed, look) {
    if (!timed) return;
    const answered = performance.now(), { delivered, seen, kept } = timed;
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => {
        if (performance.getEntriesByName(answering).length >= measures) performance.clearMeasures(answering); // a kiosk is open for months
        performance.measure(answering, { start: delivered, end: performance.now(), detail: { look, seen: seen - delivered, kept: kept - delivered, answered: answered - delivered } });
      };
      after.port2.postMessage(0);
    });
  }

  waiting() {
    const waiting = this.outbox.waiting + this.behind; // here, and with an agent
    $("queue").hidden = waiting === 0;
    $("queue").textContent = say("waiting", waiting);
    $("queue").dataset.count = String(waiting);
  }

  /** What the server can never take, until the clerk has seen it. */
  async drawer() {
    const list = await this.outbox.drawer();
    $("drawer").hidden = list.length === 0;
    $("drawer").dataset.count = String(list.length);
    $("drawer-count").textContent = say("drawer", list.length);
    $("drawer-list").replaceChildren(...list.map((c) => line(c.code, new Date(Date.parse(c.at.wall) + east).toISOString().slice(0, 16).replace("T", " ") + " · " + c.why)));
    $("drawer-seen").onclick = () => this.outbox.seen(list).then(() => this.drawer());
  }

  /** The open card, as long as it is open: this page's, else that of its agent's scanners. */
  banner() {
    clearTimeout(this.bannerTimer);
    const now = performance.now(), mine = settled(this.state, now);
    const { context, until } = mine.context ? mine : this.beside.until > now ? this.beside : mine;
    $("banner").hidden = !context;
    if (!context || !until) return;
    $("banner-name").textContent = this.names.ofCard(context);
    $("banner-says").textContent = say("banner_" + context.says);
    this.bannerTimer = setTimeout(() => this.banner(), until - now + 1);
  }

  /** What the agent's scanners have open. @param {import("./gesture.js").Context | undefined} context @param {number} left ms */
  opened(context, left) {
    this.beside = { context, until: performance.now() + left };
    this.banner();
  }

  /** @param {boolean} acted */
  offerUndo(acted) {
    clearTimeout(this.undoTimer);
    $("undo").hidden = !acted;
    if (acted) this.undoTimer = setTimeout(() => { $("undo").hidden = true; }, undoFor);
  }

  /** A command has one line, its newest answer. @param {{id: string, code: string}} command @param {import("./panel.js").Answer} answer */
  recent({ id, code }, answer) {
    const one = line(answer.what || code, answer.headline || answer.word);
    one.className = answer.look;
    Object.assign(one.dataset, { id, code });
    for (const old of this.lines()) if (id && old.dataset.id === id) old.remove();
    $("recent").prepend(one);
    while ($("recent").children.length > 5) $("recent").lastElementChild?.remove();
  }

  async refresh() {
    const { news } = this;
    let view, now;
    try {
      const reply = await call(this.token, "/api/v1/station");
      now = officeTime(reply);
      if (reply.status === 401 || reply.status === 403) { this.refused(say("refused_token")); return; }
      if (!reply.ok) throw new Error(reply.statusText);
      view = await reply.json();
    } catch { this.server(false); return; }
    if (news === this.news) this.reaches(view.server || "ok", view.waiting || 0); // an agent says whether the office is there; not what it said before its news
    $("token").hidden = true;
    $("room").textContent = view.room;
    for (const name of ["expected", "overdue"]) {
      $(name).replaceChildren(...view[name].map((/** @type {{number: string, from: string, late: boolean}} */ i) => {
        const item = line(i.number, i.from);
        item.className = i.late ? "late" : "";
        return item;
      }));
      $(name + "-none").hidden = view[name].length > 0;
    }
    this.names.learn(view);
    $("overdrawn").hidden = !view.overdrawn;
    $("overdrawn").textContent = view.overdrawn || "";
    told(view.told || [], view.badges || {}); // an agent may not know
    if (this.refusals.show(view.refused || [], (id) => this.untold.has(id))) this.alarm("down");
    if (view.station && view.station !== this.station) {
      this.station = view.station;
      await this.outbox.set("station", { token: this.token, id: view.station });
    }
    if (view.epoch && this.outbox.settings.epoch && view.epoch !== this.outbox.settings.epoch) await this.outbox.again(); // restored from an older copy
    if (view.epoch && view.epoch !== this.outbox.settings.epoch) await this.outbox.set("epoch", view.epoch);
    this.uplink.send();
    if (now - this.forgot > day) {
      this.forgot = now;
      await this.outbox.forget(now);
    }
  }

  /** How an agent reaches the office, and how much waits with it. @param {string} server @param {number} behind */
  reaches(server, behind) {
    this.server(server === "ok");
    this.behind = behind;
    this.waiting();
    if (server !== "ok" || !$("queue").hidden) return;
    const panel = $("answer");
    if (panel.classList.contains("kept")) show({ ...stored(panel.dataset.waits), code: $("digits").textContent || "" });
    for (const { className, dataset } of this.lines().reverse()) {
      if (className === "kept") this.recent({ id: dataset.id || "", code: dataset.code || "" }, stored(dataset.id));
    }
  }

  lines() { return /** @type {HTMLElement[]} */ ([...$("recent").children]); }

  /** @param {boolean} there */
  server(there) {
    $("server").className = there ? "on" : "off";
    $("server").textContent = say(there ? "server_on" : "server_off");
  }
}
