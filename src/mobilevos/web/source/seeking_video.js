// Videos that only the browser's own player can open: frames are taken by seeking.
import { t } from "../texts/texts.js";

const ASSUMED_FPS = 30;
const PATIENCE_MS = 5000;

const once = (target, event) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(t("videoSilent"))), PATIENCE_MS);
    target.addEventListener(event, () => (clearTimeout(late), resolve()), { once: true });
    target.addEventListener("error", () => (clearTimeout(late), reject(new Error(t("videoDamaged")))), { once: true });
  });

/** Frame rate and time of the first frame, from the first frames that are played; not every browser tells them. */
async function pace(video) {
  if (!video.requestVideoFrameCallback) return { fps: ASSUMED_FPS, start: 0 };
  const times = [];
  const seen = new Promise((resolve) => {
    const note = (_, { mediaTime }) => (times.push(mediaTime) < 8 ? video.requestVideoFrameCallback(note) : resolve());
    video.requestVideoFrameCallback(note);
  });
  await video.play();
  await Promise.race([seen, once(video, "ended")]);
  video.pause();
  const steps = times.slice(1).map((time, at) => time - times[at]).sort((a, b) => a - b);
  return { fps: steps.length ? 1 / steps[0] : ASSUMED_FPS, start: times[0] ?? 0 };
}

/** A video stepped through by time: frame n is what the player shows in the middle of the n-th frame's time. */
export class SeekingVideo {
  live = false;
  exact = false;
  #queue = Promise.resolve();

  static async open(file) {
    const source = new SeekingVideo();
    Object.assign(source, { name: file.name, files: [file] });
    source.url = URL.createObjectURL(file);
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
    source.video = video;
    try {
      const loaded = once(video, "loadeddata");
      video.src = source.url;
      await loaded;
      if (!video.videoWidth || !Number.isFinite(video.duration)) throw new Error(t("videoEmpty"));
      Object.assign(source, await pace(video));
    } catch (error) {
      source.close();
      throw error;
    }
    source.width = video.videoWidth;
    source.height = video.videoHeight;
    source.count = Math.max(1, Math.round((video.duration - source.start) * source.fps));
    return source;
  }

  frame(index) {
    const result = this.#queue.then(async () => {
      const shown = once(this.video, "seeked");
      this.video.currentTime = this.start + (index + 0.5) / this.fps;
      await shown;
      return createImageBitmap(this.video);
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  time(index) {
    return index / this.fps;
  }

  duration() {
    return 1 / this.fps;
  }

  /** The one player that there is shows frames; it has no time for small pictures. */
  thumbnail() {
    return undefined;
  }

  sound() {
    return null;
  }

  stem(index) {
    return String(index).padStart(5, "0");
  }

  close() {
    this.video.removeAttribute("src");
    URL.revokeObjectURL(this.url);
  }
}
