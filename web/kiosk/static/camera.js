// A camera over the counter: frames go to the server as grey pixels, one at a time,
// and only when something changed. What they show comes back in words.
// @ts-check

/** @typedef {{state: string, code?: string, format?: string, corners?: Array<{x: number, y: number}>, foreign?: {text: string, format: string}}} View */

const widest = 1280; // pixels of what is sent
const every = 8; // pixels between samples, to see whether anything changed
const level = 24; // of grey, that makes a sample another
const share = 500; // one sample in so many makes another frame
const heartbeat = 500; // ms: a still scene is sent this often, so that its end is known

/** @typedef {{pixels: Uint8Array, width: number, height: number}} Grey */

/** @param {VideoFrame} frame the luminance plane as it is, or null where the frame has none @returns {Promise<Grey | null>} */
async function luminance(frame) {
  if (!frame.format || !/^(I420|I422|I444|NV12|I420A)$/.test(frame.format)) return null;
  const { width, height } = /** @type {DOMRectReadOnly} */ (frame.visibleRect);
  const all = new Uint8Array(frame.allocationSize());
  const [plane] = await frame.copyTo(all);
  if (plane.stride === width) return { pixels: all.subarray(plane.offset, plane.offset + width * height), width, height };
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) pixels.set(all.subarray(plane.offset + y * plane.stride, plane.offset + y * plane.stride + width), y * width);
  return { pixels, width, height };
}

/** @param {HTMLVideoElement | VideoFrame} picture @param {number} width @param {number} height @param {OffscreenCanvas} canvas @returns {Grey} */
function drawn(picture, width, height, canvas) {
  const scale = Math.min(1, widest / width);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const g = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  g.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const { data } = g.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint8Array(canvas.width * canvas.height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8; // Rec. 601
  return { pixels, width: canvas.width, height: canvas.height };
}

/** @param {Grey} grey */
function samples({ pixels, width, height }) {
  const w = Math.floor(width / every), h = Math.floor(height / every);
  const out = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) out[y * w + x] = pixels[(y * every + 4) * width + x * every + 4];
  return out;
}

/** @param {Uint8Array} a @param {Uint8Array | null} b */
function differs(a, b) {
  if (!b || a.length !== b.length) return true;
  let others = 0;
  for (let i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > level) others++;
  return others * share > a.length;
}

/** @typedef {{width: number, height: number, delivered: number}} Sent of the frame that is under way */

export class Camera {
  /**
   * @param {{video: HTMLVideoElement, token: string, seen: (view: View, sent: Sent) => void, state: (name: "on" | "lost" | "blocked" | "none" | "off", detail?: string) => void}} options
   */
  constructor(options) {
    this.o = options;
    this.canvas = new OffscreenCanvas(1, 1);
    /** @type {Uint8Array | null} */
    this.last = null;
    this.lastAt = 0;
    /** @type {Sent | null} */
    this.sent = null;
  }

  /** @param {string} [device] */
  async start(device) {
    this.stop();
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: widest }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...(device ? { deviceId: { exact: device } } : { facingMode: "environment" }) },
      });
    } catch (e) {
      const name = /** @type {DOMException} */ (e).name;
      this.o.state(name === "NotAllowedError" ? "blocked" : name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "lost", name);
      return;
    }
    const [track] = this.stream.getVideoTracks();
    this.track = track;
    track.addEventListener("ended", () => { this.stop(); this.o.state("lost"); });
    this.o.video.srcObject = this.stream;
    await this.o.video.play();
    this.connect();
    this.o.state("on", track.label);
    this.run(track);
  }

  stop() {
    this.running = undefined;
    clearTimeout(this.retry);
    this.socket?.close();
    this.socket = undefined;
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
    const socket = new WebSocket(url, ["harkara.frames", "bearer." + this.o.token]);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (e) => {
      const sent = this.sent;
      this.sent = null;
      if (sent) this.o.seen(JSON.parse(e.data), sent);
    };
    socket.onclose = () => {
      this.sent = null;
      if (this.stream) this.retry = setTimeout(() => { if (this.stream) this.connect(); }, 500 + Math.random() * 1500);
    };
    this.socket = socket;
  }

  /** @param {MediaStreamTrack} track */
  async run(track) {
    const me = this.running = {};
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
    const delivered = performance.now();
    if (this.sent || this.socket?.readyState !== WebSocket.OPEN || width === 0) return; // one at a time: this frame is let go
    const grey = (picture instanceof VideoFrame && width <= widest && await luminance(picture)) || drawn(picture, width, height, this.canvas);
    const small = samples(grey);
    if (!differs(small, this.last) && delivered - this.lastAt < heartbeat) return;
    this.last = small;
    this.lastAt = delivered;
    const message = new Uint8Array(8 + grey.pixels.length);
    new DataView(message.buffer).setUint32(0, grey.width);
    new DataView(message.buffer).setUint32(4, grey.height);
    message.set(grey.pixels, 8);
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.sent = { width: grey.width, height: grey.height, delivered };
    this.socket.send(message);
  }
}

/** The cameras of this machine; their names are told once one was allowed. @returns {Promise<MediaDeviceInfo[]>} */
export async function cameras() {
  return (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput");
}
