/** The part of the frame around the objects that the network looks at: a port of mobilevos/engine/region.py. */

import { resizeFloat, resizeRgb, transformFloat } from "./resample.js";

export const LEAST = 1e-4; // probabilities below this are as good as 0

const IMPROBABLE = -5; // log-odds below which soft masks may end: under 1 %
const STRIDE = 16;
const MASK_STRIDE = 4;
const MIN_SIDE = 0.25;
const MAX_ZOOM = 2;
const SHORTEST = 64;

/** A box in the source frame and the size (a multiple of 16) at which the network sees it. */
export class Region {
  constructor(left, top, right, bottom, height, width) {
    Object.assign(this, { left, top, right, bottom, height, width });
  }

  get boxHeight() {
    return this.bottom - this.top;
  }

  get boxWidth() {
    return this.right - this.left;
  }

  /** Pixels that the network sees for each one of the source, along a side; what is stretched further does not count. */
  get zoom() {
    return Math.min(Math.sqrt((this.height * this.width) / (this.boxHeight * this.boxWidth)), MAX_ZOOM);
  }

  get rows() {
    return this.height / MASK_STRIDE;
  }

  get columns() {
    return this.width / MASK_STRIDE;
  }

  /** Floats of one object's mask. */
  get cells() {
    return this.rows * this.columns;
  }

  equals(other) {
    return ["left", "top", "right", "bottom", "height", "width"].every((name) => this[name] === other[name]);
  }

  /** Whether both look at the same part of the frame, but for a tenth of its width and height. */
  resembles(other) {
    const across = Math.max(Math.abs(this.left - other.left), Math.abs(this.right - other.right));
    const down = Math.max(Math.abs(this.top - other.top), Math.abs(this.bottom - other.bottom));
    return across <= 0.1 * this.boxWidth && down <= 0.1 * this.boxHeight;
  }

  /** Whether a box [left, top, right, bottom] in source pixels lies in this part of the frame. */
  holds([left, top, right, bottom]) {
    return this.left <= left && this.top <= top && right <= this.right && bottom <= this.bottom;
  }

  /** Crop and resize a `Frame` to Uint8Array RGB (height, width, 3). */
  view(frame) {
    return resizeRgb(frame.crop(this.left, this.top, this.right, this.bottom), this.width, this.height);
  }

  /** Objects `ids` of a label map of the whole frame -> Float32Array (K, rows, columns), soft; each keeps its maximum. */
  viewMasks(labels, frameWidth, ids) {
    const { boxHeight, boxWidth, rows, columns, cells } = this;
    const seen = new Float32Array(ids.length * cells);
    const crop = new Float32Array(boxHeight * boxWidth);
    ids.forEach((id, row) => {
      for (let y = 0, to = 0; y < boxHeight; y++) {
        const from = (this.top + y) * frameWidth + this.left;
        for (let x = 0; x < boxWidth; x++) crop[to++] = labels[from + x] === id ? 1 : 0;
      }
      const small = resizeFloat(crop, boxHeight, boxWidth, rows, columns);
      const highest = Math.max(small.reduce((a, b) => Math.max(a, b), 0), 1e-6);
      for (let i = 0; i < cells; i++) seen[row * cells + i] = small[i] / highest;
    });
    for (let i = 0; i < cells; i++) {
      let sum = 0;
      for (let at = i; at < seen.length; at += cells) sum += seen[at];
      if (sum > 1) for (let at = i; at < seen.length; at += cells) seen[at] /= sum;
    }
    return seen;
  }

