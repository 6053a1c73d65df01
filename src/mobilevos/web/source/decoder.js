// Exact access to the frames of a compressed video: any frame by its place in the order of showing.

import { t } from "../texts/texts.js";
import { BitmapMaker } from "./frames.js";

/** Samples on their way into the decoder; more would only fill its buffers. */
const IN_FLIGHT = 4;
/** Frames decoded ahead of the one asked for, so that playing does not wait. */
const AHEAD = 2;
/** Frames kept when going backwards, as a way to each begins at the key frame before it; fewer of them when they are large. */
const BEHIND = 24;
const BEHIND_PIXELS = 24e6;

/** Turns a frame clockwise by quarter turns, as a phone held upright asks players to. */
function turned(frame, turns) {
  if (!turns) return frame;
  const [width, height] = [frame.displayWidth, frame.displayHeight];
  const canvas = new OffscreenCanvas(turns % 2 ? height : width, turns % 2 ? width : height);
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(frame, -width / 2, -height / 2, width, height);
  const upright = new VideoFrame(canvas, { timestamp: frame.timestamp });
  frame.close();
  return upright;
}

/** @typedef {{size: number, timestamp: number, key: boolean}} Sample timestamp in microseconds */

/**
 * Decodes the frames of a track, forward for playing and from the key frame before for jumps.
 * Every frame of the file can be had, and always the same one for the same index.
 */
export class TrackDecoder {
  #decoder;
  #error;
  #next = 0; // place in decoding order of the sample that the decoder gets next
  #reached = -Infinity; // newest timestamp the decoder gave since the last jump
  #ready = new Map(); // timestamp -> VideoFrame that nobody has taken yet
  #wanted = -Infinity;
  #last = -1; // index of the frame taken before
  #wake = () => {};
  #queue = Promise.resolve();
  #flushed = false;
  #bitmaps = new BitmapMaker();

  /**
   * @param {{config: VideoDecoderConfig, turns: number, samples: Sample[], from: number}} track samples in decoding order;
   *   from: timestamp of the first frame that is shown
   * @param {(sample: Sample) => Promise<BufferSource>} read the bytes of a sample
   */
  constructor(track, read) {
    this.track = track;
    this.samples = track.samples;
    this.read = read;
    this.times = track.samples
      .map((sample) => sample.timestamp)
      .filter((time) => time >= track.from)
      .sort((a, b) => a - b);
  }

  /** Adds a sample at the end; its frame is the last one. */
  append(sample) {
    this.samples.push(sample);
    this.times.push(sample.timestamp);
  }

  /** @returns {Promise<VideoFrame | ImageBitmap>} the frame at an index in the order of showing; the caller closes it */
  frame(index) {
    const result = this.#queue.then(async () => this.#bitmaps.make(await this.#frame(index)));
    this.#queue = result.catch(() => {});
    return result;
  }

  close() {
    this.#forget();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
  }

  async #frame(index) {
    const time = this.times[index];
    const isBackwards = index === this.#last - 1;
    this.#last = index;
    if (isBackwards && this.#ready.has(time)) return this.#take(time);
    if (!this.#ready.has(time) && (time <= this.#reached || this.#keyBefore(time) > this.#next || this.#ended())) {
      this.#jump(this.#keyBefore(time));
    }
    this.#wanted = isBackwards ? this.times[Math.max(0, index - this.#behind)] : time;
    this.#drop(this.#wanted);
    while (!this.#ready.has(time)) {
      if (this.#error) throw this.#failed(index);
      if (this.#decoder.decodeQueueSize >= IN_FLIGHT) await this.#event();
      else if (this.#next < this.samples.length) await this.#feed(index);
      else if (!this.#flushed) await this.#flush();
      else throw this.#failed(index);
    }
    const frame = this.#take(time);
    for (let ahead = 0; !isBackwards && ahead < AHEAD && this.#ready.size < AHEAD && this.#next < this.samples.length; ahead++) {
      await this.#feed(index);
    }
    return frame;
  }

  #take(time) {
    const frame = this.#ready.get(time);
    this.#ready.delete(time);
    return turned(frame, this.track.turns);
  }

  get #behind() {
    const { codedWidth, codedHeight } = this.track.config;
    return Math.max(1, Math.min(BEHIND, Math.floor(BEHIND_PIXELS / (codedWidth * codedHeight || BEHIND_PIXELS))));
  }

  #ended() {
    return this.#flushed || !this.#decoder || this.#decoder.state !== "configured";
  }

  #keyBefore(time) {
    let found = 0;
    for (let at = 0; at < this.samples.length; at++) {
      const { key, timestamp } = this.samples[at];
      if (key && timestamp <= time) found = at;
      if (key && timestamp > time) break;
    }
    return found;
  }

  #jump(sample) {
    this.#forget();
    this.#reached = -Infinity;
    this.#error = undefined;
    this.#flushed = false;
    this.#next = sample;
    if (this.#decoder?.state === "configured") this.#decoder.reset();
    else {
      this.#decoder = new VideoDecoder({
        output: (frame) => this.#output(frame),
        error: (error) => {
          this.#error = error;
          this.#wake();
        },
      });
      this.#decoder.ondequeue = () => this.#wake();
    }
    this.#decoder.configure(this.track.config);
  }

  async #feed(index) {
    const sample = this.samples[this.#next++];
    const data = await this.read(sample);
    if (data.byteLength < sample.size) throw this.#failed(index);
    if (this.#decoder.state !== "configured") return;
    const type = sample.key ? "key" : "delta";
    this.#decoder.decode(new EncodedVideoChunk({ type, timestamp: sample.timestamp, data }));
  }

  async #flush() {
    this.#flushed = true;
    try {
      await this.#decoder.flush();
    } catch (error) {
      this.#error = error;
    }
  }

  #output(frame) {
    this.#reached = Math.max(this.#reached, frame.timestamp);
    if (frame.timestamp < this.#wanted) frame.close();
    else this.#ready.set(frame.timestamp, frame);
    this.#wake();
  }

  #drop(before) {
    for (const [time, frame] of this.#ready) {
      if (time >= before) continue;
      frame.close();
      this.#ready.delete(time);
    }
  }

  #forget() {
    this.#drop(Infinity);
    this.#wanted = -Infinity;
  }

  #event() {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #failed(index) {
    return new Error(t("frameDamaged", { number: index + 1 }));
  }
}
