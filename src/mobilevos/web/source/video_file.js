// A video file as a source of frames.
import { t } from "../texts/texts.js";
import { TrackDecoder } from "./decoder.js";
import { sizeOf } from "./frames.js";
import { mediabunny } from "./parts.js";
import { SeekingVideo } from "./seeking_video.js";

const NAMES = { avc: "H.264", hevc: "HEVC (H.265)", vp8: "VP8", vp9: "VP9", av1: "AV1", prores: "ProRes" };
const WHERE = { hevc: "whereHevc", prores: "whereProres", av1: "whereAv1" };
const THUMBNAIL_HEIGHT = 80;
const FPS_OF_ONE_FRAME = 25;
const WORK_MS = 12;

/**
 * Opens a video file. Where the file lists its frames and the browser decodes them one by one, every frame is exact;
 * anything else that the browser can play is stepped through by time.
 * @param {File} file
 * @throws {Error} the file is no video that can be decoded here
 */
export async function openVideo(file) {
  if (!file.size) throw new Error(t("fileEmpty", file));
  const media = await mediabunny();
  const { MP4, QTFF, WEBM, MATROSKA, MPEG_TS } = media;
  const input = new media.Input({ source: new media.BlobSource(file), formats: [MP4, QTFF, WEBM, MATROSKA, MPEG_TS] });
  let track;
  try {
    track = await input.getPrimaryVideoTrack();
    if (track && typeof VideoDecoder !== "undefined" && (await track.canDecode())) return await VideoFile.open(file, input, track, media);
  } catch {
    // the browser's player may know better than we do
  }
  try {
    return await SeekingVideo.open(file);
  } catch {
    const codec = track && (await codecOf(track));
    input.dispose();
    throw new Error(codec ? undecodable(file, codec) : t("unreadable", file));
  }
}

/** Name of a track's codec, if this browser cannot decode it. */
async function codecOf(track) {
  try {
    return (await track.canDecode()) ? null : ((await track.getCodec()) ?? String(await track.getInternalCodecId()));
  } catch {
    return null;
  }
}

function undecodable({ name }, codec) {
  return t("undecodable", { name, codec: NAMES[codec] ?? codec, where: WHERE[codec] ? t(WHERE[codec]) : "" });
}

/** Frame-exact video. */
class VideoFile {
  live = false;
  exact = true;
  #ends = [];

  static async open(file, input, track, media) {
    const source = new VideoFile();
    Object.assign(source, { name: file.name, files: [file], input, track });
    const sink = new media.EncodedPacketSink(track);
    const samples = [];
    try {
      let rested = performance.now();
      for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
        samples.push(sampleOf(packet));
        if (performance.now() - rested < WORK_MS) continue;
        await new Promise((resolve) => setTimeout(resolve)); // the page stays alive while a long list is read
        rested = performance.now();
      }
    } catch (error) {
      if (!samples.length) throw error; // what was listed before the damage still plays
    }
    const shown = samples.filter(({ timestamp }) => timestamp >= 0).sort((a, b) => a.timestamp - b.timestamp);
    source.#ends = shown.map(({ timestamp, duration }) => timestamp + duration);
    const description = { config: await track.getDecoderConfig(), turns: (await track.getRotation()) / 90, samples, from: 0 };
    source.decoder = new TrackDecoder(description, async ({ time }) => (await sink.getPacket(time)).data);
    const { times } = source.decoder;
    source.count = times.length;
    const span = times[times.length - 1] - times[0];
    source.fps = span > 0 ? (1e6 * (times.length - 1)) / span : FPS_OF_ONE_FRAME;
    const first = await source.frame(0);
    ({ width: source.width, height: source.height } = sizeOf(first));
    first.close();
    source.thumbnails = new media.CanvasSink(track, { height: THUMBNAIL_HEIGHT });
    return source;
  }

  frame(index) {
    return this.decoder.frame(index);
  }

  /** Seconds at which a frame is shown. */
  time(index) {
    return this.decoder.times[index] / 1e6;
  }

  /** Seconds for which a frame is shown. */
  duration(index) {
    const end = index + 1 < this.count ? this.decoder.times[index + 1] : this.#ends[index];
    return (end - this.decoder.times[index]) / 1e6 || 1 / this.fps;
  }

  /** A small picture of a frame. */
  async thumbnail(index) {
    return (await this.thumbnails.getCanvas(this.time(index)))?.canvas;
  }

  /** The sound that belongs to the pictures: a track of mediabunny, or null. */
  sound() {
    return this.input.getPrimaryAudioTrack();
  }

  /** Name of a frame's files, as the Python package names them. */
  stem(index) {
    return String(index).padStart(5, "0");
  }

  close() {
    this.decoder?.close();
    this.input.dispose();
  }
}

/** Times in whole microseconds, as decoders keep them; `time` is that of the file. */
function sampleOf({ timestamp, duration, byteLength, type }) {
  const micro = (seconds) => Math.round(seconds * 1e6);
  return { time: timestamp, timestamp: micro(timestamp), duration: micro(duration), size: byteLength, key: type === "key" };
}
