// What every page does beside being read: its clock, a search that a scanner can
// fill from anywhere, and forms that answer at once.
// @ts-check
import "./clock.js";
import "./session.js";

// A scanner types fourteen digits in one burst. Where no field takes them, they are
// looked for.
const burst = { digits: "", at: 0 };
const gap = 60; // ms between a scanner's keys, at most
document.addEventListener("keydown", (e) => {
  const typing = e.target instanceof HTMLElement && e.target.matches("input, textarea, select, [contenteditable]");
  if (typing || e.ctrlKey || e.metaKey || e.altKey || document.body.classList.contains("kiosk")) return;
  if (e.key === "/") {
    e.preventDefault();
    /** @type {HTMLInputElement | null} */ (document.querySelector(".search input"))?.focus();
    return;
  }
  if (document.documentElement.classList.contains("locked")) return;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(e.code)?.[1];
  if (digit === undefined) { burst.digits = ""; return; }
  burst.digits = e.timeStamp - burst.at > gap ? digit : burst.digits + digit;
  burst.at = e.timeStamp;
  if (burst.digits.length === 14) location.assign("/?q=" + burst.digits);
});

// A choice that filters is sent when it is made.
for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("select[data-submit]"))) {
  select.addEventListener("change", () => select.form?.requestSubmit());
  select.form?.querySelector("[data-unneeded]")?.remove();
}

// A department narrows the desks and routes below it to its own.
for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("select[data-narrows]"))) {
  const groups = /** @type {HTMLOptGroupElement[]} */ ([...(select.form?.querySelectorAll("optgroup") || [])]);
  const narrow = () => {
    const own = select.value && select.selectedOptions[0].textContent;
    for (const g of groups) g.hidden = Boolean(own) && g.label !== own;
    for (const below of new Set(groups.map((g) => /** @type {HTMLSelectElement} */ (g.parentElement)))) {
      const chosen = below.selectedOptions[0]?.parentElement;
      if (chosen instanceof HTMLOptGroupElement && chosen.hidden) below.value = "";
    }
  };
  select.addEventListener("change", () => {
    narrow();
    const desk = /** @type {HTMLSelectElement | null} */ (select.form?.querySelector("select[name=desk]"));
    const first = desk?.querySelector("optgroup:not([hidden]) option");
    if (desk && !desk.value && first instanceof HTMLOptionElement) desk.value = first.value;
  });
  narrow();
}

// On paper every page says whose it is and of when, where a browser writes into margins;
// elsewhere the first does.
const printed = document.querySelector(".printed");
if (printed) {
  const sheet = document.styleSheets[0];
  const text = [...printed.children].map((part) => `\u2068${part.textContent}\u2069`).join(" · ").replace(/\s+/g, " ").replace(/["\\]/g, "\\$&"); // each in its own direction
  const at = sheet.insertRule(`@page { @top-left { content: "${text}"; font-size: 8pt; } }`, sheet.cssRules.length);
  printed.classList.toggle("margin", Boolean(/** @type {CSSGroupingRule} */ (sheet.cssRules[at]).cssRules?.length));
}

// A form is sent once.
document.addEventListener("submit", (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (form.method !== "post" || e.defaultPrevented) return;
  if (form.dataset.sent) { e.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const f of document.forms) delete f.dataset.sent; });

// A scanner ends a badge with Enter: that goes on to the secret, and does not send the form.
for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-badge]"))) {
  input.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || !/^\D*(?:\d\D*){14}$/.test(input.value)) return;
    e.preventDefault();
    const fields = /** @type {HTMLElement[]} */ ([...(input.form?.querySelectorAll("input:not([type=hidden])") || [])]);
    fields[fields.indexOf(input) + 1]?.focus();
  });
}
