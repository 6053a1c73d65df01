// Videos of the result: frames with their masks, objects on a transparent ground, or the effect.
import { copyOf } from "../source/frames.js";
import { Overlay } from "../ui/overlay.js";
import { WebmWriter } from "./webm.js";

/** In order of preference: [WebCodecs, WebM]. */
const CODECS = [["vp09.00.41.08", "V_VP9"], ["vp8", "V_VP8"]];
const BITS_PER_PIXEL = 0.12;
const KEY_EVERY = 48;
/** Frames in the encoder at a time. */
const IN_FLIGHT = 4;

/** Compresses pictures; with alpha, colour and alpha go through an encoder each, as WebM keeps them. */
class VideoMaker {
  #streams = [];
  #waiting = []; // per stream, compressed frames that wait for those of the other
  #error = null;
  #count = 0;

  static async create(width, height, fps, alpha) {
    if (typeof VideoEncoder === "undefined") {
      throw new Error("This browser cannot write video (WebCodecs is missing); update it, or export masks.");
    }
    const settings = { width, height, framerate: fps, bitrate: Math.round(width * height * fps * BITS_PER_PIXEL) + 200_000 };
    for (const [codec, name] of CODECS) {
      const config = { ...settings, codec };
      if ((await VideoEncoder.isConfigSupported(config).catch(() => ({}))).supported) {
        return new VideoMaker(config, new WebmWriter({ codec: name, width, height, fps, alpha }), alpha);
      }
    }
    throw new Error(`This browser cannot write VP8 or VP9 video of ${width} × ${height} pixels; use another one, or export masks.`);
  }

  constructor(config, writer, alpha) {
    this.writer = writer;
    for (let at = 0; at < (alpha ? 2 : 1); at++) {
      this.#waiting.push([]);
      const encoder = new VideoEncoder({
        output: (chunk) => this.#output(at, chunk),
        error: (error) => (this.#error = error),
      });
      encoder.configure(config);
      this.#streams.push(encoder);
    }
  }

  /** @param {...CanvasImageSource} pictures the colours and, for a transparent video, the alpha channel in grey */
  async add(time, ...pictures) {
    const keyFrame = this.#count++ % KEY_EVERY === 0;
    pictures.forEach((picture, at) => {
      const frame = new VideoFrame(picture, { timestamp: time });
      this.#streams[at].encode(frame, { keyFrame });
      frame.close();
    });
    while (!this.#error && this.#streams.some(({ encodeQueueSize }) => encodeQueueSize > IN_FLIGHT)) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (this.#error) throw new Error(`The video cannot be written: ${this.#error.message}`);
  }

  async finish() {
    await Promise.all(this.#streams.map((encoder) => encoder.flush()));
    this.close();
    return this.writer.finish();
  }

  close() {
    for (const encoder of this.#streams) if (encoder.state !== "closed") encoder.close();
  }

  #output(at, chunk) {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#waiting[at].push({ time: Math.round(chunk.timestamp / 1000), key: chunk.type === "key", data });
    while (this.#waiting.every(({ length }) => length)) {
      const [colour, alpha] = this.#waiting.map((stream) => stream.shift());
      this.writer.add(colour.time, colour.data, colour.key, alpha?.data);
    }
  }
}

/** Draws each frame, compresses what was drawn, and tells the progress. */
async function make({ source, project }, alpha, draw, progress) {
  const { width, height, fps } = source;
  const { frames } = project;
  const maker = await VideoMaker.create(width, height, fps, alpha);
  try {
    for (const [at, [index]] of frames.entries()) {
      const frame = await source.frame(index);
      try {
        await maker.add(Math.round((1e6 * at) / fps), ...(await draw(frame, index)));
      } finally {
        frame.close();
      }
      await progress((at + 1) / frames.length);
    }
    return await maker.finish();
  } finally {
    maker.close();
  }
}

/** Frames with their objects tinted. */
export function overlayVideo(session, progress) {
  const { width, height } = session.source;
  const overlay = new Overlay(width, height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  const draw = (frame, index) => {
    context.drawImage(frame, 0, 0, width, height);
    context.drawImage(overlay.draw(session.project.labels(index)), 0, 0);
    return [canvas];
  };
  return make(session, false, draw, progress);
}

/** The objects on a transparent ground. */
export function cutoutVideo(session, progress) {
  const { width, height } = session.source;
  const [grey, colour] = [0, 1].map(() => new OffscreenCanvas(width, height));
  const [greys, colours] = [grey, colour].map((canvas) => canvas.getContext("2d", { alpha: false }));
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const draw = (frame, index) => {
    colours.drawImage(frame, 0, 0, width, height);
    softened(session.project.labels(index), width, height, pixels);
    greys.putImageData(image, 0, 0);
    return [colour, grey];
  };
  return make(session, true, draw, progress);
}

/** Alpha in grey, 0xff000000 and up: objects with borders as soft as a pixel, by the filter 1 2 1 both ways. */
function softened(labels, width, height, pixels) {
  for (let y = 0; y < height; y++) {
    const row = y * width, above = (y ? y - 1 : y) * width, below = (y + 1 < height ? y + 1 : y) * width;
    for (let x = 0; x < width; x++) {
      const left = x ? x - 1 : x, right = x + 1 < width ? x + 1 : x;
      const column = (at) => (labels[above + at] > 0) + 2 * (labels[row + at] > 0) + (labels[below + at] > 0);
      const alpha = Math.round(((column(left) + 2 * column(x) + column(right)) * 255) / 16);
      pixels[row + x] = 0xff000000 | (alpha * 0x10101);
    }
  }
}

/** The effect that is chosen, found anew over all frames with masks; transparent where the effect is. */
export async function effectVideo(session, progress) {
  const { source, follower, player, effect } = session;
  follower.reset();
  player.refresh(); // the engine's pictures are now the video's
  const { width, height } = source;
  const transparent = effect === "cutout";
  const [colour, grey] = [0, 1].map(() => new OffscreenCanvas(width, height));
  const [colours, greys] = [colour, grey].map((canvas) => canvas.getContext("2d", { alpha: false, willReadFrequently: true }));
  let before;
  const draw = async (frame, index) => {
    if (before === undefined) await follower.reach(index);
    else await follower.advance(before, frame, index);
    before = index;
    const image = follower.resultAt(index)?.image ?? (await copyOf(frame));
    colours.drawImage(image, 0, 0, width, height);
    if (!transparent) return [colour];
    greys.globalCompositeOperation = "source-over";
    greys.fillStyle = "black";
    greys.fillRect(0, 0, width, height);
    greys.drawImage(whitened(image, width, height), 0, 0);
    return [colour, grey];
  };
  try {
    return await make(session, transparent, draw, progress);
  } finally {
    follower.reset();
  }
}

/** White with the alpha channel of an image. */
function whitened(image, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, width, height);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  return canvas;
}
