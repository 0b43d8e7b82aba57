// A camera over the counter: frames go to the server as grey pixels, one at a time,
// and only when something changed. What they show comes back in words.
// @ts-check
import { Changes, Grey } from "./grey.js";

/** @typedef {{state: string, code?: string, format?: string, corners?: Array<{x: number, y: number}>, foreign?: {text: string, format: string}}} View */
/** @typedef {{region: import("./grey.js").Region, delivered: number, first: boolean}} Sent of the frame that is under way; first: of its connection */
/** @typedef {"on" | "away" | "muted" | "lost" | "blocked" | "none" | "off"} Name away: nobody looks at the frames; muted: there are none */

const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const heartbeat = 500; // ms: a still scene is sent this often, so that its end is known
const patience = 5000; // ms for an answer: then another connection is made
const slowest = 8000; // ms between tries
const unread = 30; // frames in turn that the browser cannot give: then the camera is lost

export class Camera {
  /**
   * @param {{video: HTMLVideoElement, token: string, seen: (view: View, sent: Sent) => void, state: (name: Name, detail?: string) => void}} options
   */
  constructor(options) {
    this.o = options;
    this.grey = new Grey();
    this.changes = new Changes();
    this.lastAt = 0;
    this.tries = 0;
    this.failed = 0; // frames in turn
    this.muted = false; // it gives none
    this.first = true;
    /** @type {Sent | null} */
    this.sent = null;
  }

  /** @param {string} [device] */
  async start(device) {
    this.stop();
    const me = this.running = {};
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...(device ? { deviceId: { exact: device } } : { facingMode: "environment" }) } });
      if (this.running !== me) throw new DOMException("", "AbortError"); // another was started meanwhile, or none is wanted
      this.stream = stream;
      this.o.video.srcObject = stream;
      await this.o.video.play();
    } catch (e) {
      for (const t of stream?.getTracks() || []) t.stop();
      if (this.running !== me) return;
      this.stop();
      const name = /** @type {DOMException} */ (e).name;
      this.o.state(name === "NotAllowedError" && !stream ? "blocked" : name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "lost", name);
      return;
    }
    const [track] = stream.getVideoTracks();
    this.track = track;
    this.muted = track.muted;
    for (const event of ["mute", "unmute"]) {
      track.addEventListener(event, () => {
        if (this.running !== me) return;
        this.muted = event === "mute";
        this.tell();
      });
    }
    track.addEventListener("ended", () => { if (this.running === me) { this.stop(); this.o.state("lost", track.label); } });
    this.connect();
    this.tell();
    await this.run(track, me);
  }

  /** What a camera that runs is to a clerk. */
  tell() { this.o.state(this.muted ? "muted" : this.tries > 0 ? "away" : "on", this.track?.label); }

  stop() {
    this.running = undefined;
    this.failed = 0;
    clearTimeout(this.retry);
    this.tries = 0;
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    for (const t of this.stream?.getTracks() || []) t.stop();
    this.stream = undefined;
    this.o.video.srcObject = null;
    this.sent = null;
  }

  /** Whether this camera has a light, and turning it on. @param {boolean} on */
  async torch(on) { await this.track?.applyConstraints({ advanced: [/** @type {any} */ ({ torch: on })] }); }
  get hasTorch() { return Boolean(/** @type {any} */ (this.track?.getCapabilities?.())?.torch); }

  connect() {
    const url = new URL("/api/v1/frames", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.socket = new WebSocket(url, ["harkara.frames", "bearer." + this.o.token]);
    socket.binaryType = "arraybuffer";
    this.first = true;
    socket.onmessage = (e) => {
      const sent = this.sent;
      if (this.socket !== socket || !sent) return;
      this.sent = null;
      if (this.tries > 0) { this.tries = 0; this.tell(); }
      this.o.seen(JSON.parse(e.data), sent);
    };
    const late = setTimeout(() => this.lose(socket), patience);
    socket.onopen = () => clearTimeout(late);
    socket.onclose = () => { clearTimeout(late); this.lose(socket); };
  }

  /** Ends a connection, whose other side may never say goodbye, and makes another. @param {WebSocket} socket */
  lose(socket) {
    if (this.socket !== socket) return;
    this.socket = undefined;
    socket.close();
    this.sent = null;
    if (this.tries++ === 0) this.tell();
    this.retry = setTimeout(() => this.connect(), 250 + Math.random() * Math.min(slowest, 500 * 2 ** this.tries)); // full jitter
  }

  /** @param {MediaStreamTrack} track @param {object} me */
  async run(track, me) {
    if ("MediaStreamTrackProcessor" in window) {
      const reader = new (/** @type {any} */ (window).MediaStreamTrackProcessor)({ track, maxBufferSize: 1 }).readable.getReader();
      while (this.running === me) {
        const { value: frame, done } = await reader.read();
        if (done) break;
        try { await this.take(frame, frame.displayWidth, frame.displayHeight); } finally { frame.close(); }
      }
      reader.cancel().catch(() => {});
      return;
    }
    const video = this.o.video;
    const next = () => video.requestVideoFrameCallback(async () => {
      if (this.running !== me) return;
      await this.take(video, video.videoWidth, video.videoHeight);
      next();
    });
    next();
  }

  /** @param {VideoFrame | HTMLVideoElement} picture @param {number} width @param {number} height */
  async take(picture, width, height) {
    const delivered = performance.now(), socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN || width === 0) return;
    if (this.sent) { // one at a time: this frame is let go
      if (delivered - this.sent.delivered > patience) this.lose(socket);
      return;
    }
    try {
      await this.grey.take(picture, width, height);
      this.failed = 0;
    } catch (e) {
      if (++this.failed >= unread) { this.stop(); this.o.state("lost", String(e)); }
      return;
    }
    if (!this.changes.in(this.grey) && delivered - this.lastAt < heartbeat) return;
    if (this.socket !== socket || socket.readyState !== WebSocket.OPEN) return;
    this.changes.keep();
    this.lastAt = delivered;
    this.sent = { region: this.grey.region, delivered, first: this.first };
    this.first = false;
    socket.send(this.grey.message);
  }
}

/** The cameras of this machine; their names are told once one was allowed. @returns {Promise<MediaDeviceInfo[]>} */
export async function cameras() {
  return (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput");
}
