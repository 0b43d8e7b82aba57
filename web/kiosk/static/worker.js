// The service worker of the scanning station: the page opens with the server away.
// Before this text stand VERSION and FILES, every file that the page needs.

const NAME = "kiosk-" + VERSION;
const PATIENCE = 3000; // ms for the page itself; then the kept one is shown
const LENGTHY = 30000; // ms for the page where there is no kept one to show

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(FILES);
    const clients = await self.clients.matchAll({ includeUncontrolled: true });
    for (const c of clients) if (new URL(c.url).pathname === "/kiosk") await keep(c.url); // or the version before stays
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("kiosk-") && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

// A page may have come before this worker, or have been loaded while it came: so each asks
// to be kept, and is told once it is.
self.addEventListener("message", (event) => {
  const client = event.source;
  event.waitUntil(keep(client.url).then(() => client.postMessage("kept"), () => client.postMessage("not kept")));
});

async function keep(url) {
  await page(lasting(url), LENGTHY);
  if (!await kept(url)) throw new Error("not kept");
}

/** Fetches the page and keeps it, unless it says what is true once, is no kiosk's, or needs what this version has not. */
async function page(url, patience) {
  const reply = await fetch(url, { signal: AbortSignal.timeout(patience) });
  if (!reply.ok) return reply;
  const parts = (await reply.clone().text()).match(/\/kiosk\/static\/[^"]+/g) || [];
  const whole = parts.length > 0 && parts.every((path) => FILES.includes(path));
  if (whole && url === lasting(url)) await (await caches.open(NAME)).put(url, reply.clone());
  return reply;
}

/** The address of a page without what it says only once. */
function lasting(url) {
  const at = new URL(url);
  for (const name of ["done", "code"]) at.searchParams.delete(name);
  return at.href;
}

/** The kept page of an address, or of the same station in another language. */
async function kept(url) {
  const cache = await caches.open(NAME), station = new URL(url).searchParams.get("station");
  const same = await cache.match(lasting(url));
  if (same) return same;
  for (const request of await cache.keys()) {
    const at = new URL(request.url);
    if (at.pathname === "/kiosk" && at.searchParams.get("station") === station) return cache.match(request);
  }
  return undefined;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.mode === "navigate" && url.pathname === "/kiosk") {
    event.respondWith(page(url.href, PATIENCE).catch(() => undefined).then(async (reply) =>
      reply && reply.status < 500 ? reply : // what stands between may answer for a server that is away
        await kept(url.href) || reply || Response.error()));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(event.request)));
  }
});
