/**
 * Objects removed from a video: their place is filled with what earlier frames saw of it, moved along with the camera;
 * what none saw, with what the frame before was filled with; and only the rest from the hole's surroundings. The Python
 * version (mobilevos/effects/inpaint.py) does the same with more effort and can look ahead.
 */

import { IDENTITY, product } from "./maps.js";
import { pushPull } from "./pushpull.js";
import { boxBlur, widened } from "./raster.js";
import { View } from "./view.js";

const MARGIN = 1 / 40; // the hole is that much wider than the mask, in units of the frame's shorter side
const FROM = 0.3; // probability above which a pixel belongs to the object
const SOFT = 2; // pixels over which the hole's border fades
const MOST_VIEWS = 7; // held at ages of about 1, 2, 4, 8 ... frames

/** Fills objects with the background behind them, at bounded memory. */
export class Inpaint {
  #views = []; // earlier frames, the newest first
  #motion = IDENTITY;
  #filled = null; // the answer before this one
  #count = 0;

  /** A `Frame` and its soft mask (`Region.soften`, or null) -> Uint8ClampedArray RGBA (height, width, 4). */
  next(frame, soft) {
    if (this.#filled && this.#filled.length !== frame.data.length) this.#forget();
    const hole = soft && holeOf(frame, soft);
    const hidden = new Uint8Array(frame.width * frame.height);
    if (hole) forEachRow(hole, frame, (row, to) => hidden.set(row.map((share) => (share > 0 ? 1 : 0)), to));
    const view = new View(frame, hidden);
    view.number = this.#count++;
    const motion = this.#views.length ? view.motionTo(this.#views[0], this.#motion) : IDENTITY;
    if (!motion) this.#forget();
    this.#motion = motion ?? IDENTITY;
    for (const older of this.#views) older.map = product(older.map, this.#motion);
    const out = new Uint8ClampedArray(frame.data);
    if (hole) this.#fill(out, view, hole);
    this.#remember(view);
    this.#filled = out;
    return out;
  }

  #forget() {
    this.#views = [];
    this.#filled = null;
  }

  /** Views thin out with age, so that a few reach far back. */
  #remember(view) {
    this.#views.unshift(view);
    if (this.#views.length <= MOST_VIEWS) return;
    const age = (i) => view.number - this.#views[i].number;
    let dropped = this.#views.length - 1;
    for (let i = 2; i < this.#views.length; i++) {
      if (age(i) < 2 * age(i - 2)) {
        dropped = i - 1;
        break;
      }
    }
    this.#views.splice(dropped, 1);
  }

  #fill(out, view, hole) {
    const { frame } = view;
    const { left, top, width, height, values } = hole;
    const weighted = new Float32Array(width * height * 4);
    for (let y = 0, i = 0; y < height; y++) {
      let from = ((top + y) * frame.width + left) * 4;
      for (let x = 0; x < width; x++, i++, from += 4) {
        if (values[i] > 0) continue;
        for (let c = 0; c < 3; c++) weighted[i * 4 + c] = frame.data[from + c];
        weighted[i * 4 + 3] = 1;
      }
    }
    let missing = values.reduce((count, share) => count + (share > 0 ? 1 : 0), 0);
    for (const older of this.#views) {
      if (!missing) break;
      if (older !== this.#views[0]) older.map = view.refined(older, older.map);
      missing -= look(weighted, hole, older.frame, older.hidden, older.map);
    }
    if (missing && this.#filled) {
      missing -= look(weighted, hole, { ...sizeOf(frame), data: this.#filled }, null, this.#motion);
    }
    if (missing) pushPull(weighted, height, width);
    for (let y = 0, i = 0; y < height; y++) {
      let to = ((top + y) * frame.width + left) * 4;
      for (let x = 0; x < width; x++, i++, to += 4) {
        if (values[i] > 0) for (let c = 0; c < 3; c++) out[to + c] += (weighted[i * 4 + c] - out[to + c]) * values[i];
      }
    }
  }
}

/**
 * Fill what is unknown in the hole's box from an image through a map, where `hidden` does not cover it; matched in
 * colour by what both show around the hole.
 * @returns the number of pixels filled.
 */
function look(weighted, { left, top, width, height, values }, image, hidden, map) {
  const found = [];
  const apart = [0, 0, 0];
  let shared = 0;
  const colour = [0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const isKnown = weighted[i * 4 + 3] > 0;
      if (isKnown && (values[i] > 0 || x % 4 || y % 4)) continue; // a sixteenth of the surroundings is enough
      if (!sampleColour(image, hidden, map, left + x + 0.5, top + y + 0.5, colour)) continue;
      if (isKnown) {
        for (let c = 0; c < 3; c++) apart[c] += weighted[i * 4 + c] - colour[c];
        shared++;
      } else {
        found.push(i, colour[0], colour[1], colour[2]);
      }
    }
  }
  for (let n = 0; n < found.length; n += 4) {
    const i = found[n] * 4;
    for (let c = 0; c < 3; c++) weighted[i + c] = found[n + 1 + c] + apart[c] / Math.max(shared, 1);
    weighted[i + 3] = 1;
  }
  return found.length / 4;
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

/** {left, top, width, height, values}: share 0..1 of each pixel that is filled, with a free border around; or null. */
function holeOf(frame, soft) {
  const margin = Math.max(2, Math.round(Math.min(frame.width, frame.height) * MARGIN));
  const box = widened(soft, margin + 8, frame);
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

function forEachRow({ left, top, width, height, values }, frame, use) {
  for (let y = 0; y < height; y++) {
    use(values.subarray(y * width, (y + 1) * width), (top + y) * frame.width + left);
  }
}

function sizeOf({ width, height }) {
  return { width, height };
}
