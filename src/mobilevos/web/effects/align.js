/**
 * The map between two grey images by robust, gradient-based alignment (Lucas and Kanade; inverse compositional: Baker
 * and Matthews, 2004). Images are {values, rows, columns}.
 */

import { IDENTITY, inverse, product, shift, solve } from "./maps.js";

export const AFFINE = 6; // degrees of freedom
export const HOMOGRAPHY = 8;

const MOST_PIXELS = 1000; // more say little new
const STIFFNESS = 0.002; // how strongly the start is preferred where the images say little

/** An image that others are aligned to; only its pixels with strong gradients and a weight count. */
export class Template {
  constructor({ values, rows, columns }, weight) {
    const across = new Float32Array(values.length);
    const down = new Float32Array(values.length);
    let mean = 0;
    for (let y = 1; y < rows - 1; y++) {
      for (let x = 1, i = y * columns + 1; x < columns - 1; x++, i++) {
        if (!weight[i]) continue;
        across[i] = (values[i + 1] - values[i - 1]) / 2;
        down[i] = (values[i + columns] - values[i - columns]) / 2;
        mean += (across[i] ** 2 + down[i] ** 2) / values.length;
      }
    }
    let chosen = [];
    for (let i = 0; i < values.length; i++) if (across[i] ** 2 + down[i] ** 2 > mean) chosen.push(i);
    const every = Math.floor(chosen.length / MOST_PIXELS) + 1;
    chosen = chosen.filter((_, i) => i % every === 0);
    const scale = Math.max(rows, columns) / 2;
    this.toUnit = product([1 / scale, 0, 0, 0, 1 / scale, 0, 0, 0, 1], shift(-columns / 2, -rows / 2));
    this.fromUnit = inverse(this.toUnit);
    this.points = chosen.map((i) => [(i % columns) + 0.5, Math.floor(i / columns) + 0.5]);
    this.wanted = Float32Array.from(chosen, (i) => values[i]);
    this.slopes = chosen.map((i, n) => {
      const x = (this.points[n][0] - columns / 2) / scale;
      const y = (this.points[n][1] - rows / 2) / scale;
      const gx = across[i] * scale;
      const gy = down[i] * scale;
      const radial = gx * x + gy * y;
      return [gx * x, gx * y, gx, gy * x, gy * y, gy, -x * radial, -y * radial];
    });
  }

  /**
   * Refine the map from the template's coordinates to an image's.
   * @returns {{map, residual}} the best on the way and the median difference it leaves; Infinity if nothing is known.
   */
  align(image, start, freedom, rounds) {
    const { points, slopes, wanted } = this;
    let stiffness = 0;
    for (const slope of slopes) for (let j = 0; j < freedom; j++) stiffness += (STIFFNESS * slope[j] ** 2) / freedom;
    let best = { map: start, residual: Infinity };
    let map = start;
    for (let left = rounds; left >= 0; left--) {
      const errors = points.map((point, i) => sampled(image, map, point) - wanted[i]);
      const known = errors.filter((error) => !Number.isNaN(error));
      if (known.length < 20 * freedom) break;
      const constant = median(known); // a change in brightness says nothing
      const typical = median(known.map((error) => Math.abs(error - constant)));
      if (typical < best.residual) best = { map, residual: typical };
      if (!left) break;
      const matrix = new Float64Array(freedom * freedom);
      const right = new Float64Array(freedom);
      for (let i = 0; i < errors.length; i++) {
        if (Number.isNaN(errors[i])) continue;
        const error = errors[i] - constant;
        const trust = 1 / (1 + (error / (2 * typical + 1)) ** 2) ** 2;
        const slope = slopes[i];
        for (let j = 0; j < freedom; j++) {
          const weighted = trust * slope[j];
          right[j] += weighted * error;
          for (let k = 0; k < freedom; k++) matrix[j * freedom + k] += weighted * slope[k];
        }
      }
      for (let j = 0; j < freedom; j++) matrix[j * freedom + j] += stiffness;
      const change = solve(matrix, right);
      const update = IDENTITY.map((value, i) => value + (change[i] ?? 0));
      map = product(product(map, this.fromUnit), product(inverse(update), this.toUnit));
    }
    return best;
  }
}

function sampled({ values, rows, columns }, map, [px, py]) {
  const depth = map[6] * px + map[7] * py + map[8];
  const x = (map[0] * px + map[1] * py + map[2]) / depth - 0.5;
  const y = (map[3] * px + map[4] * py + map[5]) / depth - 0.5;
  if (!(x >= 0 && y >= 0 && x <= columns - 1 && y <= rows - 1)) return NaN;
  const left = Math.min(Math.floor(x), columns - 2);
  const top = Math.min(Math.floor(y), rows - 2);
  const i = top * columns + left;
  const above = values[i] + (values[i + 1] - values[i]) * (x - left);
  const below = values[i + columns] + (values[i + columns + 1] - values[i + columns]) * (x - left);
  return above + (below - above) * (y - top);
}

function median(values) {
  const sorted = Float32Array.from(values).sort();
  return sorted[sorted.length >> 1];
}

/** The shift, in whole pixels up to `reach`, from a template to an image that leaves the least difference. */
export function displacement(template, image, weight, reach) {
  const { rows, columns } = template;
  let best = { x: 0, y: 0, cost: Infinity };
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      let cost = 0;
      let count = 0;
      for (let row = Math.max(0, -y); row < Math.min(rows, rows - y); row++) {
        for (let column = Math.max(0, -x); column < Math.min(columns, columns - x); column++) {
          const i = row * columns + column;
          if (!weight[i]) continue;
          cost += Math.abs(image.values[i + y * columns + x] - template.values[i]);
          count++;
        }
      }
      // Where much overlaps a difference says more.
      if (count > weight.length / 4 && cost / count < best.cost) best = { x, y, cost: cost / count };
    }
  }
  return shift(best.x, best.y);
}