  /**
   * Paint the objects' probabilities (K, rows, columns) into a label map of the whole frame that is 0 so far.
   * Between the cells it is log-odds that change evenly; 0 is an object's border.
   */
  paint(masks, ids, labels, frameWidth) {
    const { boxHeight: height, boxWidth: width, cells } = this;
    const best = ids.length > 1 ? new Float32Array(height * width) : null;
    const odds = logOdds(masks, ids.length, cells);
    ids.forEach((id, row) => {
      const place = this.#enlarged(odds.subarray(row * cells), 0);
      if (!place) return;
      const { left, right, top, bottom, values } = place;
      for (let y = top, from = 0; y < bottom; y++) {
        let to = (this.top + y) * frameWidth + this.left + left;
        if (best) {
          for (let x = left, at = y * width + left; x < right; x++, at++, to++, from++) {
            if (values[from] > best[at]) {
              best[at] = values[from];
              labels[to] = id;
            }
          }
        } else {
          for (let x = left; x < right; x++, to++, from++) if (values[from] > 0) labels[to] = id;
        }
      }
    });
  }

  /**
   * Probability in source pixels that any of the objects (K, rows, columns) is there, without the surroundings where
   * it is improbable.
   * @returns {{left, top, width, height, values: Float32Array}} in pixels of the frame, or null.
   */
  soften(masks) {
    const together = new Float32Array(this.cells);
    for (let i = 0; i < masks.length; i++) together[i % this.cells] += masks[i];
    for (let i = 0; i < this.cells; i++) together[i] = Math.min(together[i], 1);
    const place = this.#enlarged(logOdds(together, 1, this.cells), IMPROBABLE);
    if (!place) return null;
    const { left, right, top, bottom, values } = place;
    for (let i = 0; i < values.length; i++) values[i] = 1 / (1 + Math.exp(-values[i]));
    return { left: this.left + left, top: this.top + top, width: right - left, height: bottom - top, values };
  }

  /** The box, in pixels of this region's, that log-odds (rows, columns) above a bound reach, and the log-odds in it. */
  #enlarged(odds, above) {
    const { boxHeight, boxWidth, rows, columns } = this;
    const around = boundingBox(odds, rows, columns, above);
    if (!around) return null;
    const scaleX = columns / boxWidth;
    const scaleY = rows / boxHeight;
    // Interpolation carries an object half a cell beyond the centres of its outermost cells.
    const top = Math.max(Math.trunc((around.top - 0.5) / scaleY), 0);
    const left = Math.max(Math.trunc((around.left - 0.5) / scaleX), 0);
    const bottom = Math.min(Math.ceil((around.bottom + 0.5) / scaleY), boxHeight);
    const right = Math.min(Math.ceil((around.right + 0.5) / scaleX), boxWidth);
    const box = [left * scaleX, top * scaleY, Math.min(right * scaleX, columns), Math.min(bottom * scaleY, rows)];
    return { left, right, top, bottom, values: resizeFloat(odds, rows, columns, bottom - top, right - left, box) };
  }

  /** Masks (K, rows, columns) seen through this region -> those of `target`; 0 where this region did not look. */
  transfer(masks, target) {
    if (this.equals(target)) return masks;
    const count = masks.length / this.cells;
    const scaleX = this.columns / this.boxWidth;
    const scaleY = this.rows / this.boxHeight;
    const affine = [
      (target.boxWidth / target.columns) * scaleX,
      (target.left - this.left) * scaleX,
      (target.boxHeight / target.rows) * scaleY,
      (target.top - this.top) * scaleY,
    ];
    const out = new Float32Array(count * target.cells);
    for (let row = 0; row < count; row++) {
      const [own, to] = [masks.subarray(row * this.cells), out.subarray(row * target.cells)];
      transformFloat(own, this.rows, this.columns, target.rows, target.columns, affine, to);
    }
    return out;
  }

  /** Bounding box [left, top, right, bottom] in source pixels of one mask's cells > 0.5, without specks; or null. */
  boundsInSource(mask) {
    return this.#bounds(this.rows, this.columns, (i) => mask[i] > 0.5);
  }

  /** The same of the object `id` in a label map as large as the box. */
  boundsOfLabel(labels, id) {
    return this.#bounds(this.boxHeight, this.boxWidth, (i) => labels[i] === id);
  }

  #bounds(rows, columns, inside) {
    const across = new Uint32Array(columns);
    const down = new Uint32Array(rows);
    for (let y = 0, i = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, i++) {
        if (inside(i)) {
          across[x]++;
          down[y]++;
        }
      }
    }
    if (!down.some(Boolean)) return null;
    const [left, right] = trimmedSpan(across);
    const [top, bottom] = trimmedSpan(down);
    const scaleX = this.boxWidth / columns;
    const scaleY = this.boxHeight / rows;
    return [this.left + left * scaleX, this.top + top * scaleY, this.left + right * scaleX, this.top + bottom * scaleY];
  }
}

