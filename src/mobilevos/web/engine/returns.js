/**
 * Whether what looks like an object that was out of sight, or elsewhere, is that object: a port of
 * mobilevos/engine/returns.py, which says more.
 */

import { LEAST } from "./region.js";

const LEAST_AREA = 1 / 16; // of the object's area in the permanent frames
const LEAST_SCORE = Math.fround(0.7); // mean probability inside of the mask, in numbers such as masks have
const MOST_TAKEN = 0.5; // part of a visible object's mask in the frame before that the returning one may take
const LEAST_KNOWN = 0.5; // part of the mask in which the permanent frames alone recognise the object

/**
 * Whether a mask is large and sure enough, and not another object; it may have been swallowed by a larger one. `whole` are the
 * cells that the object covers when all of it is in sight; `others` the masks of visible objects in the frame before.
 */
export function mayBeBack(mask, whole, others) {
  const { count, mean } = inside(mask);
  if (!count || count < LEAST_AREA * whole || mean < LEAST_SCORE) return false;
  return others.every((other) => {
    const taken = other.filter((probability, i) => probability > 0.5 && mask[i] > 0.5).length;
    return taken <= MOST_TAKEN * inside(other).count;
  });
}

/** Whether the permanent frames agree. */
export function isRecognised(mask, recognised) {
  let known = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] > 0.5 && recognised[i] > 0.5) known++;
  return known >= LEAST_KNOWN * inside(mask).count;
}

/** Masks (K, cells) as if some objects had not competed with the others for pixels; those have none then. */
export function without(masks, rows, cells) {
  const alone = new Float32Array(masks.length);
  for (let i = 0; i < cells; i++) {
    let left = 1;
    for (const row of rows) left -= masks[row * cells + i];
    for (let at = i; at < masks.length; at += cells) alone[at] = masks[at] / Math.max(left, LEAST);
  }
  for (const row of rows) alone.fill(0, row * cells, (row + 1) * cells);
  return alone;
}

/** {count, mean} of the probabilities above 0.5; both 0 if there is none. */
export function inside(mask) {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] > 0.5) {
      sum += mask[i];
      count++;
    }
  }
  return { count, mean: count ? sum / count : 0 };
}
