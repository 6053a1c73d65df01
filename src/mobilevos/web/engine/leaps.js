/**
 * Whether what is seen of an object is where it was in the frame before: a port of mobilevos/engine/leaps.py, which says more.
 */

import { connected, grown, insideOf } from "./cells.js";
import { boundingBox } from "./region.js";
import { inside } from "./returns.js";

const LEAST_STAYED = 0.1; // part of a mask that lies where it was, or near, unless the object has leapt
const NEAR = 2; // cells
const REACH = 2; // parts are far if they are so many sides away from the box around where the object was
const MOST_FAR = 0.5; // of what is near, that all the far parts may have to be none of the object
const RIM = 2; // cells around a part in which its mask fades out

/** Whether a mask (rows, columns) lies elsewhere than in the frame before. */
export function hasLeapt(mask, before, rows, columns) {
  const near = grown(insideOf(before), rows, columns, NEAR);
  let stayed = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] > 0.5 && near[i]) stayed++;
  return stayed < LEAST_STAYED * inside(mask).count;
}

/**
 * A mask without what does not hang together with anything near where the object was; the mask itself if there is no such
 * thing. `area` are the cells that the object covers when all of it is in sight.
 */
export function withoutFarParts(mask, before, area, rows, columns) {
  const box = boundingBox(before, rows, columns, 0.5);
  if (!box) return mask;
  const reach = Math.ceil(REACH * Math.sqrt(Math.max(area, inside(before).count)));
  const isNear = (i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return row >= box.top - reach && row < box.bottom + reach && column >= box.left - reach && column < box.right + reach;
  };
  const body = insideOf(mask);
  if (body.every((isIn, i) => !isIn || isNear(i))) return mask;
  const near = body.map((isIn, i) => (isIn && isNear(i) ? 1 : 0));
  const own = connected(body, near, rows, columns);
  const far = body.map((isIn, i) => isIn && !own[i]);
  const [areaFar, areaOwn] = [far, own].map((cells) => cells.reduce((sum, isIn) => sum + isIn, 0));
  if (!areaFar || areaFar > MOST_FAR * areaOwn) return mask;
  const fading = grown(far, rows, columns, RIM);
  return mask.map((probability, i) => (own[i] || !fading[i] ? probability : 0));
}
