/** A frame that is held to fill holes of other frames from, and how the camera moved between two of them. */

import { AFFINE, HOMOGRAPHY, Template, displacement } from "./align.js";
import { IDENTITY, atScale } from "./maps.js";

const COARSE_SIDE = 60; // frames are compared first at about this many rows or columns, then at twice as many
const REACH = 6; // cells of twice the coarse size: the camera moves by less than a fifth of the frame
const CUT = 30; // difference (of 0..255) between aligned frames above which they belong to different shots

/** Brightness at three sizes, each half of the one before, and which cells show background only. */
export class View {
  /**
   * @param frame a `Frame`.
   * @param hidden Uint8Array (height * width), not 0 where the frame does not show the background.
   */
  constructor(frame, hidden) {
    this.frame = frame;
    this.hidden = hidden;
    this.factor = Math.max(2, Math.round(Math.min(frame.width, frame.height) / COARSE_SIDE / 2) * 2) / 2;
    this.levels = [reduced(frame, hidden, this.factor)];
    for (let i = 0; i < 2; i++) this.levels.push(halved(this.levels[i]));
    this.map = IDENTITY; // from the frame that is being filled to this one
  }

  /** The finest level as a template. */
  get template() {
    this.cached ??= new Template(this.levels[0], this.levels[0].weight);
    return this.cached;
  }

  /** The map from this frame to the one before, or null across a cut. `guess`: the motion before, which often goes on. */
  motionTo(before, guess) {
    const [fine, coarse, coarsest] = this.levels;
    const apart = displacement(coarsest, before.levels[2], coarsest.weight, REACH);
    const template = new Template(coarse, coarse.weight);
    const starts = [atScale(guess, 2 * this.factor), IDENTITY, atScale(apart, 0.5)];
    const fits = starts.map((start) => template.align(before.levels[1], start, AFFINE, 2));
    const start = fits.reduce((a, b) => (b.residual < a.residual ? b : a)).map;
    const { map, residual } = this.template.align(before.levels[0], atScale(start, 0.5), HOMOGRAPHY, 4);
    const isKnown = residual < CUT || this.template.points.length * 40 < fine.values.length;
    return isKnown ? atScale(map, 1 / this.factor) : null;
  }

  /** Refine the map from this frame to an older one. */
  refined(older, map) {
    return atScale(this.template.align(older.levels[0], atScale(map, this.factor), HOMOGRAPHY, 2).map, 1 / this.factor);
  }
}

function reduced({ width, height, data }, hidden, factor) {
  const rows = Math.floor(height / factor);
  const columns = Math.floor(width / factor);
  const values = new Float32Array(rows * columns);
  const weight = new Uint8Array(rows * columns);
  const scale = 1 / (256 * factor * factor);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      let sum = 0;
      let covered = 0;
      for (let y = row * factor; y < (row + 1) * factor; y++) {
        let pixel = y * width + column * factor;
        for (const end = pixel + factor; pixel < end; pixel++) {
          sum += 77 * data[pixel * 4] + 150 * data[pixel * 4 + 1] + 29 * data[pixel * 4 + 2];
          covered |= hidden[pixel];
        }
      }
      values[to] = sum * scale;
      weight[to] = covered ? 0 : 1;
    }
  }
  return { values, weight, rows, columns };
}

function halved({ values, weight, rows: fineRows, columns: fineColumns }) {
  const rows = fineRows >> 1;
  const columns = fineColumns >> 1;
  const half = { values: new Float32Array(rows * columns), weight: new Uint8Array(rows * columns), rows, columns };
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      const at = 2 * row * fineColumns + 2 * column;
      const below = at + fineColumns;
      half.values[to] = (values[at] + values[at + 1] + values[below] + values[below + 1]) / 4;
      half.weight[to] = weight[at] & weight[at + 1] & weight[below] & weight[below + 1];
    }
  }
  return half;
}
