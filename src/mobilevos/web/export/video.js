// What films show: frames with their objects, objects on a transparent ground, their matte, or the effect.
import { aboutOutline } from "../project/effects.js";
import { copyOf } from "../source/frames.js";
import { Overlay } from "../ui/overlay.js";
import { film, savedFrames } from "./film.js";
import { ZipWriter } from "./zip.js";

/** Frame height per pixel of an outline's width. */
const LINE_OF_HEIGHT = 540;

/** Frames with their objects tinted. */
export function overlayVideo(session, progress) {
  const { width, height } = session.source;
  const overlay = new Overlay(width, height);
  const draw = (context, frame, index) => {
    context.drawImage(frame, 0, 0, width, height);
    overlay.renew(session.project.labels(index));
    overlay.draw(context, lineWidth(height), (id) => session.project.about(id));
  };
  return film(session, false, draw, progress);
}

/** White objects on black. */
export function matteVideo(session, progress) {
  const { width, height } = session.source;
  const overlay = new Overlay(width, height);
  const draw = (context, frame, index) => {
    overlay.renew(shownLabels(session, index));
    overlay.drawMatte(context, () => ({ hidden: false }));
  };
  return film(session, false, draw, progress);
}

/** The objects on a transparent ground. */
export function cutoutVideo(session, progress) {
  return film(session, true, cutter(session), progress);
}

/** The same as PNG pictures. @returns {Promise<Blob>} a ZIP archive */
export async function cutoutPictures(session, progress) {
  const { source } = session;
  const canvas = new OffscreenCanvas(source.width, source.height);
  const context = canvas.getContext("2d");
  const draw = cutter(session);
  const zip = new ZipWriter();
  const frames = savedFrames(session);
  for (const [at, index] of frames.entries()) {
    const frame = await source.frame(index);
    draw(context, frame, index);
    frame.close();
    const picture = await canvas.convertToBlob({ type: "image/png" });
    zip.add(`cutout/${source.stem(index)}.png`, new Uint8Array(await picture.arrayBuffer()));
    await progress((at + 1) / frames.length);
  }
  return zip.finish();
}

function cutter(session) {
  const { width, height } = session.source;
  const overlay = new Overlay(width, height);
  return (context, frame, index) => {
    overlay.renew(shownLabels(session, index));
    context.globalCompositeOperation = "copy";
    context.drawImage(frame, 0, 0, width, height);
    context.globalCompositeOperation = "destination-in";
    context.fill(overlay.shape, "evenodd");
    context.globalCompositeOperation = "source-over";
  };
}

/** The objects that are not hidden as one, so that no seam is seen where two of them touch. */
function shownLabels({ project }, index) {
  const isShown = Uint8Array.from({ length: 256 }, (_, id) => (id && !project.about(id).hidden ? 1 : 0));
  return project.labels(index).map((id) => isShown[id]);
}

const lineWidth = (height) => Math.max(0.75, height / LINE_OF_HEIGHT);

/** The effects that are chosen, found anew over all frames with masks; transparent where the effect is. */
export async function effectVideo(session, progress) {
  const { source, project, follower, player } = session;
  follower.reset();
  player.refresh(); // the engine's pictures are now the video's
  const { width, height } = source;
  const overlay = new Overlay(width, height);
  let before;
  const draw = async (context, frame, index) => {
    if (project.entry(index)) {
      if (before === undefined) await follower.reach(index);
      else await follower.advance(before, frame, index);
      before = index;
    }
    const image = follower.resultAt(index)?.image ?? (await copyOf(frame));
    context.globalCompositeOperation = "copy";
    context.drawImage(image, 0, 0, width, height);
    context.globalCompositeOperation = "source-over";
    overlay.renew(project.labels(index));
    overlay.draw(context, lineWidth(height), (id) => aboutOutline(project, id));
  };
  try {
    return await film(session, project.effect.name === "cutout", draw, progress);
  } finally {
    follower.reset();
  }
}
