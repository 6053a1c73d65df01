/**
 * Ghosts: background that was once taken for an object and keeps itself in the mask. A port of mobilevos/engine/ghosts.py, which
 * says more. Masks are rows of `columns` probabilities each.
 */

const LEAST = 0.5; // permanent frames that recognise less of a mask know too little of what the object has become
const RIM = 2; // cells around a part in which its mask fades out

/** Whether a mask has several parts, above 0.5, that do not touch. */
export function inParts(mask, columns) {
  let surest = 0;
  for (let i = 1; i < mask.length; i++) if (mask[i] > mask[surest]) surest = i;
  const reached = reachedFrom(mask[surest] > 0.5 ? [surest] : [], mask, columns);
  return mask.some((probability, i) => probability > 0.5 && !reached[i]);
}

/** The mask with 0 in the parts in which nothing is recognised; the mask itself if too little of it is recognised. */
export function withoutGhosts(mask, recognised, columns) {
  const known = [];
  let size = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] <= 0.5) continue;
    size++;
    if (recognised[i] > 0.5) known.push(i);
  }
  if (known.length < LEAST * size) return mask;
  const kept = widened(reachedFrom(known, mask, columns), columns);
  return mask.map((probability, i) => (kept[i] ? probability : 0));
}

/** 1 for the cells above 0.5 that are reached from some without leaving them, by steps to any of eight neighbours. */
function reachedFrom(start, mask, columns) {
  const reached = new Uint8Array(mask.length);
  const waiting = [...start];
  while (waiting.length) {
    forNeighbours(waiting.pop(), 1, mask.length, columns, (near) => {
      if (reached[near] || mask[near] <= 0.5) return;
      reached[near] = 1;
      waiting.push(near);
    });
  }
  return reached;
}

function widened(cells, columns) {
  const wide = cells.slice();
  cells.forEach((kept, cell) => {
    if (kept) forNeighbours(cell, RIM, cells.length, columns, (near) => (wide[near] = 1));
  });
  return wide;
}

function forNeighbours(cell, distance, length, columns, visit) {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  const [bottom, right] = [Math.min(row + distance, length / columns - 1), Math.min(column + distance, columns - 1)];
  for (let y = Math.max(row - distance, 0); y <= bottom; y++) {
    for (let x = Math.max(column - distance, 0); x <= right; x++) visit(y * columns + x);
  }
}
