// What this browser keeps: scans until the server has them, those that it can never
// take, and what the gesture and the scanner's profile need after a reload. A scan is on disk before any sound.
// @ts-check

/** @typedef {{wall: string, boot: string, monotonic: number, seq: number}} Stamp */
/** @typedef {import("./gesture.js").Command & {at: Stamp, station?: string}} Kept station: where it was scanned, whoever sends it; none: not known then */
/** @typedef {Kept & {why: string, seen?: boolean}} Refused why in words; seen: by the clerk */
/** @typedef {{stored?: number}} Settled when the server took it, by its clock, ms */

const unkept = 5000; // ms that a clerk has to read that a scan was not kept
const days = 14; // that delivered scans are kept, to be sent again after a restore

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const done = (request) => new Promise((yes, no) => {
  request.onsuccess = () => yes(request.result);
  request.onerror = () => no(request.error);
});

/** @param {IDBTransaction} tx @returns {Promise<void>} */
const committed = (tx) => new Promise((yes, no) => {
  tx.oncomplete = () => yes();
  tx.onabort = () => no(tx.error); // an error of one request comes before, while tx.error is still null
});

export class Outbox {
  /** @param {IDBDatabase} db @param {number} waiting @param {Record<string, any>} settings */
  constructor(db, waiting, settings) {
    this.db = db;
    this.waiting = waiting;
    this.settings = settings;
    /** @type {Kept[]} */
    this.newest = []; // what was kept last, while nothing else has happened here
  }

  /** @param {string} name @returns {Promise<Outbox>} */
  static async open(name) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const store of ["waiting", "delivered", "drawer"]) request.result.createObjectStore(store, { keyPath: "at.seq" });
      request.result.createObjectStore("settings");
    };
    const db = await done(request);
    db.onclose = () => setTimeout(() => location.reload(), unkept); // by the browser: nothing can be kept until it is opened again
    const tx = db.transaction(["waiting", "delivered", "settings"]);
    const [waiting, keys, values] = await Promise.all([
      done(tx.objectStore("waiting").count()), done(tx.objectStore("settings").getAllKeys()), done(tx.objectStore("settings").getAll()),
    ]);
    const settings = Object.fromEntries(keys.map((k, i) => [String(k), values[i]]));
    return new Outbox(db, waiting, settings);
  }

  /** @param {string[]} stores @param {IDBTransactionDurability} [durability] */
  write(stores, durability = "strict") { return this.db.transaction(stores, "readwrite", { durability }); }

  /**
   * Keeps commands and the gesture's state together. When it returns they are on disk.
   * @param {Omit<Kept, "at">[]} commands @param {import("./gesture.js").State} state @param {Omit<Stamp, "seq">} at
   */
  async keep(commands, state, at) {
    const tx = this.write(["waiting", "settings"]);
    const last = await done(tx.objectStore("settings").get("seq")) || 0; // another tab counts too, where nothing keeps it from working
    const kept = commands.map((c, i) => ({ ...c, at: { ...at, seq: last + i + 1 } }));
    for (const c of kept) tx.objectStore("waiting").add(c);
    tx.objectStore("settings").put(last + kept.length, "seq");
    tx.objectStore("settings").put(state, "state");
    await this.commit(tx);
    this.newest = kept;
  }

  /** Commits a transaction on what waits, and counts it. @param {IDBTransaction} tx */
  async commit(tx) {
    const count = tx.objectStore("waiting").count();
    tx.commit();
    this.newest = [];
    await committed(tx);
    this.waiting = count.result;
  }

  /** What waits longest; mostly that is what was just kept, which needs no look at the disk. @param {number} limit @returns {Promise<Kept[]>} */
  async next(limit) {
    if (this.waiting === this.newest.length) return this.newest.slice(0, limit);
    const list = await done(this.db.transaction("waiting").objectStore("waiting").getAll(null, limit));
    if (list.length === 0) this.waiting = 0; // another tab has sent it
    return list;
  }

  /**
   * The server has these, but the refused ones it can never take: they lie in the
   * drawer, so that what follows moves on. If a power cut undoes it they are sent
   * again, which is nothing to the server.
   * @param {Kept[]} delivered @param {Refused[]} refused @param {number} stored
   */
  async settle(delivered, refused, stored) {
    const tx = this.write(["waiting", "delivered", "drawer"], "relaxed");
    for (const c of [...delivered, ...refused]) tx.objectStore("waiting").delete(c.at.seq);
    for (const c of delivered) tx.objectStore("delivered").put({ ...c, stored });
    for (const c of refused) tx.objectStore("drawer").put({ ...c, stored });
    await this.commit(tx);
  }

  /** What lies in the drawer and was not seen yet, oldest first. @returns {Promise<Refused[]>} */
  async drawer() {
    return (await done(/** @type {IDBRequest<Refused[]>} */ (this.db.transaction("drawer").objectStore("drawer").getAll()))).filter((c) => !c.seen);
  }

  /** The clerk has seen what lies in the drawer. @param {Refused[]} list */
  async seen(list) {
    const tx = this.write(["drawer"]);
    for (const c of list) tx.objectStore("drawer").put({ ...c, seen: true });
    await committed(tx);
  }

  /** Sends everything again: the server was restored from an older copy. */
  async again() {
    const tx = this.write(["waiting", "delivered"]);
    for (const c of await done(tx.objectStore("delivered").getAll())) {
      const { stored, ...kept } = c;
      tx.objectStore("waiting").put(kept);
      tx.objectStore("delivered").delete(c.at.seq);
    }
    await this.commit(tx);
  }

  /** Forgets what the server has had for longer than it need be kept. @param {number} now by its clock, ms */
  async forget(now) {
    const tx = this.write(["delivered", "drawer"]);
    const old = (/** @type {Kept & Settled} */ c) => (c.stored ?? Date.parse(c.at.wall)) < now - days * 864e5;
    for (const c of await done(tx.objectStore("delivered").getAll())) if (old(c)) tx.objectStore("delivered").delete(c.at.seq);
    for (const c of await done(tx.objectStore("drawer").getAll())) if (c.seen && old(c)) tx.objectStore("drawer").delete(c.at.seq);
    await committed(tx);
  }

  /** @param {string} name @param {unknown} value */
  async set(name, value) {
    this.settings[name] = value;
    const tx = this.write(["settings"]);
    if (value === undefined) tx.objectStore("settings").delete(name);
    else tx.objectStore("settings").put(value, name);
    await committed(tx);
  }
}
