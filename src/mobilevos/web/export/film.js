// Video files of pictures that are drawn one by one, at the times and with the sound of their source.
import { mediabunny } from "../source/parts.js";
import { t } from "../texts/texts.js";

const PART = "export.part";
/** Codecs by preference; those of MP4 before those of WebM. Only the latter hold transparent pictures. */
const OPAQUE = ["avc", "vp9", "vp8"];
const TRANSPARENT = ["vp9", "vp8"];
const KEY_SECONDS = 2;
const SOUND_BITRATE = 128_000;

/**
 * Frames that are saved: from the first to the last one with masks, inside of the range.
 * @returns {number[]} their indices
 */
export function savedFrames({ project, player }) {
  const [first, last] = player.range;
  const found = project.frames.map(([index]) => index).filter((index) => index >= first && index <= last);
  return Array.from({ length: found.length ? found[found.length - 1] - found[0] + 1 : 0 }, (_, at) => found[0] + at);
}

/**
 * @param session with source, project and player
 * @param {boolean} isTransparent
 * @param {(context: OffscreenCanvasRenderingContext2D, frame: CanvasImageSource, index: number) => Promise<void> | void} draw
 * @param {(fraction: number) => Promise<void>} progress rejects when the user cancels
 * @returns {Promise<Blob>} MP4 where this browser writes it, and WebM otherwise, by its type
 */
export async function film(session, isTransparent, draw, progress) {
  const { source } = session;
  const { width, height } = source;
  const media = await mediabunny();
  const isEven = width % 2 === 0 && height % 2 === 0; // as H.264 needs it
  const choice = isTransparent || !isEven ? TRANSPARENT : OPAQUE;
  const codec = typeof VideoEncoder === "undefined" ? null : await media.getFirstEncodableVideoCodec(choice, { width, height });
  if (!codec) throw new Error(t("cannotWrite", { width, height }));
  const format = codec === "avc" ? new media.Mp4OutputFormat({ fastStart: false }) : new media.WebMOutputFormat();
  const place = await freshPlace(media);
  const output = new media.Output({ format, target: place.target });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: isTransparent });
  const pictures = new media.CanvasSource(canvas, { codec, quality: media.QUALITY_HIGH, keyFrameInterval: KEY_SECONDS, alpha: isTransparent ? "keep" : "discard" });
  output.addVideoTrack(pictures);
  const frames = savedFrames(session);
  const start = source.time(frames[0]), last = frames[frames.length - 1];
  const sound = await Sound.of(source, media, output, format, start, source.time(last) + source.duration(last));
  try {
    await output.start();
    for (const [at, index] of frames.entries()) {
      const frame = await source.frame(index);
      try {
        await draw(context, frame, index);
      } finally {
        frame.close();
      }
      await pictures.add(source.time(index) - start, source.duration(index));
      await sound?.addTo(source.time(index));
      await progress((at + 1) / frames.length);
    }
    await sound?.addTo(Infinity);
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  }
  return place.file(codec === "avc" ? "video/mp4" : "video/webm");
}

/** A target on the disk, so that a long film does not fill the memory; in memory where there is no disk. */
async function freshPlace(media) {
  try {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle(PART, { create: true });
    const target = new media.StreamTarget(await handle.createWritable(), { chunked: true });
    return { target, file: async (type) => (await handle.getFile()).slice(0, undefined, type) };
  } catch {
    const target = new media.BufferTarget();
    return { target, file: async (type) => new Blob([target.buffer], { type }) };
  }
}

/** The source's sound: as it is where the format holds it, and encoded anew otherwise. */
class Sound {
  #parts; // packets or samples, in order
  #next = null;
  #isFirst = true;

  static async of(source, media, output, format, start, end) {
    const track = await source.sound();
    const codec = await track?.getCodec();
    if (!codec) return null;
    const known = format.getSupportedAudioCodecs();
    const sound = new Sound();
    Object.assign(sound, { start, end });
    if (known.includes(codec)) {
      sound.target = new media.EncodedAudioPacketSource(codec);
      sound.config = await track.getDecoderConfig();
      const sink = new media.EncodedPacketSink(track);
      sound.#parts = sink.packets((await sink.getPacket(start)) ?? undefined);
    } else {
      const kind = { numberOfChannels: await track.getNumberOfChannels(), sampleRate: await track.getSampleRate() };
      const other = await media.getFirstEncodableAudioCodec(known, kind);
      if (!other || !(await track.canDecode())) return null;
      sound.target = new media.AudioSampleSource({ codec: other, bitrate: SOUND_BITRATE });
      sound.#parts = new media.AudioSampleSink(track).samples(start, end);
    }
    output.addAudioTrack(sound.target);
    return sound;
  }

  /** Adds what is heard before a time of the source. */
  async addTo(time) {
    for (;;) {
      this.#next ??= await this.#parts.next();
      if (this.#next.done) return;
      const part = this.#next.value;
      if (part.timestamp >= time && time < this.end) return;
      this.#next = null;
      const isHeard = part.timestamp + part.duration > this.start && part.timestamp < this.end;
      if (isHeard) await this.#add(part, Math.max(0, part.timestamp - this.start));
      part.close?.();
    }
  }

  async #add(part, timestamp) {
    if (this.config) await this.target.add(part.clone({ timestamp }), this.#isFirst ? { decoderConfig: this.config } : undefined);
    else {
      part.setTimestamp(timestamp);
      await this.target.add(part);
    }
    this.#isFirst = false;
  }
}
