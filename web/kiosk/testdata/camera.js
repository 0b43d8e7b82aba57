// A camera that a test holds in its hand: it is asked for, delivers frames, fails, has
// a light, and is lost when the test says so.
(() => {
  const fake = window.fake = {
    asked: [], torches: [], frames: [],
    fails: "", // name of the error that asking for it ends with
    mute: false, // its picture does not play
    torch: false,
    cameras: [{ kind: "videoinput", deviceId: "counter", label: "Counter" }],
  };
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const g = canvas.getContext("2d");
  /** Shows the picture of the canvas one grey. */
  fake.paint = (level) => { g.fillStyle = `rgb(${level} ${level} ${level})`; g.fillRect(0, 0, canvas.width, canvas.height); };
  fake.paint(90);
  window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); fake.socket = this; } };
  const media = navigator.mediaDevices;
  media.getUserMedia = async (wanted) => {
    fake.asked.push(wanted);
    if (fake.fails) throw new DOMException("", fake.fails);
    const stream = canvas.captureStream(30), [track] = stream.getVideoTracks();
    setTimeout(() => fake.paint(90)); // a picture to begin with
    track.getSettings = () => ({ deviceId: wanted.video.deviceId?.exact || "counter" });
    track.getCapabilities = () => ({ torch: fake.torch });
    track.applyConstraints = async (c) => { fake.torches.push(c.advanced[0].torch); };
    fake.track = track;
    return stream;
  };
  media.enumerateDevices = async () => fake.cameras;
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { return fake.mute ? Promise.reject(new DOMException("", "NotSupportedError")) : play.call(this); };
  if (!window.noProcessor) window.MediaStreamTrackProcessor = class {
    constructor() { this.readable = new ReadableStream({ start(c) { fake.deliver = (frame) => { fake.frames.push(frame); c.enqueue(frame); }; } }, { highWaterMark: 1 }); }
  };
  else delete window.MediaStreamTrackProcessor;
  /** A frame of one grey. */
  fake.frame = (level, width = 640, height = 480) => {
    const all = new Uint8Array(width * height * 3 / 2).fill(128);
    all.fill(level, 0, width * height);
    return new VideoFrame(all, { format: "I420", codedWidth: width, codedHeight: height, timestamp: 0 });
  };
  /** Whether the page is done with every frame. */
  fake.idle = () => fake.frames.every((f) => f.format === null);
})();
