/** What the tracker remembers: a few permanent frames and the previous one. A port of mobilevos/engine/memory.py. */

import { inside } from "./returns.js";
import { classifiers, evidenceOf } from "./target_model.js";

export const MAX_PERMANENT = 3; // the first frame, and the newest ones that the user corrected or added an object in

/** What the network saw of a frame, and the masks (K, rows, columns) of its objects. */
export class Look {
  constructor(region, features, masks) {
    Object.assign(this, { region, features, masks });
  }

  /** The mask of the object in row `index`. */
  row(index) {
    return rowOf(this.masks, index, this.region.cells);
  }

  /** Bounds of the object in row `index`, null if it is not seen. */
  bounds(index) {
    return this.region.boundsInSource(this.row(index));
  }

  /** Pixels of the source frame that a mask's cell covers. */
  get cellArea() {
    const { boxHeight, boxWidth, cells } = this.region;
    return (boxHeight * boxWidth) / cells;
  }

  /** Forget the object in row `index`. */
  dropObject(index) {
    this.masks = withoutRow(this.masks, index, this.masks.length / this.region.cells);
  }
}

/** A frame in memory: also its key (keySize, n), the values (K, valueSize, n) of its objects and, known, their evidence. */
export class MemoryFrame extends Look {
  evidence = null;

  constructor(region, features, masks, key, value) {
    super(region, features, masks);
    Object.assign(this, { key, value });
  }

  /** Take the masks for known. */
  learn() {
    this.evidence = evidenceOf(this.features.descriptor, this.masks, this.region);
    return this;
  }

  /** Pixels of the memory, n. */
  get pixels() {
    return (this.region.height / 16) * (this.region.width / 16);
  }

  /** Forget the object in row `index`. */
  dropObject(index) {
    const count = this.masks.length / this.region.cells;
    this.value = withoutRow(this.value, index, count);
    this.evidence &&= withoutRow(this.evidence, index, count);
    super.dropObject(index);
  }
}

/** The frames that the network compares with. */
export class Memory {
  permanent = [];
  previous = null;

  /** Every frame in memory, each once. */
  get frames() {
    if (!this.previous || this.permanent.includes(this.previous)) return this.permanent;
    return [...this.permanent, this.previous];
  }

  /** Pixels of the source that the object in row `index` covers at most in a permanent frame; at least 1. */
  greatestArea(index) {
    const areas = this.permanent.map((frame) => frame.cellArea * inside(frame.row(index)).count);
    return Math.max(1, ...areas);
  }

  /** Make a frame permanent; of those after the first, the oldest gives way when the memory is full. */
  keep(frame) {
    if (this.permanent.length === MAX_PERMANENT) this.permanent.splice(1, 1);
    this.permanent.push(frame);
  }

  /** Forget the object in row `index` of every frame. */
  dropObject(index) {
    for (const frame of this.frames) frame.dropObject(index);
  }
}

/**
 * What a frame is compared with: keys (keySize, N) and values (K * valueSize, N) of some frames side by side, and the
 * target models of those whose masks are known.
 */
export function recall(frames, trusted) {
  const pixels = frames.reduce((sum, frame) => sum + frame.pixels, 0);
  const evidence = trusted.map((frame) => frame.evidence);
  const classifier = classifiers(evidence, frames[0].masks.length / frames[0].region.cells);
  return { key: joined(frames, "key", pixels), value: joined(frames, "value", pixels), classifier, pixels };
}

function joined(frames, name, pixels) {
  const rows = frames[0][name].length / frames[0].pixels;
  const out = new Float32Array(rows * pixels);
  let offset = 0;
  for (const frame of frames) {
    const own = frame.pixels;
    for (let row = 0; row < rows; row++) {
      out.set(frame[name].subarray(row * own, (row + 1) * own), row * pixels + offset);
    }
    offset += own;
  }
  return out;
}

/** Row `index` of masks (K, cells), not copied. */
export function rowOf(masks, index, cells) {
  return masks.subarray(index * cells, (index + 1) * cells);
}

function withoutRow(array, index, count) {
  const size = array.length / count;
  const out = new Float32Array(array.length - size);
  out.set(array.subarray(0, index * size));
  out.set(array.subarray((index + 1) * size), index * size);
  return out;
}
