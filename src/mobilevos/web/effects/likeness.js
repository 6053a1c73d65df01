/** Parts of a frame that look like the surroundings of what is missing: mobilevos/effects/likeness.py, by plain search. */

const CELLS = 60; // along the frame's shorter side, in which parts are compared
const MOST_PATCHES = 6; // a hole is patched together from at most so many parts
const NEAR = 3; // what surrounds the missing cells up to so many cells away must look alike
const MOST_COMPARED = 120; // of the surrounding and of the missing cells; more say little new
const UNCOVERED = 2000; // a part that covers nothing of what is missing is as bad as colours off by the root of this
const FAR = 0.3; // the same for a part, per cell that it is away: nearby things belong together
const LEAST_RING = 0.3; // of the surroundings must be seen, and of what is missing a tenth
const LEAST_COVER = 0.1;

/**
 * Shifts {x, y}, in pixels, to parts of the frame that continue what surrounds what is missing of a hole.
 * @param frame a `Frame`.
 * @param hidden Uint8Array (height * width), 1 where the frame does not show the background.
 * @param filling a `Filling` of the frame's hole.
 */
export function alikeShifts(frame, hidden, { hole, colours }) {
  const factor = Math.max(1, Math.round(Math.min(frame.width, frame.height) / CELLS));
  const { cells, known, rows, columns } = reduced(frame, hidden, factor);
  const left = new Uint8Array(rows * columns);
  const good = known.slice();
  for (let y = 0, i = 0; y < hole.height; y++) {
    const row = Math.min(rows - 1, Math.floor((hole.top + y) / factor)) * columns;
    for (let x = 0; x < hole.width; x++, i++) {
      const at = row + Math.min(columns - 1, Math.floor((hole.left + x) / factor));
      if (!colours[i * 4 + 3]) left[at] = 1;
      else if (!known[at] && !good[at]) {
        good[at] = 1; // filled from elsewhere
        for (let c = 0; c < 3; c++) cells[at * 3 + c] = colours[i * 4 + c];
      }
    }
  }
  for (let i = 0; i < left.length; i++) if (left[i]) good[i] = 0;
  const shifts = [];
  while (shifts.length < MOST_PATCHES && left.some(Boolean)) {
    const found = bestShift(cells, known, left, good, rows, columns);
    if (!found) break;
    shifts.push({ x: found.x * factor, y: found.y * factor });
    for (let y = 0, i = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, i++) {
        if (!left[i] || !isKnown(known, rows, columns, x + found.x, y + found.y)) continue;
        const from = (y + found.y) * columns + x + found.x;
        for (let c = 0; c < 3; c++) cells[i * 3 + c] = cells[from * 3 + c]; // the next part must go with this one
        good[i] = 1;
        left[i] = 0;
      }
    }
  }
  return shifts;
}

function bestShift(cells, known, left, good, rows, columns) {
  const missing = [], ring = [];
  for (let i = 0; i < left.length; i++) if (left[i]) missing.push(i);
  const near = grown(left, rows, columns);
  for (let i = 0; i < near.length; i++) if (near[i] && good[i]) ring.push(i);
  const compared = thinned(ring), covered = thinned(missing);
  const place = (list) => list.map((i) => [i % columns, Math.floor(i / columns), i * 3]);
  const around = place(compared), inside = place(covered);
  let best = null;
  for (let y = 1 - rows; y < rows; y++) {
    for (let x = 1 - columns; x < columns; x++) {
      let seen = 0;
      for (const [column, row] of inside) if (isKnown(known, rows, columns, column + x, row + y)) seen++;
      if (seen < LEAST_COVER * inside.length || !seen) continue;
      const base = UNCOVERED * (1 - seen / inside.length) + FAR * Math.hypot(x, y);
      if (best && base >= best.score) continue;
      let difference = 0, overlap = 0;
      const offset = 3 * (y * columns + x);
      for (const [column, row, at] of around) {
        if (!isKnown(known, rows, columns, column + x, row + y)) continue;
        overlap++;
        for (let c = 0; c < 3; c++) difference += (cells[at + c] - cells[at + offset + c]) ** 2;
      }
      if (!overlap || overlap < LEAST_RING * around.length) continue;
      const score = base + difference / overlap;
      if (!best || score < best.score) best = { x, y, score };
    }
  }
  return best;
}

function thinned(list) {
  const every = Math.ceil(list.length / MOST_COMPARED);
  return list.filter((_, n) => n % every === 0);
}

function isKnown(known, rows, columns, x, y) {
  return x >= 0 && y >= 0 && x < columns && y < rows && known[y * columns + x] === 1;
}

/** Cells that are up to `NEAR` steps from the given ones. */
function grown(given, rows, columns) {
  let cells = given;
  for (let step = 0; step < NEAR; step++) {
    const before = cells;
    cells = before.slice();
    for (let y = 0, i = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, i++) {
        if (!before[i]) continue;
        if (x) cells[i - 1] = 1;
        if (x < columns - 1) cells[i + 1] = 1;
        if (y) cells[i - columns] = 1;
        if (y < rows - 1) cells[i + columns] = 1;
      }
    }
  }
  return cells;
}

/** Colours of cells of `factor` pixels, and which of them show background alone. */
function reduced({ width, height, data }, hidden, factor) {
  const rows = Math.max(1, Math.floor(height / factor));
  const columns = Math.max(1, Math.floor(width / factor));
  const cells = new Float32Array(rows * columns * 3);
  const known = new Uint8Array(rows * columns);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      let isHidden = 0;
      for (let y = row * factor; y < Math.min(height, (row + 1) * factor); y++) {
        let at = y * width + column * factor;
        for (const end = Math.min(at + factor, (y + 1) * width); at < end; at++) {
          isHidden |= hidden[at];
          for (let c = 0; c < 3; c++) cells[to * 3 + c] += data[at * 4 + c];
        }
      }
      for (let c = 0; c < 3; c++) cells[to * 3 + c] /= factor * factor;
      known[to] = isHidden ? 0 : 1;
    }
  }
  return { cells, known, rows, columns };
}