/** The full frame, seen as by `around`. */
export function wholeFrame(frameWidth, frameHeight, size, enlarged = size) {
  return region(0, 0, frameWidth, frameHeight, size, enlarged);
}

/**
 * The region around boxes [left, top, right, bottom] in source pixels.
 * @param {number} margin free space on each side, in units of the square root of the area of the box around all.
 * @param {{width: number, height: number}} [least] in source pixels that the region must have.
 * @param {number} [zoom] source pixels are enlarged at most this much.
 * @param {number} [enlarged] where source pixels have to be enlarged, only to about so many squared.
 */
export function around(
  boxes,
  frameWidth,
  frameHeight,
  size,
  margin,
  least = { width: 0, height: 0 },
  zoom = MAX_ZOOM,
  enlarged = size,
) {
  const left = Math.min(...boxes.map((box) => box[0]));
  const top = Math.min(...boxes.map((box) => box[1]));
  const right = Math.max(...boxes.map((box) => box[2]));
  const bottom = Math.max(...boxes.map((box) => box[3]));
  const free = margin * Math.sqrt((right - left) * (bottom - top));
  const share = MIN_SIDE * Math.min(1, MAX_ZOOM / zoom);
  const span = (low, high, limit, shortest) => {
    const side = Math.min(Math.max(high - low + 2 * free, share * limit, shortest), limit);
    const start = Math.min(Math.max((low + high - side) / 2, 0), limit - side);
    return [Math.trunc(start), Math.min(Math.trunc(start + side + 1), limit)];
  };
  const [leftPx, rightPx] = span(left, right, frameWidth, least.width);
  const [topPx, bottomPx] = span(top, bottom, frameHeight, least.height);
  return region(leftPx, topPx, rightPx, bottomPx, size, enlarged, zoom);
}

function region(left, top, right, bottom, size, enlarged, largest = MAX_ZOOM) {
  const across = Math.sqrt((bottom - top) * (right - left));
  const zoom = Math.max(Math.min(enlarged / across, largest), Math.min(size / across, 1));
  const longest = Math.floor((size * size) / (SHORTEST * STRIDE)) * STRIDE;
  const side = (length) => Math.min(Math.max(SHORTEST, roundHalfEven((length * zoom) / STRIDE) * STRIDE), longest);
  return new Region(left, top, right, bottom, side(bottom - top), side(right - left));
}

function roundHalfEven(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 ? floor + 1 : floor;
}

/** Probabilities (K, cells) of objects -> log-odds against the background. */
function logOdds(masks, count, cells) {
  const odds = new Float32Array(count * cells);
  for (let i = 0; i < cells; i++) {
    let background = 1;
    for (let at = i; at < odds.length; at += cells) background -= masks[at];
    const against = Math.log(Math.max(background, LEAST));
    for (let at = i; at < odds.length; at += cells) odds[at] = Math.log(Math.max(masks[at], LEAST)) - against;
  }
  return odds;
}

/** {left, top, right, bottom} (exclusive) of the cells above a bound, or null. */
export function boundingBox(cells, rows, columns, above) {
  let left = columns;
  let right = 0;
  let top = rows;
  let bottom = 0;
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, i++) {
      if (cells[i] > above) {
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = y + 1;
      }
    }
  }
  return bottom ? { left, top, right, bottom } : null;
}

function trimmedSpan(counts, trim = 0.005) {
  const mass = Float64Array.from(counts);
  for (let i = 1; i < mass.length; i++) mass[i] += mass[i - 1];
  const total = mass[mass.length - 1];
  const low = mass.findIndex((value) => value > trim * total);
  const high = mass.findIndex((value) => value >= (1 - trim) * total);
  return [low, high + 1];
}
