// Who is signed in, and the lock of a machine that several use: nothing done for a while
// covers the page, which stays as it is below, with what was typed.
// @ts-check

/** What the server tells of who reads: pages are kept for several readers, and name none. */
function told() {
  const raw = /(?:^|; )signed=([\w-]+)/.exec(document.cookie)?.[1];
  if (!raw) return undefined;
  try {
    const bytes = Uint8Array.from(atob(raw.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return /** @type {{name: {en: string, ur?: string}, lock: number, digits: string}} */ (JSON.parse(new TextDecoder().decode(bytes)));
  } catch { return undefined; }
}

const who = told();
const mine = document.querySelector("a.mine");
if (who && mine) {
  for (const e of document.querySelectorAll(".mine")) e.removeAttribute("hidden");
  for (const e of document.querySelectorAll(".guest")) e.setAttribute("hidden", "");
  const name = (document.documentElement.lang === "ur" && who.name.ur) || who.name.en;
  const label = mine.querySelector("bdi");
  if (label && name) label.textContent = name;
  const whose = document.querySelector("#lock .whose");
  if (whose) whose.textContent = name;
  if (who.lock > 0) watch(who.lock * 1000);
}
if (who?.digits === "urdu" && document.documentElement.lang === "ur") writeUrduDigits();

/** Locks the page, and every other of this browser, when nothing is done in any of them. */
/** @param {number} after in milliseconds */
function watch(after) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("lock"));
  const form = dialog?.querySelector("form");
  if (!dialog || !form) return;
  const key = "harkara.active", told = 60_000;
  let sent = Date.now();
  const active = () => Number(localStorage.getItem(key)) || 0;
  const touch = () => {
    if (dialog.open) return;
    const now = Date.now();
    if (now - active() > 1000) localStorage.setItem(key, String(now));
    if (now - sent > told) { sent = now; void fetch("/session/active", { method: "POST" }); }
  };
  for (const e of ["keydown", "pointerdown", "pointermove", "wheel", "scroll"]) addEventListener(e, touch, { passive: true, capture: true });
  localStorage.setItem(key, String(Date.now()));

  const cover = () => {
    if (dialog.open) return;
    document.documentElement.classList.add("locked");
    dialog.showModal();
    void fetch("/session/lock", { method: "POST", keepalive: true });
  };
  const uncover = () => {
    document.documentElement.classList.remove("locked");
    dialog.close();
    form.reset();
  };
  setInterval(() => { if (Date.now() - active() > after) cover(); }, 1000);
  addEventListener("visibilitychange", () => { if (Date.now() - active() > after) cover(); });
  addEventListener("storage", (e) => { if (e.key === key && dialog.open && Date.now() - active() < after) uncover(); });
  dialog.addEventListener("cancel", (e) => e.preventDefault());
  dialog.addEventListener("close", () => { if (document.documentElement.classList.contains("locked")) dialog.showModal(); });

  form.addEventListener("submit", async (e) => {
    if (/** @type {SubmitEvent} */ (e).submitter?.hasAttribute("formaction")) return; // another signs in
    e.preventDefault();
    const problem = /** @type {HTMLElement} */ (form.querySelector(".flash"));
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(/** @type {any} */ (new FormData(form))), redirect: "manual" }).catch(() => undefined);
    if (answer?.type === "opaqueredirect") {
      problem.hidden = true;
      localStorage.setItem(key, String(Date.now()));
      uncover();
      return;
    }
    const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
    problem.textContent = words[answer?.status === 401 ? "lock.wrong" : answer?.status === 429 ? "lock.too_often" : "lock.silent"] || "";
    problem.hidden = false;
    form.reset();
    form.querySelector("input")?.focus();
  });
}

/** Numbers are written ۱۲۳, but for codes and what is typed. */
function writeUrduDigits() {
  const latin = "code, script, style, textarea, input, select, [dir=ltr]";
  /** @param {Node} under */
  const write = (under) => {
    const texts = document.createTreeWalker(under, NodeFilter.SHOW_TEXT);
    for (let t = under.nodeType === Node.TEXT_NODE ? under : texts.nextNode(); t; t = texts.nextNode()) {
      if (!t.nodeValue || !/[0-9]/.test(t.nodeValue) || t.parentElement?.closest(latin)) continue;
      t.nodeValue = t.nodeValue.replace(/[0-9]/g, (d) => String.fromCharCode(0x6f0 + Number(d)));
    }
  };
  write(document.body);
  new MutationObserver((changes) => {
    for (const c of changes) c.type === "characterData" ? write(c.target) : c.addedNodes.forEach(write);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
