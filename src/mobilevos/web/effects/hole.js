/** The place of removed objects in a frame: what covers it, piece by piece, and how the pieces are made to fit. */

import { pushPull } from "./pushpull.js";
import { between, boxBlur, widened } from "./raster.js";

const MARGIN = 1 / 40; // the hole is that much wider than the mask, in units of the frame's shorter side
const RING = 1 / 22; // and this is known around it, for pieces to be fitted to
const FROM = 0.3; // probability above which a pixel belongs to the object
const SOFT = 2; // pixels over which the hole's border fades
const LIGHT_CELLS = 8; // differences in light are told at about this many cells along the hole's shorter side
const MOST_TINT = 40; // differences (of 0..255) beyond this are different things, not different light, and say nothing

/**
 * The hole that a soft mask (`Region.soften`, or null) leaves: {left, top, width, height, values}, the share 0..1 of
 * each pixel that is filled, with a free border around; null without an object.
 */
export function holeOf(frame, soft) {
  if (!soft) return null;
  const side = Math.min(frame.width, frame.height);
  const margin = Math.max(2, Math.round(side * MARGIN));
  const box = widened(soft, margin + Math.max(8, Math.round(side * RING)), frame);
  const { width, height } = box;
  const inside = new Float32Array(width * height);
  let any = false;
  for (let y = 0; y < soft.height; y++) {
    const to = (soft.top - box.top + y) * width + soft.left - box.left;
    for (let x = 0; x < soft.width; x++) {
      if (soft.values[y * soft.width + x] > FROM) {
        inside[to + x] = 1;
        any = true;
      }
    }
  }
  if (!any) return null;
  const near = boxBlur(inside, height, width, margin + 1);
  const wide = near.map((share) => (share > 1e-4 ? 1 : 0));
  return { ...box, values: boxBlur(wide, height, width, SOFT).map((share) => (share > 1e-4 ? share : 0)) };
}

/** Uint8Array (height * width) of the frame, 1 in its hole. */
export function hiddenBy(hole, frame) {
  const hidden = new Uint8Array(frame.width * frame.height);
  if (!hole) return hidden;
  const { left, top, width, height, values } = hole;
  for (let y = 0, i = 0; y < height; y++) {
    let to = (top + y) * frame.width + left;
    for (let x = 0; x < width; x++, i++, to++) if (values[i] > 0) hidden[to] = 1;
  }
  return hidden;
}

/** A hole while it is filled. */
export class Filling {
  /** @param frame a `Frame`. @param hole what `holeOf` gives. */
  constructor(frame, hole) {
    Object.assign(this, { frame, hole });
    const { left, top, width, height, values } = hole;
    this.colours = new Float32Array(width * height * 4); // (height, width, 4): colours times what is known, 0 or 1, and that
    this.missing = 0;
    for (let y = 0, i = 0; y < height; y++) {
      let from = ((top + y) * frame.width + left) * 4;
      for (let x = 0; x < width; x++, i++, from += 4) {
        if (values[i] > 0) {
          this.missing++;
          continue;
        }
        for (let c = 0; c < 3; c++) this.colours[i * 4 + c] = frame.data[from + c];
        this.colours[i * 4 + 3] = 1;
      }
    }
  }

