/** What a prompt head is shown of clicks, a box and an earlier mask: a port of mobilevos/engine/prompt_maps.py. */

const RADIUS = 2; // of a click's disk, in cells of the grid

export const CHANNELS = 4;

/**
 * Maps (4, rows, columns) in 0..1: positive clicks, negative clicks, the inside of the box, the earlier mask.
 * @param clicks [{x, y, positive}] in cells of the grid.
 * @param box [left, top, right, bottom] in cells, or null.
 * @param mask Float32Array (rows, columns), or null.
 */
export function promptMaps(rows, columns, clicks, box, mask) {
  const cells = rows * columns;
  const maps = new Float32Array(CHANNELS * cells);
  for (const { x, y, positive } of clicks) {
    const plane = maps.subarray(positive ? 0 : cells);
    for (let row = 0, i = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        const distance = Math.hypot(row + 0.5 - y, column + 0.5 - x);
        plane[i] = Math.max(plane[i], Math.min(Math.max(RADIUS + 0.5 - distance, 0), 1));
      }
    }
  }
  if (box) {
    const [left, top, right, bottom] = box;
    const across = covered(columns, left, right);
    const down = covered(rows, top, bottom);
    for (let row = 0, i = 2 * cells; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) maps[i] = down[row] * across[column];
    }
  }
  if (mask) maps.set(mask, 3 * cells);
  return maps;
}

/** How much of each cell of a line lies between two points. */
function covered(cells, start, stop) {
  return Float32Array.from({ length: cells }, (_, i) => Math.max(Math.min(i + 1, stop) - Math.max(i, start), 0));
}
