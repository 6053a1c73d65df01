/** Shapes on a grid, Uint8Array (rows * columns) of 0 and 1: a port of mobilevos/engine/cells.py. */

/** Where a mask is above 0.5. */
export function insideOf(mask) {
  const inside = new Uint8Array(mask.length); // a loop is ten times as fast as `from`
  for (let i = 0; i < mask.length; i++) inside[i] = mask[i] > 0.5 ? 1 : 0;
  return inside;
}

/** All that is at most so many cells away, across and down. */
export function grown(mask, rows, columns, cells) {
  const near = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, i++) {
      if (!mask[i]) continue;
      const right = Math.min(x + cells, columns - 1);
      for (let row = Math.max(y - cells, 0); row <= Math.min(y + cells, rows - 1); row++) {
        near.fill(1, row * columns + Math.max(x - cells, 0), row * columns + right + 1);
      }
    }
  }
  return near;
}

/** The parts of a mask, joined by sides or corners, that share a cell with another. */
export function connected(mask, start, rows, columns) {
  const reached = new Uint8Array(mask.length);
  const waiting = [];
  const reach = (i) => {
    if (!mask[i] || reached[i]) return;
    reached[i] = 1;
    waiting.push(i);
  };
  start.forEach((isIn, i) => isIn && reach(i));
  while (waiting.length) {
    const at = waiting.pop();
    const [y, x] = [Math.floor(at / columns), at % columns];
    for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, rows - 1); row++) {
      for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, columns - 1); column++) reach(row * columns + column);
    }
  }
  return reached;
}

/** The parts of a mask that no side or corner joins. */
export function* pieces(mask, rows, columns) {
  const rest = Uint8Array.from(mask);
  for (let i = 0; i < rest.length; i++) {
    if (!rest[i]) continue;
    const start = new Uint8Array(rest.length);
    start[i] = 1;
    const piece = connected(rest, start, rows, columns);
    piece.forEach((isIn, at) => isIn && (rest[at] = 0));
    yield piece;
  }
}

/** Those of the `pieces` that are at least this part of the largest. */
export function largePieces(mask, share, rows, columns) {
  const parts = [...pieces(mask, rows, columns)];
  const areas = parts.map((part) => part.reduce((sum, isIn) => sum + isIn, 0));
  return parts.filter((_, i) => areas[i] >= share * Math.max(...areas));
}

/**
 * The large pieces of a mask, cut where they hang together by at most `2 * thin` cells; what is thin belongs to the body that is
 * nearest by steps within the mask.
 */
export function bodies(mask, thin, share, rows, columns) {
  const whole = largePieces(mask, share, rows, columns);
  const thick = grown(mask.map((isIn) => 1 - isIn), rows, columns, thin).map((isNear, i) => (isNear ? 0 : mask[i]));
  const cores = largePieces(thick, share, rows, columns);
  cores.push(...whole.filter((piece) => !cores.some((core) => core.some((isIn, i) => isIn && piece[i]))));
  if (cores.length < 2) return whole;
  const free = mask.slice();
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false;
    for (const core of cores) {
      grown(core, rows, columns, 1).forEach((isNear, i) => {
        if (!isNear || !free[i]) return;
        core[i] = 1;
        free[i] = 0;
        isGrowing = true;
      });
    }
  }
  return cores;
}
