/** The effect that is applied to each frame, on its way from the tracker to the page. */

import { InputError } from "../engine/errors.js";
import { Backdrop, blurred } from "./backgrounds.js";
import { Inpaint } from "./inpaint.js";
import { matte } from "./matte.js";

/** Effects by name: each is made from what the page asks for, and turns a frame and its soft mask into RGBA pixels. */
const EFFECTS = {
  cutout: () => (frame, soft) => cutOut(frame, matte(frame, soft)),
  blur: () => (frame, soft) => {
    const alpha = matte(frame, soft);
    return over(frame, alpha, blurred(frame, alpha));
  },
  replace: ({ background, color }) => {
    const backdrop = new Backdrop(background, color);
    return (frame, soft) => over(frame, matte(frame, soft), backdrop.pixels(frame.width, frame.height).slice());
  },
  inpaint: () => {
    const inpaint = new Inpaint();
    const next = (frame, soft) => inpaint.next(frame, soft);
    return Object.assign(next, { foresee: (frame, labels, ahead) => inpaint.foresee(frame, softOf(labels, frame), ahead) });
  },
};

/**
 * A function (frame, soft) -> ImageBitmap for {name, background?, color?}; null for "none". One that looks ahead has a
 * function `foresee` (frame, labels, ahead) as well.
 */
export function makeEffect(wanted) {
  if (wanted.name === "none") return null;
  const make = EFFECTS[wanted.name];
  if (!make) {
    throw new InputError(`There is no effect ${wanted.name}; choose one of none, ${Object.keys(EFFECTS).join(", ")}.`);
  }
  const effect = make(wanted);
  let context = null;
  const draw = (frame, soft) => {
    const { width, height } = frame;
    context ??= new OffscreenCanvas(width, height).getContext("2d");
    if (context.canvas.width !== width || context.canvas.height !== height) {
      Object.assign(context.canvas, { width, height });
    }
    context.putImageData(new ImageData(effect(frame, soft), width, height), 0, 0);
    return context.canvas.transferToImageBitmap();
  };
  return Object.assign(draw, { foresee: effect.foresee });
}

/** A label map as a soft mask of all its objects; null without any. */
function softOf(labels, { width, height }) {
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!labels[i]) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), y + 1];
    }
  }
  if (!right) return null;
  const values = new Float32Array((right - left) * (bottom - top));
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, to++) values[to] = labels[y * width + x] ? 1 : 0;
  }
  return { left, top, width: right - left, height: bottom - top, values };
}

function cutOut({ width, data }, alpha) {
  const out = new Uint8ClampedArray(data.length);
  forEachPixel(alpha, width, (at, opacity) => {
    if (opacity === 0) return;
    out[at] = data[at];
    out[at + 1] = data[at + 1];
    out[at + 2] = data[at + 2];
    out[at + 3] = 255 * opacity;
  });
  return out;
}

/** The objects over a background, which is painted into. */
function over({ width, data }, alpha, background) {
  forEachPixel(alpha, width, (at, opacity) => {
    if (opacity === 0) return;
    for (let channel = at; channel < at + 3; channel++) {
      background[channel] += (data[channel] - background[channel]) * opacity;
    }
  });
  return background;
}

function forEachPixel(alpha, frameWidth, use) {
  if (!alpha) return;
  for (let y = 0, i = 0; y < alpha.height; y++) {
    let at = ((alpha.top + y) * frameWidth + alpha.left) * 4;
    for (let x = 0; x < alpha.width; x++, i++, at += 4) use(at, alpha.values[i]);
  }
}
