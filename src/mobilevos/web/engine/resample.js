/**
 * Resizing as Pillow does it, bit by bit for 8-bit pixels: the masks of the page and of Python agree because the network
 * sees the same numbers.
 *
 * Pixels are described by a view {data, start, step, stride, width, height}: channel c of pixel (x, y) is
 * data[start + y * stride + x * step + c].
 */

const PRECISION = 22; // bits after the point of 8-bit weights
const HALF = 1 << (PRECISION - 1);

/** Triangle-filter weights from `size` samples between `low` and `high` to `count` samples. */
function weights(size, low, high, count) {
  low = Math.fround(low);
  const scale = Math.fround(Math.fround(high) - low) / count;
  const support = Math.max(scale, 1);
  const narrowness = 1 / support;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(count);
  const number = new Int32Array(count);
  const values = new Float64Array(count * taps);
  for (let i = 0; i < count; i++) {
    const centre = low + (i + 0.5) * scale;
    const begin = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), size);
    let total = 0;
    for (let j = begin; j < end; j++) {
      const weight = Math.max(1 - Math.abs((j - centre + 0.5) * narrowness), 0);
      values[i * taps + j - begin] = weight;
      total += weight;
    }
    for (let j = 0; j < end - begin; j++) values[i * taps + j] /= total || 1;
    first[i] = begin;
    number[i] = end - begin;
  }
  return { first, number, taps, values };
}

function fixed({ values, ...rest }) {
  const whole = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) whole[i] = 0.5 + values[i] * (1 << PRECISION); // cut off
  return { ...rest, values: whole };
}

/** Average of boxes of `across` x `down` pixels; boxes at the right and bottom may be smaller. RGB view. */
function reduce(view, across, down) {
  const { data, start, step, stride } = view;
  const width = Math.ceil(view.width / across);
  const height = Math.ceil(view.height / down);
  const out = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const rows = Math.min(down, view.height - y * down);
    for (let x = 0; x < width; x++) {
      const columns = Math.min(across, view.width - x * across);
      const count = rows * columns;
      const multiplier = Math.trunc(Math.fround(2 ** 24 / count));
      let red = count >> 1;
      let green = red;
      let blue = red;
      let row = start + y * down * stride + x * across * step;
      for (let j = 0; j < rows; j++, row += stride) {
        for (let i = 0, at = row; i < columns; i++, at += step) {
          red += data[at];
          green += data[at + 1];
          blue += data[at + 2];
        }
      }
      out[to++] = Math.imul(red, multiplier) >>> 24;
      out[to++] = Math.imul(green, multiplier) >>> 24;
      out[to++] = Math.imul(blue, multiplier) >>> 24;
    }
  }
  return { data: out, start: 0, step: 3, stride: width * 3, width, height };
}

/** A view of 8-bit pixels -> Uint8Array RGB of width x height; large reductions average whole pixels first. */
export function resizeRgb(view, width, height) {
  const across = Math.trunc(view.width / width) || 1;
  const down = Math.trunc(view.height / height) || 1;
  const right = view.width / across;
  const bottom = view.height / down;
  if (across > 1 || down > 1) view = reduce(view, across, down);
  // Each pass rounds, so their order matters: Pillow 13 begins with the one that leaves less to do for the other.
  const heightFirst = view.height > height && view.height - height > 2 * (view.width - width);
  const passes = [
    (from) => (from.width === width ? from : pass(from, true, right, width)),
    (from) => (from.height === height ? from : pass(from, false, bottom, height)),
  ];
  if (heightFirst) passes.reverse();
  return packed(passes.reduce((from, pass) => pass(from), view));
}

/** Change the width (`across`) or height of a view to `count`; only its part up to `limit` counts. RGB view. */
function pass({ data, start, step, stride, ...size }, across, limit, count) {
  const { first, number, taps, values } = fixed(weights(across ? size.width : size.height, 0, limit, count));
  const width = across ? count : size.width;
  const height = across ? size.height : count;
  const advance = across ? step : stride;
  const out = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = across ? x : y;
      let at = start + (across ? y * stride + first[i] * step : first[i] * stride + x * step);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = i * taps, end = k + number[i]; k < end; k++, at += advance) {
        const weight = values[k];
        red = (red + Math.imul(data[at], weight)) | 0;
        green = (green + Math.imul(data[at + 1], weight)) | 0;
        blue = (blue + Math.imul(data[at + 2], weight)) | 0;
      }
      out[to++] = red >> PRECISION;
      out[to++] = green >> PRECISION;
      out[to++] = blue >> PRECISION;
    }
  }
  return { data: out, start: 0, step: 3, stride: width * 3, width, height };
}

/** Uint8Array RGB (height, width, 3) of a view. */
function packed({ data, start, step, stride, width, height }) {
  if (step === 3) return data; // of `pass` or `reduce`
  const out = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = start + y * stride; x < width; x++, at += step) {
      out[to++] = data[at];
      out[to++] = data[at + 1];
      out[to++] = data[at + 2];
    }
  }
  return out;
}

/**
 * Float32Array (rows, columns) -> Float32Array (height, width).
 * @param box part of the source [left, top, right, bottom] in its own pixels; all of it if not given.
 */
export function resizeFloat(source, rows, columns, height, width, box = [0, 0, columns, rows]) {
  const across = weights(columns, box[0], box[2], width);
  const down = weights(rows, box[1], box[3], height);
  const top = down.first[0];
  const bottom = down.first[height - 1] + down.number[height - 1];
  const narrow = new Float32Array((bottom - top) * width);
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let at = y * columns + across.first[x];
      for (let k = x * across.taps, end = k + across.number[x]; k < end; k++) sum += source[at++] * across.values[k];
      narrow[to++] = sum;
    }
  }
  const out = new Float32Array(height * width);
  for (let y = 0, to = 0; y < height; y++) {
    const begin = y * down.taps;
    const number = down.number[y];
    const start = (down.first[y] - top) * width;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0, at = start + x; k < number; k++, at += width) sum += narrow[at] * down.values[begin + k];
      out[to++] = sum;
    }
  }
  return out;
}

/**
 * Float32Array (rows, columns) seen through x' = scaleX * x + shiftX, y' = scaleY * y + shiftY -> `out` (height, width),
 * which is left as it is outside of the source.
 */
export function transformFloat(source, rows, columns, height, width, [scaleX, shiftX, scaleY, shiftY], out) {
  for (let y = 0, to = 0; y < height; y++) {
    const exactY = scaleY * (y + 0.5) + shiftY;
    if (exactY < 0 || exactY >= rows) {
      to += width;
      continue;
    }
    const floorY = Math.floor(exactY - 0.5);
    const partY = exactY - 0.5 - floorY;
    const upper = Math.max(floorY, 0) * columns;
    const lower = floorY + 1 < rows ? (floorY + 1) * columns : upper;
    for (let x = 0; x < width; x++, to++) {
      const exactX = scaleX * (x + 0.5) + shiftX;
      if (exactX < 0 || exactX >= columns) continue;
      const floorX = Math.floor(exactX - 0.5);
      const partX = exactX - 0.5 - floorX;
      const left = Math.max(floorX, 0);
      const right = Math.min(floorX + 1, columns - 1);
      const above = source[upper + left] + (source[upper + right] - source[upper + left]) * partX;
      const below = source[lower + left] + (source[lower + right] - source[lower + left]) * partX;
      out[to] = above + (below - above) * partY;
    }
  }
}
