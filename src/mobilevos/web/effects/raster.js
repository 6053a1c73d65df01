/** Small helpers on images of floats: planes (height, width) and boxes {left, top, width, height} in a frame. */

/** Means over windows of `radius` pixels to each side; beyond the border the outermost values go on. */
export function boxBlur(plane, height, width, radius, out = new Float32Array(plane.length)) {
  const between = new Float32Array(plane.length);
  blurLines(plane, between, height, width, width, 1, radius);
  blurLines(between, out, width, height, 1, width, radius);
  return out;
}

function blurLines(from, to, lines, length, lineStep, step, radius) {
  const scale = 1 / (2 * radius + 1);
  for (let line = 0; line < lines; line++) {
    const first = line * lineStep;
    const last = first + (length - 1) * step;
    let sum = from[first] * (radius + 1);
    for (let i = 1; i <= radius; i++) sum += from[Math.min(first + i * step, last)];
    for (let i = 0, at = first; i < length; i++, at += step) {
      to[at] = sum * scale;
      sum += from[Math.min(at + (radius + 1) * step, last)] - from[Math.max(at - radius * step, first)];
    }
  }
}

/**
 * Averages of cells of factor x factor pixels; the last cells may be smaller. Pixel (x, y) is
 * data[start + y * stride + x * step].
 */
export function averaged({ data, start, step, stride, height, width }, factor) {
  const rows = Math.ceil(height / factor);
  const columns = Math.ceil(width / factor);
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const bottom = Math.min((row + 1) * factor, height);
    for (let column = 0; column < columns; column++) {
      const right = Math.min((column + 1) * factor, width);
      let sum = 0;
      for (let y = row * factor; y < bottom; y++) {
        let at = start + y * stride + column * factor * step;
        for (let x = column * factor; x < right; x++, at += step) sum += data[at];
      }
      out[row * columns + column] = sum / ((bottom - row * factor) * (right - column * factor));
    }
  }
  return { values: out, rows, columns };
}

/** Where pixel i lies between the centres of cells of `factor` pixels: {low, high, part} for all i < size. */
export function between(size, factor, cells) {
  const low = new Int32Array(size);
  const high = new Int32Array(size);
  const part = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const exact = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), cells - 1);
    low[i] = Math.floor(exact);
    high[i] = Math.min(low[i] + 1, cells - 1);
    part[i] = exact - low[i];
  }
  return { low, high, part };
}

/** The box with `reach` more pixels on all sides, inside of the frame. */
export function widened({ left, top, width, height }, reach, frame) {
  const right = Math.min(left + width + reach, frame.width);
  const bottom = Math.min(top + height + reach, frame.height);
  left = Math.max(left - reach, 0);
  top = Math.max(top - reach, 0);
  return { left, top, width: right - left, height: bottom - top };
}