  /**
   * Fills what is missing from an image through a map, where `hidden` does not cover it. Its light is made that of the
   * surroundings: what both show differs smoothly, and that difference is carried on into the hole.
   * @param {(x: number, y: number) => boolean} isOdd whether the image shows something else at a pixel of the hole's box
   */
  add(image, hidden, map, isOdd = () => false) {
    const { left, top, width, height } = this.hole;
    const { colours } = this;
    const light = new Light(this.hole);
    const found = [];
    const colour = [0, 0, 0];
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const isKnown = colours[i * 4 + 3] > 0;
        if (isKnown && (x % 2 || y % 2)) continue; // a quarter of what is known says enough
        if (!sampleColour(image, hidden, map, left + x + 0.5, top + y + 0.5, colour)) continue;
        if (isKnown) light.tell(x, y, colours, i * 4, colour);
        else if (!isOdd(x, y)) found.push(x, y, colour[0], colour[1], colour[2]);
      }
    }
    if (!found.length) return;
    light.spread();
    for (let n = 0; n < found.length; n += 5) {
      const to = (found[n + 1] * width + found[n]) * 4;
      for (let c = 0; c < 3; c++) colours[to + c] = found[n + 2 + c] + light.at(found[n], found[n + 1], c);
      colours[to + 3] = 1;
    }
    this.missing -= found.length / 5;
  }

  /** Lays the filling into RGBA pixels of the frame; what is still missing becomes smooth. */
  finish(out) {
    const { frame, colours } = this;
    const { left, top, width, height, values } = this.hole;
    if (this.missing) pushPull(colours, height, width);
    for (let y = 0, i = 0; y < height; y++) {
      let to = ((top + y) * frame.width + left) * 4;
      for (let x = 0; x < width; x++, i++, to += 4) {
        if (values[i] > 0) for (let c = 0; c < 3; c++) out[to + c] += (colours[i * 4 + c] - out[to + c]) * values[i];
      }
    }
  }
}

/** What has to be added to a piece for it to fit, on a coarse grid. */
class Light {
  constructor({ width, height }) {
    this.factor = Math.max(2, Math.round(Math.min(width, height) / LIGHT_CELLS));
    this.rows = Math.ceil(height / this.factor);
    this.columns = Math.ceil(width / this.factor);
    this.cells = new Float32Array(this.rows * this.columns * 4);
    this.across = between(width, this.factor, this.columns);
    this.down = between(height, this.factor, this.rows);
  }

  /** A pixel has the colour `known[at ...]`, and the piece has another one there. */
  tell(x, y, known, at, colour) {
    const to = (Math.floor(y / this.factor) * this.columns + Math.floor(x / this.factor)) * 4;
    for (let c = 0; c < 3; c++) if (Math.abs(known[at + c] - colour[c]) > MOST_TINT) return;
    for (let c = 0; c < 3; c++) this.cells[to + c] += known[at + c] - colour[c];
    this.cells[to + 3]++;
  }

  spread() {
    const { cells } = this;
    for (let i = 0; i < cells.length; i += 4) {
      if (!cells[i + 3]) continue;
      for (let c = 0; c < 3; c++) cells[i + c] /= cells[i + 3];
      cells[i + 3] = 1;
    }
    pushPull(cells, this.rows, this.columns);
  }

  at(x, y, c) {
    const { cells, columns, across, down } = this;
    const at = (row, column) => cells[(row * columns + column) * 4 + c];
    const between = (row) => at(row, across.low[x]) + (at(row, across.high[x]) - at(row, across.low[x])) * across.part[x];
    const above = between(down.low[y]);
    return above + (between(down.high[y]) - above) * down.part[y];
  }
}

/** Bilinear colour at a point seen through a map, into `colour`; false where there is none or it is hidden. */
function sampleColour({ width, height, data }, hidden, map, px, py, colour) {
  const depth = map[6] * px + map[7] * py + map[8];
  const x = (map[0] * px + map[1] * py + map[2]) / depth - 0.5;
  const y = (map[3] * px + map[4] * py + map[5]) / depth - 0.5;
  if (!(x >= 0 && y >= 0 && x < width - 1 && y < height - 1)) return false;
  const left = Math.floor(x);
  const top = Math.floor(y);
  const i = top * width + left;
  if (hidden && (hidden[i] || hidden[i + 1] || hidden[i + width] || hidden[i + width + 1])) return false;
  const across = x - left;
  const down = y - top;
  for (let c = 0, at = i * 4; c < 3; c++, at++) {
    const above = data[at] + (data[at + 4] - data[at]) * across;
    const lower = at + width * 4;
    const below = data[lower] + (data[lower + 4] - data[lower]) * across;
    colour[c] = above + (below - above) * down;
  }
  return true;
}
