/** What is made of each frame, on its way from the tracker to the page: of its objects, one by one, and of its ground. */

import { InputError } from "../engine/errors.js";
import { Backdrop, blurred } from "./backgrounds.js";
import { Inpaint } from "./inpaint.js";
import { matte } from "./matte.js";

/** Effects on the whole picture by name: what becomes of what is behind the objects that are kept. */
const GROUNDS = {
  none: () => null,
  cutout: () => cutOut,
  blur: () => (picture, alpha) => over(picture, alpha, blurred(picture, alpha)),
  replace: ({ background, color }) => {
    const backdrop = new Backdrop(background, color);
    return (picture, alpha) => over(picture, alpha, backdrop.pixels(picture.width, picture.height).slice());
  },
  inpaint: () => null,
};
/** What may become of an object: it is kept, out of focus, gone, or no object but part of what is behind the others. */
const TREATMENTS = ["keep", "blur", "remove", "ignore"];

/**
 * A function (frame, soften) -> ImageBitmap, where `soften` gives the soft mask of the objects whose ids it is asked for by
 * a function; null where nothing is to be done. One that looks ahead has a function `foresee` (frame, labels, ahead).
 * @param {{name: string, background?: ImageBitmap, color?: string, objects?: Object<number, string>}} wanted
 *   objects: treatments by id; all others are removed by "inpaint" and kept by the other effects.
 */
export function makeEffect({ name, objects = {}, ...ground }) {
  checkNames("noEffect", [name], Object.keys(GROUNDS));
  checkNames("noTreatment", Object.values(objects), TREATMENTS);
  if (name === "none" && !Object.keys(objects).length) return null;
  const composition = new Composition(name, objects, GROUNDS[name](ground));
  let context = null;
  const draw = (frame, soften) => {
    const { width, height } = frame;
    context ??= new OffscreenCanvas(width, height).getContext("2d");
    if (context.canvas.width !== width || context.canvas.height !== height) {
      Object.assign(context.canvas, { width, height });
    }
    context.putImageData(new ImageData(composition.pixels(frame, soften), width, height), 0, 0);
    return context.canvas.transferToImageBitmap();
  };
  return Object.assign(draw, { foresee: composition.removes ? (...coming) => composition.foresee(...coming) : undefined });
}

function checkNames(text, wanted, known) {
  const other = wanted.find((name) => !known.includes(name));
  if (other !== undefined) throw new InputError(text, { name: other, known: known.join(", ") });
}

/** The objects that are removed go first; then those out of focus are blurred; then the ground behind the others changes. */
class Composition {
  constructor(name, objects, ground) {
    Object.assign(this, { objects, ground, usual: name === "inpaint" ? "remove" : "keep" });
    this.treatments = new Set([this.usual, ...Object.values(objects)]);
    this.inpaint = new Inpaint();
  }

  get removes() {
    return this.treatments.has("remove");
  }

  /** RGBA pixels of a frame; they may be the frame's own. */
  pixels(frame, soften) {
    let picture = frame;
    if (this.removes) picture = frame.with(this.inpaint.next(frame, soften(this.#treated("remove"))));
    const unsharp = this.treatments.has("blur") ? matte(frame, soften(this.#treated("blur"))) : null;
    if (unsharp) picture = frame.with(over(picture.with(blurred(picture, null)), unsharp, picture.data.slice()));
    return this.ground ? this.ground(picture, matte(frame, soften(this.#treated("keep", "blur")))) : picture.data;
  }

  foresee(frame, labels, ahead) {
    this.inpaint.foresee(frame, softOf(labels, frame, this.#treated("remove")), ahead);
  }

  #treated(...treatments) {
    return (id) => treatments.includes(this.objects[id] ?? this.usual);
  }
}

/** The objects of a label map whose ids are wanted as one soft mask; null if there is none. */
function softOf(labels, { width, height }, isWanted) {
  const share = Float32Array.from({ length: 256 }, (_, id) => (id && isWanted(id) ? 1 : 0));
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!share[labels[i]]) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), y + 1];
    }
  }
  if (!right) return null;
  const values = new Float32Array((right - left) * (bottom - top));
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, to++) values[to] = share[labels[y * width + x]];
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
