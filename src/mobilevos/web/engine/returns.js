/**
 * Whether what looks like an object that was out of sight, or elsewhere, is that object: a port of
 * mobilevos/engine/returns.py, which says more.
 */

import { grown, insideOf } from "./cells.js";
import { LEAST } from "./region.js";

const LEAST_AREA = 1 / 16; // of the object's area in the permanent frames
const LEAST_SCORE = Math.fround(0.7); // mean probability inside of the mask, in numbers such as masks have
const LEAST_FREE = 0.5; // part of the mask that no visible object had in the frame before
const LEAST_KNOWN = 0.5; // part of the mask in which the permanent frames alone recognise the object
const LEAST_STAYED = 0.1; // part of a mask that lies where it was in the frame before, or near, unless the object has leapt
const NEAR = 2; // cells

/**
 * Whether a mask is large and sure enough, and not part of another object. A cell covers a `share` of the object's area in
 * the permanent frames; `others` are the masks of visible objects in the frame before.
 */
export function mayBeBack(mask, share, others) {
  const { count, mean } = inside(mask);
  if (!count || count * share < LEAST_AREA || mean < LEAST_SCORE) return false;
  let free = 0;
  mask.forEach((probability, i) => {
    if (probability > 0.5 && !others.some((other) => other[i] > 0.5)) free++;
  });
  return free >= LEAST_FREE * count;
}

/** Whether the permanent frames agree. */
export function isRecognised(mask, recognised) {
  let known = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] > 0.5 && recognised[i] > 0.5) known++;
  return known >= LEAST_KNOWN * inside(mask).count;
}

/** Whether a mask (rows, columns) lies elsewhere than in the frame before. */
export function hasLeapt(mask, before, rows, columns) {
  const near = grown(insideOf(before), rows, columns, NEAR);
  let stayed = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] > 0.5 && near[i]) stayed++;
  return stayed < LEAST_STAYED * inside(mask).count;
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
