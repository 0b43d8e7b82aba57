// A label that no file has yet: the way to the form that opens a file with it.
// @ts-check

/** Offers the form for a scanned code; without one takes the offer back. @param {string} code @param {string} token the station's */
export function offer(code, token) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("register"));
  form.hidden = !code;
  /** @type {HTMLInputElement} */ (form.elements.namedItem("code")).value = code;
  /** @type {HTMLInputElement} */ (form.elements.namedItem("token")).value = code && token;
  document.getElementById("done")?.remove(); // what the last form came to
}
