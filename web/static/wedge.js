// A keyboard-wedge scanner is a keyboard that types fast and ends with Enter. Its
// keys are read by their place on the board (event.code), so that an Urdu layout
// makes no difference; a person typing is left alone.
// @ts-check

const gap = 60; // ms between two keys of one burst, at most
const idle = 90; // ms of silence that end a burst without Enter
const least = 6; // keys

/** @param {string} code */
function digitOf(code) {
  const m = /^(?:Digit|Numpad)(\d)$/.exec(code);
  return m ? m[1] : null;
}

/**
 * Calls read with the digits of every burst.
 * @param {Document} doc
 * @param {(digits: string) => void} read
 */
export function listen(doc, read) {
  let keys = "";
  let last = 0;
  /** @type {number | undefined} */
  let timer;
  /** @type {{field: HTMLInputElement, text: string} | null} */
  let before = null; // a focused field and what it held before the burst

  const end = () => {
    clearTimeout(timer);
    const burst = keys;
    keys = "";
    if (burst.length < least) { before = null; return false; }
    if (before) before.field.value = before.text;
    before = null;
    read(burst);
    return true;
  };
  doc.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.code === "Enter" || event.code === "NumpadEnter" || event.code === "Tab") {
      if (keys.length >= least && event.timeStamp - last < gap * 2) { event.preventDefault(); event.stopPropagation(); end(); } else { keys = ""; before = null; }
      return;
    }
    const digit = digitOf(event.code);
    if (digit === null) { if (!event.code.startsWith("Shift") && event.key.length === 1) { keys = ""; before = null; } return; }
    if (keys && event.timeStamp - last > gap) { keys = ""; before = null; }
    if (!keys && event.target instanceof HTMLInputElement) before = { field: event.target, text: event.target.value };
    keys += digit;
    last = event.timeStamp;
    clearTimeout(timer);
    timer = setTimeout(end, idle);
  }, true);
}
