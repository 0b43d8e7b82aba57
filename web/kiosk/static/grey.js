// The grey of a camera's frames, laid out as the server takes it, in memory that is
// used again and again.
// @ts-check

/** @typedef {{x: number, y: number, width: number, height: number, whole: {width: number, height: number}}} Region of a frame, in pixels */

const head = 8; // bytes before the pixels: width and height
const widest = 1280, tallest = 960; // pixels of what is sent: more is cut off around the centre

// What follows the luminance plane (WebCodecs, pixel formats): how many pixels across
// and down one sample stands for, and its bytes.
/** @type {Record<string, Array<[number, number, number]>>} */
const planes = {
  I420: [[2, 2, 1], [2, 2, 1]], I420A: [[2, 2, 1], [2, 2, 1], [1, 1, 1]],
  I422: [[2, 1, 1], [2, 1, 1]], I444: [[1, 1, 1], [1, 1, 1]], NV12: [[2, 2, 2]],
};

/** The part of a frame that is looked at: even, as colour is sampled. @param {number} width @param {number} height @returns {Region} */
export function region(width, height) {
  const w = Math.min(width, widest) & ~1, h = Math.min(height, tallest) & ~1;
  return { x: (width - w) >> 1 & ~1, y: (height - h) >> 1 & ~1, width: w, height: h, whole: { width, height } };
}

export class Grey {
  constructor() {
    this.bytes = new Uint8Array(head);
    this.canvas = new OffscreenCanvas(1, 1);
    /** @type {Region} */
    this.region = region(0, 0);
    /** @type {"plane" | "canvas"} how the last frame came here */
    this.by = "plane";
  }

  /** What is sent: width and height, highest byte first, then the pixels of every row. */
  get message() { return this.bytes.subarray(0, head + this.region.width * this.region.height); }

  /** @param {VideoFrame | HTMLVideoElement} picture @param {number} width @param {number} height as it is displayed */
  async take(picture, width, height) {
    this.region = region(width, height);
    this.by = picture instanceof VideoFrame && await this.copied(picture) ? "plane" : "canvas";
    if (this.by === "canvas") this.drawn(picture);
    const numbers = new DataView(this.bytes.buffer);
    numbers.setUint32(0, this.region.width);
    numbers.setUint32(4, this.region.height);
  }

  /** @param {number} size in bytes */
  room(size) { if (this.bytes.length < size) this.bytes = new Uint8Array(size); }

  /**
   * Copies the luminance plane as it is; false: this frame has none that could be.
   * @param {VideoFrame} frame
   */
  async copied(frame) {
    const rest = planes[frame.format || ""], seen = frame.visibleRect;
    if (!rest || !seen || seen.width !== frame.displayWidth || seen.height !== frame.displayHeight) return false; // turned, or stretched
    const { x, y, width, height } = this.region;
    const layout = [{ offset: head, stride: width }];
    let end = head + width * height;
    for (const [across, down, bytes] of rest) { // they cannot be left out
      layout.push({ offset: end, stride: width / across * bytes });
      end += width / across * bytes * height / down;
    }
    this.room(end);
    try {
      await frame.copyTo(this.bytes, { rect: { x: seen.x + x, y: seen.y + y, width, height }, layout });
      return true;
    } catch { return false; }
  }

  /** @param {VideoFrame | HTMLVideoElement} picture */
  drawn(picture) {
    const { x, y, width, height } = this.region;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const g = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext("2d", { willReadFrequently: true }));
    g.drawImage(picture, x, y, width, height, 0, 0, width, height);
    const { data } = g.getImageData(0, 0, width, height);
    this.room(head + width * height);
    for (let i = 0; i < width * height; i++) this.bytes[head + i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8; // Rec. 601
  }
}

const every = 8; // pixels between samples, to see whether anything changed
const level = 24; // of grey, that makes a sample another
const share = 500; // one sample in so many makes another frame

/** Says whether a frame differs from the one before that was said to. */
export class Changes {
  constructor() {
    this.before = this.now = new Uint8Array(0);
  }

  /** @param {Grey} grey */
  in({ bytes, region: { width, height } }) {
    const w = Math.floor(width / every), h = Math.floor(height / every);
    if (this.now.length !== w * h) this.now = new Uint8Array(w * h);
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) this.now[y * w + x] = bytes[head + (y * every + 4) * width + x * every + 4];
    let others = 0;
    if (this.before.length === w * h) for (let i = 0; i < w * h; i++) if (Math.abs(this.now[i] - this.before[i]) > level) others++;
    return this.before.length !== w * h || others * share > w * h;
  }

  /** The frame that was asked about is the one before now. */
  keep() { [this.before, this.now] = [this.now, this.before]; }
}
