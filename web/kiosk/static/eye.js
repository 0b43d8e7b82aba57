// The camera on the page: what it sees drawn over its picture and told to the kiosk,
// and what is wrong with it said.
// @ts-check
import { Camera, cameras } from "./camera.js";
import { $, say } from "./page.js";

const methods = /** @type {Record<string, string>} */ ({ QR_CODE: "qr", CODE_128: "code128", CODE_39: "code39" });
const settling = 2000; // ms after a new connection, in which what lay there before still does
const doubtful = 1000; // ms of a code that is seen but not believed, before the clerk is asked to help

/** @param {import("./camera.js").Sent["region"]} region @param {import("./camera.js").View} view */
function draw({ x, y, width, height, whole }, view) {
  $("sight").setAttribute("viewBox", `0 0 ${whole.width} ${whole.height}`);
  const part = $("region");
  for (const [name, value] of Object.entries({ x, y, width, height })) part.setAttribute(name, String(value));
  part.classList.toggle("whole", width >= whole.width - 1 && height >= whole.height - 1);
  $("outline").setAttribute("points", (view.corners || []).map((p) => `${p.x + x},${p.y + y}`).join(" "));
  $("outline").setAttribute("class", view.state);
}

/**
 * Starts the camera where it was on, and lets it be started.
 * @param {{token: string, outbox: import("./outbox.js").Outbox, read: (text: string, method: string, delivered?: number) => void, strange: (word: string, text: string) => void, doubt: (code: string) => void}} kiosk
 */
export function eye(kiosk) {
  const secure = isSecureContext && Boolean(navigator.mediaDevices);
  $("camera-start").hidden = !secure;
  if (!secure) return;
  let said = "", since = Infinity; // since when a code is in doubt
  let inView = "", lay = "", until = 0; // the accepted code that is seen; that was seen as a connection ended, and until when it still may be
  let now = /** @type {import("./camera.js").Name} */ ("off");
  const camera = new Camera({
    video: /** @type {HTMLVideoElement} */ ($("video")), token: kiosk.token,
    seen(view, sent) {
      if (sent.first) { lay = inView; until = sent.delivered + settling; } // who looks now has not seen it
      if (view.state === "accepted" && view.code === lay && sent.delivered < until) view = { ...view, state: "held" };
      if (view.state === "accepted") lay = "";
      const lies = view.state === "unsure" && view.code === lay && sent.delivered < until;
      if (lies) until = sent.delivered + settling;
      inView = lies || view.state === "accepted" || view.state === "held" ? view.code || "" : "";
      draw(sent.region, view);
      if (view.state === "accepted" && view.code) kiosk.read(view.code, methods[view.format || ""], sent.delivered);
      const warn = view.state === "two_files" || view.state === "foreign" ? view.state + (view.foreign?.text || "") : "";
      if (warn && warn !== said) kiosk.strange(view.state, view.foreign?.text || "");
      said = warn;
      since = view.state === "unsure" ? Math.min(since, sent.delivered) : Infinity;
      kiosk.doubt(sent.delivered - since >= doubtful ? view.code || "" : "");
    },
    async state(name, detail) {
      now = name;
      const seeing = name === "on" || name === "away" || name === "muted";
      if (!seeing) kiosk.doubt("");
      $("camera").hidden = !seeing;
      $("camera").dataset.state = name;
      $("camera-note").hidden = name === "on" || name === "off";
      $("camera-note").textContent = say("camera_" + name, detail || "");
      $("camera-start").hidden = seeing;
      $("torch").hidden = !(seeing && camera.hasTorch);
      const kept = kiosk.outbox.settings.camera;
      await kiosk.outbox.set("camera", seeing ? camera.track?.getSettings().deviceId || "" : name === "off" ? undefined : kept);
      $("camera").dataset.kept = name; // on disk: so the page opens the next time
      const list = await cameras();
      $("which").hidden = list.length < 2;
      $("which").replaceChildren(...list.map((c, i) => new Option(c.label || say("camera_n", i + 1), c.deviceId, false, c.deviceId === kiosk.outbox.settings.camera)));
    },
  });
  let light = false;
  const start = (/** @type {string | undefined} */ device) => {
    light = false;
    $("torch").setAttribute("aria-pressed", "false");
    return camera.start(device);
  };
  $("camera-start").addEventListener("click", () => start(undefined));
  $("camera-stop").addEventListener("click", () => { camera.stop(); camera.o.state("off"); });
  $("which").addEventListener("change", (e) => { const which = /** @type {HTMLSelectElement} */ (e.target); which.blur(); start(which.value); });
  $("torch").addEventListener("click", async () => {
    light = !light;
    await camera.torch(light).catch(() => { light = false; });
    $("torch").setAttribute("aria-pressed", String(light));
  });
  navigator.mediaDevices.addEventListener("devicechange", () => {
    if ((now === "lost" || now === "none") && kiosk.outbox.settings.camera !== undefined) start(kiosk.outbox.settings.camera || undefined);
  });
  if (kiosk.outbox.settings.camera !== undefined) start(kiosk.outbox.settings.camera || undefined); // it was on
}
