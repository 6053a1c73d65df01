// Frames of the camera, compressed as they come, so that minutes of them fit in memory.
import { t } from "../texts/texts.js";
import { TrackDecoder } from "./decoder.js";

const KEY_EVERY = 30;
const BITS_PER_PIXEL = 0.3;
const FPS = 30;
const THUMBNAIL_HEIGHT = 80;
const THUMBNAIL_EVERY = 15;

/** A growing video that can be read while it is written. */
export class Recording {
  #waiting = new Map(); // timestamp -> resolve, once the frame is compressed
  #compressed = [];
  #times = []; // microseconds
  #thumbnails = [];

  constructor(width, height) {
    if (typeof VideoEncoder === "undefined") {
      throw new Error(t("cannotRecord"));
    }
    const config = { codec: "vp8", codedWidth: width, codedHeight: height };
    this.decoder = new TrackDecoder({ config, turns: 0, samples: [], from: -Infinity }, async ({ data }) => data);
    this.encoder = new VideoEncoder({ output: (chunk) => this.#output(chunk), error: () => {} });
    const bitrate = Math.round(width * height * FPS * BITS_PER_PIXEL);
    this.encoder.configure({ codec: "vp8", width, height, bitrate, framerate: FPS, latencyMode: "realtime" });
  }

  get count() {
    return this.#compressed.length;
  }

  /** @param {VideoFrame} frame stays the caller's */
  add(frame) {
    const index = this.#compressed.length;
    this.#compressed.push(new Promise((resolve) => this.#waiting.set(frame.timestamp, resolve)));
    this.#times.push(frame.timestamp);
    if (index % THUMBNAIL_EVERY === 0) this.#thumbnails.push(smallOf(frame));
    this.encoder.encode(frame, { keyFrame: index % KEY_EVERY === 0 });
  }

  /** A small picture of about that frame. */
  thumbnail(index) {
    return this.#thumbnails[Math.floor(index / THUMBNAIL_EVERY)];
  }

  /** Seconds since the first frame. */
  time(index) {
    return (this.#times[index] - this.#times[0]) / 1e6;
  }

  async frame(index) {
    await this.#compressed[index];
    return this.decoder.frame(index);
  }

  close() {
    if (this.encoder.state !== "closed") this.encoder.close();
    this.decoder.close();
  }

  #output(chunk) {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.decoder.append({ data, size: data.byteLength, timestamp: chunk.timestamp, key: chunk.type === "key" });
    this.#waiting.get(chunk.timestamp)();
    this.#waiting.delete(chunk.timestamp);
  }
}

function smallOf(frame) {
  const canvas = new OffscreenCanvas(Math.round((THUMBNAIL_HEIGHT * frame.displayWidth) / frame.displayHeight), THUMBNAIL_HEIGHT);
  canvas.getContext("2d").drawImage(frame, 0, 0, canvas.width, canvas.height);
  return canvas;
}
