/** What a click changes in a mask, which is what is around it: a port of mobilevos/engine/correction.py. */

import { connected, grown, pieces } from "./cells.js";

const GONE = 0.5; // a piece of which more than this share is to go, goes as a whole

/**
 * A mask, Uint8Array of 0 and 1 over the whole frame, in which a click took what it means from a drawing of the object.
 * @param mask as it was.
 * @param {number} frameWidth
 * @param drawn {region, odds, mask}: what the network makes of it with all clicks.
 * @param click {x, y, positive}, the newest one, pixels of the frame.
 */
export function corrected(mask, frameWidth, drawn, { x, y, positive }) {
  const { region, odds } = drawn;
  const { rows, columns } = region;
  const before = Uint8Array.from(region.viewMasks(mask, frameWidth, [1]), (value) => (value > 0.5 ? 1 : 0));
  const after = Uint8Array.from(odds, (value) => (value > 0 ? 1 : 0));
  const differs = before.map((was, i) => (positive ? after[i] & ~was : was & ~after[i]));
  const changed = connected(differs, near(region, x, y), rows, columns);
  const here = grown(changed, rows, columns, 1);
  const painted = new Uint8Array(mask.length);
  region.paint(drawn.mask, [1], painted, frameWidth);
  const result = Uint8Array.from(mask);
  if (positive) {
    eachPixel(region, frameWidth, (at, cell) => {
      if (here[cell]) result[at] |= painted[at];
    });
    return result;
  }
  const left = new Uint8Array(before.length);
  const gone = new Uint8Array(before.length);
  for (const piece of pieces(before, rows, columns)) {
    const kept = sum(piece.map((isIn, i) => isIn & after[i]));
    const part = kept < (1 - GONE) * sum(piece) ? gone : left;
    piece.forEach((isIn, i) => isIn && (part[i] = 1));
  }
  const cleared = grown(gone, rows, columns, 1).map((isIn, i) => isIn & ~left[i]);
  eachPixel(region, frameWidth, (at, cell) => {
    if (cleared[cell] || (here[cell] && !painted[at])) result[at] = 0;
  });
  return result;
}

/**
 * What a negative click made of a mask, with the places of earlier positive clicks that lay in the mask: where one of
 * them is lost, what of the mask is nearer to it than to the negative click stays.
 * @param mask over the whole frame, as it was.
 * @param {number} frameWidth
 * @param drawn what became of it.
 * @param after the same, over the whole frame.
 * @param clicks {x, y, positive}, pixels of the frame; the newest one is the negative one.
 */
export function keeping(mask, frameWidth, drawn, after, clicks) {
  const place = ({ x, y }) => Math.floor(y) * frameWidth + Math.floor(x);
  const isLost = (click) => click.positive && mask[place(click)] && !after[place(click)];
  const [newest, lost] = [clicks.at(-1), clicks.slice(0, -1).filter(isLost)];
  if (!lost.length) return drawn;
  const pixels = after.map((isIn, at) => {
    if (isIn || !mask[at]) return isIn;
    const [column, row] = [(at % frameWidth) + 0.5, Math.floor(at / frameWidth) + 0.5];
    const distance = ({ x, y }) => (column - x) ** 2 + (row - y) ** 2;
    return Math.min(...lost.map(distance)) < distance(newest) ? 1 : 0;
  });
  return { ...drawn, pixels };
}

/** The cells about a click. */
function near(region, x, y) {
  const { rows, columns } = region;
  const cell = (at, length, count) => Math.min(Math.max(Math.trunc((at * count) / length), 0), count - 1);
  const at = new Uint8Array(rows * columns);
  at[cell(y - region.top, region.boxHeight, rows) * columns + cell(x - region.left, region.boxWidth, columns)] = 1;
  return grown(at, rows, columns, 1);
}

/** Calls `each` with the place of every pixel of a region in its frame, and the cell that its middle lies in. */
function eachPixel(region, frameWidth, each) {
  const { boxHeight, boxWidth, rows, columns } = region;
  for (let y = 0; y < boxHeight; y++) {
    const row = Math.floor(((y + 0.5) * rows) / boxHeight) * columns;
    const at = (region.top + y) * frameWidth + region.left;
    for (let x = 0; x < boxWidth; x++) each(at + x, row + Math.floor(((x + 0.5) * columns) / boxWidth));
  }
}

function sum(cells) {
  return cells.reduce((total, value) => total + value, 0);
}
