// The first screen's moving picture: the sample with the masks that were found in it.
import { COLOURS } from "../project/colours.js";
import { packRuns, unpack } from "../project/labels.js";
import { byId } from "./dom.js";
import { Overlay } from "./overlay.js";

/** Starts the picture; without it the first screen works as well. */
export async function startHero() {
  const video = byId("hero-video"), canvas = byId("hero-masks");
  video.src = "sample/clip.webm";
  const answer = await fetch("sample/tracked.json").catch(() => null);
  if (!answer?.ok) return;
  const frames = await answer.json();
  if (video.readyState < 2) await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
  const { videoWidth: width, videoHeight: height } = video;
  const scale = (canvas.clientWidth * devicePixelRatio) / width || 1;
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const context = canvas.getContext("2d");
  const overlay = new Overlay(width, height);
  const fps = frames.length / video.duration;
  const draw = (time) => {
    const runs = frames[Math.min(frames.length - 1, Math.max(0, Math.round(time * fps)))];
    overlay.renew(unpack(packRuns(runs), width * height));
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    overlay.draw(context, 1 / scale, (id) => ({ colour: COLOURS[id - 1], hidden: false }));
  };
  draw(0);
  const follow = (_, { mediaTime }) => {
    draw(mediaTime);
    video.requestVideoFrameCallback(follow);
  };
  video.requestVideoFrameCallback?.(follow);
}

/** Plays while the first screen is shown, unless the user wants no motion. */
export function moveHero(isShown) {
  const video = byId("hero-video");
  if (isShown && !matchMedia("(prefers-reduced-motion: reduce)").matches) video.play().catch(() => {});
  else video.pause();
}
