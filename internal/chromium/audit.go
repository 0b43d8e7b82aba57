package chromium

// audit asks a page what is hard to see, to hit or to name in it.
const audit = `(() => {
  const out = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) {
    const wide = [...document.querySelectorAll("body *")].filter((e) => { const r = e.getBoundingClientRect(); return r.width && (r.right > root.clientWidth + 1 || r.left < -1) && !e.closest(".scroll, .hidden, .skip"); }).slice(0, 3);
    out.push("wider than the screen: " + wide.map((e) => e.tagName + "." + e.className).join(", "));
  }
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => { const f = [0, 1, 2].map((i) => { const v = c[i] / 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return rgb(getComputedStyle(root).backgroundColor); };
  const visible = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".hidden, .skip");
  const said = new Set();
  const boxes = []; // the middle of each line of text: letters of Nastaliq reach into the lines beside
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e || e.closest("script, option, svg") || !visible(e)) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    let cut = Infinity, from = -Infinity, to = Infinity; // what is clipped is not seen
    for (let p = e; p; p = p.parentElement) {
      const style = getComputedStyle(p), box = p.getBoundingClientRect();
      if (style.overflowY === "hidden") cut = Math.min(cut, box.bottom);
      if (style.overflowX === "hidden" || style.overflowX === "clip") [from, to] = [Math.max(from, box.left), Math.min(to, box.right)];
    }
    for (const r of range.getClientRects()) if (r.width > 2 && r.top + r.height / 2 < cut && r.right > from && r.left < to) boxes.push({ text: walk.currentNode.textContent.trim(), left: Math.max(r.left, from) + 1, right: Math.min(r.right, to) - 1, top: r.top + r.height * .35, bottom: r.bottom - r.height * .35 });
    const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const key = e.tagName + "." + e.className;
    if (ratio < 4.5 && !said.has(key)) { said.add(key); out.push("contrast " + ratio.toFixed(2) + " in " + key + ": " + walk.currentNode.textContent.trim().slice(0, 30)); }
  }
  boxes.forEach((a, i) => {
    const b = boxes.slice(i + 1).find((b) => b.text !== a.text && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom);
    if (b) out.push("one text over another: " + a.text.slice(0, 30) + " / " + b.text.slice(0, 30));
  });
  for (const e of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    if (!visible(e) || e.type === "hidden") continue;
    const name = e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.[0]?.textContent.trim() || e.querySelector("img[alt]:not([alt=''])")?.alt;
    if (!name) out.push("no name: " + e.outerHTML.slice(0, 80));
    const r = e.getBoundingClientRect();
    const inline = getComputedStyle(e).display === "inline";
    if (!inline && (r.width < 24 || r.height < 24)) out.push("target of " + Math.round(r.width) + "x" + Math.round(r.height) + ": " + e.outerHTML.slice(0, 80));
  }
  const levels = [...document.querySelectorAll("h1, h2, h3")].filter((e) => e.checkVisibility()).map((h) => Number(h.tagName[1]));
  if (levels.filter((l) => l === 1).length !== 1) out.push("not one h1: " + levels);
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) out.push("a heading of level " + l + " after " + levels[i - 1]); });
  return out;
})()`
