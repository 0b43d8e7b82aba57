// The service worker of the scanning station: the page opens with the server away.
// Before this text stand VERSION and FILES, every file that the page needs.

const NAME = "kiosk-" + VERSION;
const PATIENCE = 3000; // ms for the page itself; then the kept one is shown

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(FILES);
    const clients = await self.clients.matchAll({ includeUncontrolled: true });
    for (const c of clients) if (new URL(c.url).pathname === "/kiosk") await page(c.url).catch(() => {}); // who brought this worker
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("kiosk-") && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

/** Fetches the page and keeps it. */
async function page(url) {
  const reply = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
  if (reply.ok) await (await caches.open(NAME)).put(url, reply.clone());
  return reply;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.mode === "navigate" && url.pathname === "/kiosk") {
    event.respondWith(page(url.href).catch(async () =>
      await caches.match(url.href) || await caches.match(url.href, { ignoreSearch: true }) || Response.error()));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(event.request)));
  }
});
