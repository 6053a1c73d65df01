/** Filling a hole smoothly from what surrounds it: a port of mobilevos/effects/spatial.py. */

/** Float32Array (height, width, 4) of colours times weights, and weights 0..1 -> the same without gaps. */
export function pushPull(weighted, height, width) {
  if (Math.max(height, width) === 1 || isFull(weighted)) return weighted;
  const rows = (height + 1) >> 1;
  const columns = (width + 1) >> 1;
  const coarse = new Float32Array(rows * columns * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((y >> 1) * columns + (x >> 1)) * 4;
      const from = (y * width + x) * 4;
      for (let c = 0; c < 4; c++) coarse[to + c] += weighted[from + c] / 4;
    }
  }
  for (let i = 0; i < coarse.length; i += 4) {
    // A cell of which a quarter is known is known: nearby colours outweigh those from afar.
    const gain = Math.min(1, 4 * coarse[i + 3]) / Math.max(coarse[i + 3], 1e-6);
    for (let c = i; c < i + 4; c++) coarse[c] *= gain;
  }
  const pulled = pushPull(coarse, rows, columns);
  for (let y = 0, to = 0; y < height; y++) {
    const near = y >> 1;
    const far = Math.min(Math.max(near + (y & 1 ? 1 : -1), 0), rows - 1);
    for (let x = 0; x < width; x++, to += 4) {
      const gap = 1 - weighted[to + 3];
      if (gap <= 0) continue;
      const beside = x >> 1;
      const beyond = Math.min(Math.max(beside + (x & 1 ? 1 : -1), 0), columns - 1);
      const [a, b] = [(near * columns + beside) * 4, (near * columns + beyond) * 4];
      const [c, d] = [(far * columns + beside) * 4, (far * columns + beyond) * 4];
      for (let k = 0; k < 4; k++) {
        weighted[to + k] += (gap * (9 * pulled[a + k] + 3 * pulled[b + k] + 3 * pulled[c + k] + pulled[d + k])) / 16;
      }
    }
  }
  return weighted;
}

function isFull(weighted) {
  for (let i = 3; i < weighted.length; i += 4) if (weighted[i] < 1) return false;
  return true;
}
