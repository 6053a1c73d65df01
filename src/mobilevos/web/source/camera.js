// The camera as a source of frames: the newest frame wins, and what was shown can be gone back to.
import { t } from "../texts/texts.js";
import { sizeOf } from "./frames.js";
import { Recording } from "./recording.js";

const WISHES = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
const REASONS = {
  NotAllowedError: "cameraDenied",
  NotFoundError: "cameraMissing",
  NotReadableError: "cameraBusy",
};

/** @throws {Error} the camera is missing, busy or not allowed, or the page was not opened securely */
export async function openCamera() {
  if (!navigator.mediaDevices) {
    throw new Error(t("cameraInsecure"));
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: WISHES, audio: false });
  } catch (error) {
    throw new Error(t(REASONS[error.name] ?? "cameraFailed", { reason: error.message }));
  }
  const source = new Camera(stream);
  await source.open();
  return source;
}

class Camera {
  live = true;
  exact = true;
  name = t("camera");
  files = [];
  fps = 30;
  #fresh = 0;
  #taken = 0;
  #wake = () => {};

  constructor(stream) {
    this.stream = stream;
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: stream });
  }

  async open() {
    await this.video.play();
    const arrived = () => {
      this.#fresh++;
      this.#wake();
      this.#listen(arrived);
    };
    this.#listen(arrived);
    const first = await this.newest();
    ({ width: this.width, height: this.height } = sizeOf(first));
    first.close();
    this.recording = new Recording(this.width, this.height);
  }

  /** Number of frames kept. */
  get count() {
    return this.recording.count;
  }

  /** Waits for a frame that was not taken yet; those in between are dropped. */
  async newest() {
    while (this.#taken === this.#fresh) await new Promise((resolve) => (this.#wake = resolve));
    this.#taken = this.#fresh;
    if (typeof VideoFrame === "undefined") return createImageBitmap(this.video);
    return new VideoFrame(this.video, { timestamp: Math.round(performance.now() * 1000) });
  }

  /** Keeps a frame, to be gone back to later. */
  keep(frame) {
    this.recording.add(frame);
  }

  frame(index) {
    return this.recording.frame(index);
  }

  time(index) {
    return this.recording.time(index);
  }

  duration(index) {
    return index + 1 < this.count ? this.time(index + 1) - this.time(index) : 1 / this.fps;
  }

  thumbnail(index) {
    return this.recording.thumbnail(index);
  }

  sound() {
    return null;
  }

  stem(index) {
    return String(index).padStart(5, "0");
  }

  close() {
    for (const track of this.stream.getTracks()) track.stop();
    this.recording?.close();
  }

  #listen(arrived) {
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(arrived);
    else setTimeout(arrived, 1000 / this.fps);
  }
}
