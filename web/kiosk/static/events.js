// What an agent on this machine tells its page, for hours: a stream that is given up when
// it falls silent, since its other side may never say goodbye.
// @ts-check

const silence = 30000; // ms without a word; the agent says something every ten seconds
const slowest = 15000; // ms between tries

/** @param {string} path @param {Record<string, (e: MessageEvent) => void>} told by event */
export function follow(path, told) {
  /** @type {EventSource | undefined} in use */
  let stream;
  let heard = 0, tries = 0;
  const open = () => {
    const mine = stream = new EventSource(path);
    heard = performance.now();
    for (const [name, tell] of Object.entries({ ...told, beat: () => {} })) {
      mine.addEventListener(name, (e) => {
        if (stream !== mine) return;
        heard = performance.now();
        tries = 0;
        tell(/** @type {MessageEvent} */ (e));
      });
    }
    mine.onerror = () => lose(mine);
  };
  /** @param {EventSource} mine */
  const lose = (mine) => {
    if (stream !== mine) return;
    stream = undefined;
    mine.close();
    tries += 1;
    setTimeout(open, Math.random() * Math.min(slowest, 500 * 2 ** Math.min(tries, 6))); // full jitter
  };
  open();
  setInterval(() => { if (stream && performance.now() - heard > silence) lose(stream); }, 1000);
}
