// The clocks of this page. The wall clock may be wrong. The monotonic one only grows,
// but stands while the machine sleeps: a boot is a stretch in which both agree, so that
// the office can tell from it when something happened.
// @ts-check

const agree = 2000; // ms

/** A UUID, also where the page is not secure. */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  return [...b].map((v, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + v.toString(16).padStart(2, "0")).join("");
}

let boot = uuid(), began = performance.now(), offset = Date.now() - began;

/** What the clocks show: monotonic in ns since the boot. @param {number} [at] of performance.now(), a moment ago */
export function moment(at = performance.now()) {
  const drift = Date.now() - performance.now() - offset;
  if (Math.abs(drift) > agree) offset += drift;
  if (drift > agree) { // asleep, or the wall clock was put forward: who knows; put back it was only wrong
    boot = uuid();
    began = Math.min(at, performance.now());
  }
  return { wall: new Date().toISOString(), boot, monotonic: Math.round(Math.max(0, at - began) * 1e6) };
}

/** The header that tells the office. */
export function clock() {
  const now = moment();
  return { "Harkara-Clock": `boot=${now.boot};monotonic=${now.monotonic}` };
}
