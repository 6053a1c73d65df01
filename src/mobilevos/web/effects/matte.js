/** From a soft mask to an alpha matte that follows the edges of the frame: a port of mobilevos/effects/matte.py. */

import { averaged, between, boxBlur, widened } from "./raster.js";

const WORKING_SIDE = 120; // statistics are taken on a grid of about this many rows or columns, whichever are fewer
const RADIUS = 2; // of their windows, in cells of the grid
const NOISE = 25; // colours that vary less than this (variance of 0..255) in a window say nothing
const STEEPNESS = 3; // probabilities pass from 0 to 1 within 1 / STEEPNESS around 0.5

/**
 * Opacity of the objects: in every window across a border a linear function of colour as far as colour explains the
 * mask there (a guided filter: He, Sun and Tang, 2010), and the mask itself as far as it does not.
 * @param frame a `Frame`.
 * @param soft what `Region.soften` gives, or null.
 * @returns {{left, top, width, height, values: Float32Array}} 0..1 in pixels of the frame, or null.
 */
export function matte(frame, soft) {
  if (!soft) return null;
  const factor = Math.max(1, Math.round(Math.min(frame.width, frame.height) / WORKING_SIDE));
  const box = widened(soft, 4 * factor, frame);
  const { width, height } = box;
  const mask = new Float32Array(width * height);
  const inside = new Float32Array(width * height);
  for (let y = 0; y < soft.height; y++) {
    const to = (soft.top - box.top + y) * width + soft.left - box.left;
    for (let x = 0; x < soft.width; x++) {
      const value = soft.values[y * soft.width + x];
      inside[to + x] = value > 0.5 ? 2 : 0;
      mask[to + x] = STEEPNESS * (value - 0.5) + 0.5;
    }
  }
  // Only a band along the border can be neither 0 nor 1, so that nothing bleeds.
  const nearby = boxBlur(inside, height, width, Math.round(1.25 * factor));
  for (let i = 0; i < mask.length; i++) mask[i] = clip(mask[i], Math.max(nearby[i] - 1, 0), Math.min(nearby[i], 1));
  const maps = explanation(frame, box, mask, factor);
  const { rows, columns } = maps;
  const across = between(width, factor, columns);
  const down = between(height, factor, rows);
  const values = mask;
  for (let y = 0, i = 0; y < height; y++) {
    const upper = down.low[y] * columns;
    const lower = down.high[y] * columns;
    const partY = down.part[y];
    let pixel = ((box.top + y) * frame.width + box.left) * 4;
    for (let x = 0; x < width; x++, i++, pixel += 4) {
      const least = Math.max(nearby[i] - 1, 0);
      const most = Math.min(nearby[i], 1);
      if (least === most) continue; // clipped to it already
      const left = across.low[x];
      const right = across.high[x];
      const partX = across.part[x];
      const enlarged = (map) => {
        const above = map[upper + left] + (map[upper + right] - map[upper + left]) * partX;
        const below = map[lower + left] + (map[lower + right] - map[lower + left]) * partX;
        return above + (below - above) * partY;
      };
      const answer =
        enlarged(maps.red) * frame.data[pixel] +
        enlarged(maps.green) * frame.data[pixel + 1] +
        enlarged(maps.blue) * frame.data[pixel + 2] +
        enlarged(maps.offset);
      values[i] = clip(answer + (1 - enlarged(maps.trust)) * mask[i], least, most);
    }
  }
  return { ...box, values };
}

/** How colours explain a mask, on the coarse grid: weights of the colours, an offset, and the share explained. */
function explanation(frame, box, mask, factor) {
  const { left, top, width, height } = box;
  const channel = (c) => {
    const view = frame.crop(left, top, left + width, top + height);
    return averaged({ ...view, start: view.start + c }, factor).values;
  };
  const colour = [channel(0), channel(1), channel(2)];
  const { values: m, rows, columns } = averaged(
    { data: mask, start: 0, step: 1, stride: width, height, width },
    factor,
  );
  const windowed = (plane) => boxBlur(plane, rows, columns, RADIUS);
  const mean = (a, b) => windowed(a.map((value, i) => value * b[i]));
  const means = colour.map(windowed);
  const meanMask = windowed(m);
  const withMask = colour.map((plane) => mean(plane, m));
  const square = mean(m, m);
  const [rr, rg, rb, gg, gb, bb] = [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]].map(([i, j]) => {
    const second = mean(colour[i], colour[j]);
    return second.map((value, at) => value - means[i][at] * means[j][at] + (i === j ? NOISE : 0));
  });
  const empty = () => new Float32Array(rows * columns);
  const maps = { red: empty(), green: empty(), blue: empty(), offset: empty(), trust: empty() };
  for (let i = 0; i < m.length; i++) {
    const a = gg[i] * bb[i] - gb[i] * gb[i];
    const b = gb[i] * rb[i] - rg[i] * bb[i];
    const c = rg[i] * gb[i] - gg[i] * rb[i];
    const determinant = rr[i] * a + rg[i] * b + rb[i] * c;
    const d = rr[i] * bb[i] - rb[i] * rb[i];
    const e = rg[i] * rb[i] - rr[i] * gb[i];
    const f = rr[i] * gg[i] - rg[i] * rg[i];
    const [red, green, blue] = withMask.map((plane, j) => plane[i] - means[j][i] * meanMask[i]);
    const variance = square[i] - meanMask[i] * meanMask[i];
    const weights = [
      (a * red + b * green + c * blue) / determinant,
      (b * red + d * green + e * blue) / determinant,
      (c * red + e * green + f * blue) / determinant,
    ];
    const trust = clip(
      (weights[0] * red + weights[1] * green + weights[2] * blue) / Math.max(variance, 1e-3), 0, 1,
    );
    [maps.red[i], maps.green[i], maps.blue[i]] = weights;
    // A regression has less contrast than the mask, in proportion to what it explains; that is undone.
    maps.offset[i] = trust * meanMask[i] - weights.reduce((sum, weight, j) => sum + weight * means[j][i], 0);
    maps.trust[i] = trust;
  }
  return { ...Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, windowed(map)])), rows, columns };
}

function clip(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
