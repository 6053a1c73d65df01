// A video file as a source of frames.
import { TrackDecoder } from "./decoder.js";
import { readMp4 } from "./mp4.js";
import { SeekingVideo } from "./seeking_video.js";
import { sizeOf } from "./frames.js";
import { readWebm } from "./webm.js";

const UNREADABLE = "is not a video that this browser can play: the file is damaged or its format is unknown; try MP4 or WebM.";

const FPS_OF_ONE_FRAME = 25;

/**
 * Opens a video file. Where the file lists its frames and the browser decodes them one by one, every frame is exact;
 * anything else that the browser can play is stepped through by time.
 * @param {File} file
 * @throws {Error} the file is no video that can be decoded here
 */
export async function openVideo(file) {
  const track = await listed(file);
  if (track) {
    const source = new VideoFile(file, track);
    try {
      await source.open();
      return source;
    } catch {
      source.close(); // the browser's player may know better than we do
    }
  }
  try {
    return await SeekingVideo.open(file);
  } catch {
    throw new Error(`${file.name} ${UNREADABLE}`);
  }
}

async function listed(file) {
  if (typeof VideoDecoder === "undefined") return undefined;
  try {
    const start = new DataView(await file.slice(0, 4).arrayBuffer());
    const track = start.getUint32(0) === 0x1a45dfa3 ? await readWebm(file) : await readMp4(file);
    return track && (await VideoDecoder.isConfigSupported(track.config)).supported ? track : undefined;
  } catch {
    return undefined; // damaged tables
  }
}

/** Frame-exact video. */
class VideoFile {
  live = false;
  exact = true;

  constructor(file, track) {
    this.name = file.name;
    this.decoder = new TrackDecoder(track, ({ offset, size }) => file.slice(offset, offset + size).arrayBuffer());
    const { times } = this.decoder;
    this.count = times.length;
    const span = times[times.length - 1] - times[0];
    this.fps = span > 0 ? (1e6 * (times.length - 1)) / span : FPS_OF_ONE_FRAME;
  }

  async open() {
    const first = await this.frame(0);
    ({ width: this.width, height: this.height } = sizeOf(first));
    first.close();
  }

  frame(index) {
    return this.decoder.frame(index);
  }

  /** Name of a frame's files, as the Python package names them. */
  stem(index) {
    return String(index).padStart(5, "0");
  }

  close() {
    this.decoder.close();
  }
}
