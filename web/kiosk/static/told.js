// What was told to the posts of this room, newest first.
// @ts-check

/** @param {Array<{number: string, what: string, to: string, at: string}>} list */
export function told(list) {
  const shown = /** @type {HTMLElement} */ (document.getElementById("told"));
  shown.replaceChildren(...list.map((n) => {
    const line = document.createElement("li"), number = document.createElement("bdi"), to = document.createElement("bdi");
    number.textContent = n.number;
    to.textContent = n.to;
    line.append(number, " · ", n.what, " · ", to, " · ", n.at);
    return line;
  }));
  /** @type {HTMLElement} */ (document.getElementById("told-none")).hidden = list.length > 0;
}
