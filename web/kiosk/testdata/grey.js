// Frames of every form through the kiosk's own eyes: what is sent of each against the
// pixels that it was made of. Returns what went wrong.
import { Changes, Grey, region } from "GREY";

const samples = { I420: [[2, 2], [2, 2]], I420A: [[2, 2], [2, 2], [1, 1]], I422: [[2, 1], [2, 1]], I444: [[1, 1], [1, 1]], NV12: [[1, 2]] };
const level = (x, y) => (x * 7 + y * 13 + (x * y) % 31) % 200 + 20;

/** A frame whose luminance is known, in memory with a margin around what is visible. */
function made(format, width, height, margin = 0) {
  const w = width + 2 * margin, h = height + 2 * margin;
  const size = w * h + samples[format].reduce((n, [across, down]) => n + w / across * h / down, 0);
  const all = new Uint8Array(size).fill(128);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) all[y * w + x] = level(x - margin, y - margin);
  return new VideoFrame(all, { format, codedWidth: w, codedHeight: h, visibleRect: { x: margin, y: margin, width, height }, timestamp: 0 });
}

function compare(told, grey, width, height, by, slack = 0) {
  const { x: left, y: top, width: w, height: h } = region(width, height), message = grey.message, wrong = [];
  const head = new DataView(message.buffer);
  if (grey.by !== by) wrong.push(`${told}: by ${grey.by}, want ${by}`);
  if (message.length !== 8 + w * h || head.getUint32(0) !== w || head.getUint32(4) !== h) return [...wrong, `${told}: ${message.length} bytes of ${head.getUint32(0)} x ${head.getUint32(4)}`];
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++)
    if (Math.abs(message[8 + y * w + x] - level(x + left, y + top)) > slack) return [...wrong, `${told}: ${message[8 + y * w + x]} at ${x},${y}, want ${level(x + left, y + top)}`];
  return wrong;
}

export async function frames() {
  const wrong = [], grey = new Grey();
  for (const format of Object.keys(samples)) for (const [width, height, margin] of [[640, 480, 0], [1280, 720, 16], [1920, 1080, 0], [722, 1282, 2]]) {
    const frame = made(format, width, height, margin);
    await grey.take(frame, frame.displayWidth, frame.displayHeight);
    wrong.push(...compare(`${format} ${width} x ${height}`, grey, width, height, "plane"));
    frame.close();
  }
  const memory = grey.bytes.buffer;
  for (let i = 0; i < 3; i++) {
    const frame = made("I420", 1280, 720);
    await grey.take(frame, 1280, 720);
    frame.close();
  }
  if (grey.bytes.buffer !== memory) wrong.push("a frame took new memory");

  const rgba = new Uint8Array(1920 * 1080 * 4).fill(255);
  for (let y = 0; y < 1080; y++) for (let x = 0; x < 1920; x++) rgba.fill(level(x, y), 4 * (y * 1920 + x), 4 * (y * 1920 + x) + 3);
  const colour = new VideoFrame(rgba, { format: "RGBA", codedWidth: 1920, codedHeight: 1080, timestamp: 0 });
  await grey.take(colour, 1920, 1080);
  wrong.push(...compare("RGBA", grey, 1920, 1080, "canvas", 2));

  const deaf = made("I444", 640, 480);
  deaf.copyTo = () => Promise.reject(new DOMException("", "NotSupportedError"));
  await grey.take(deaf, 640, 480);
  wrong.push(...compare("a frame that cannot be copied", grey, 640, 480, "canvas", 20)); // video's black and white are not a canvas's
  const stretched = new VideoFrame(new Uint8Array(640 * 480 * 3 / 2), { format: "I420", codedWidth: 640, codedHeight: 480, displayWidth: 720, displayHeight: 480, timestamp: 0 });
  await grey.take(stretched, 720, 480);
  if (grey.by !== "canvas") wrong.push("a stretched frame was copied as it lies");
  return wrong;
}

/** Which of a row of frames, given by their grey and how many pixels of it are another, are changes. */
export async function changes() {
  const grey = new Grey(), seen = new Changes(), said = [];
  for (const [level, others] of [[90, 0], [90, 0], [95, 0], [90, 4000], [90, 40000], [90, 40000], [150, 0]]) {
    const all = new Uint8Array(640 * 480 * 3 / 2).fill(128);
    all.fill(level, 0, 640 * 480);
    all.fill(200, 0, others);
    const frame = new VideoFrame(all, { format: "I420", codedWidth: 640, codedHeight: 480, timestamp: 0 });
    await grey.take(frame, 640, 480);
    const changed = seen.in(grey);
    if (changed) seen.keep();
    said.push(changed ? "changed" : "same");
    frame.close();
  }
  return said.join(" ");
}
