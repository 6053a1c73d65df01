/**
 * A mask from a rough scribble: a first guess is shown to the network as if it were the mask of a frame, and the
 * network finds the object in that same frame anew; after a few rounds it has settled on the object's borders.
 */

import { InputError } from "./errors.js";
import { recall } from "./memory.js";
import { resizeRgb } from "./resample.js";
import { Region, around } from "./region.js";
import { MemoryFrame } from "./sighting.js";

const SIZE = 384; // the network sees about SIZE x SIZE pixels
const MARGIN = 0.5; // around the object: with nothing to compare with, the network needs to see some background
const SCRIBBLE_ROUNDS = 3;
const GRID = 128; // scribbles spread on a grid of this many cells along the longer side
const STEP = 6; // cost of a step between cells of the same colour, in units of colour (0..255)
const RESERVE = 0.6; // without a scribble outside, the frame's border stands in for it, from this much nearer by

/** Uint8Array (height * width), 1 on the object that the pixels `inside` belong to and the pixels `outside` do not. */
export async function scribbleToMask(network, frame, inside, outside) {
  for (const strokes of [inside, outside]) {
    if (!(strokes instanceof Uint8Array) || strokes.length !== frame.width * frame.height) {
      throw new InputError("scribbleSize", { width: frame.width, height: frame.height });
    }
  }
  if (!inside.some(Boolean)) throw new InputError("scribbleEmpty");
  const guess = spread(frame, inside, outside);
  const obeying = (i, found) => (found || inside[i]) && !outside[i];
  return settle(network, frame, guess, obeying);
}

async function settle(network, frame, mask, allowed) {
  const { width, height } = frame;
  const source = new Region(0, 0, width, height, height, width);
  for (let round = 0; round < SCRIBBLE_ROUNDS; round++) {
    const bounds = source.boundsOfLabel(mask, 1);
    if (!bounds) break;
    const region = around([bounds], width, height, SIZE, MARGIN);
    const features = await network.query(region.view(frame), region.height, region.width);
    // Without a prior: the network would believe the guess.
    const nothing = new Float32Array(region.cells);
    const found = await readBack(network, features, region.viewMasks(mask, width, [1]), nothing, region);
    const labels = new Uint8Array(width * height);
    region.paint(found, [1], labels, width);
    mask = mapPixels(frame, (i) => allowed(i, labels[i] > 0));
  }
  return mask;
}

/** Probabilities of the object in a frame if a mask of that same frame is all that the network knows of it. */
async function readBack(network, features, mask, prior, region) {
  const value = await network.memorise(features, mask, 1, region);
  const own = new MemoryFrame(region, features, mask, [0], features.key.data, value).learn();
  return network.read(features, recall([own]), prior, 1, region);
}

/** Every pixel goes to the scribble that is nearer along paths of similar colour. */
function spread(frame, inside, outside) {
  const scale = GRID / Math.max(frame.width, frame.height);
  const columns = Math.max(2, Math.round(frame.width * scale));
  const rows = Math.max(2, Math.round(frame.height * scale));
  const colours = resizeRgb(frame.crop(0, 0, frame.width, frame.height), columns, rows);
  const cellOf = (x, y) =>
    Math.min(Math.floor((y * rows) / frame.height), rows - 1) * columns +
    Math.min(Math.floor((x * columns) / frame.width), columns - 1);
  const seeds = (strokes) => {
    const far = new Float32Array(rows * columns).fill(Infinity);
    for (let y = 0, i = 0; y < frame.height; y++) {
      for (let x = 0; x < frame.width; x++, i++) if (strokes[i]) far[cellOf(x, y)] = 0;
    }
    return far;
  };
  const toInside = seeds(inside);
  const toOutside = seeds(outside);
  const hasOutside = outside.some(Boolean);
  if (!hasOutside) {
    for (let cell = 0; cell < toOutside.length; cell++) {
      const column = cell % columns;
      const isBorder = cell < columns || cell >= columns * (rows - 1) || column === 0 || column === columns - 1;
      if (isBorder && toInside[cell] > 0) toOutside[cell] = 0;
    }
  }
  for (const distances of [toInside, toOutside]) travel(distances, colours, rows, columns);
  const reserve = hasOutside ? 1 : RESERVE;
  return mapPixels(frame, (i, x, y) => {
    const cell = cellOf(x, y);
    return (toInside[cell] < toOutside[cell] * reserve || inside[i]) && !outside[i];
  });
}

/** Distances from the cells at 0 along the cheapest paths; sweeps forth and back until nothing changes. */
function travel(distances, colours, rows, columns) {
  const relax = (to, from) => {
    let cost = STEP;
    for (let c = 0; c < 3; c++) cost += Math.abs(colours[to * 3 + c] - colours[from * 3 + c]);
    if (distances[from] + cost >= distances[to]) return false;
    distances[to] = distances[from] + cost;
    return true;
  };
  const last = rows * columns - 1;
  for (let changed = true; changed; ) {
    changed = false;
    for (let cell = 0; cell <= last; cell++) {
      if (cell % columns) changed = relax(cell, cell - 1) || changed;
      if (cell >= columns) changed = relax(cell, cell - columns) || changed;
    }
    for (let cell = last; cell >= 0; cell--) {
      if ((cell + 1) % columns) changed = relax(cell, cell + 1) || changed;
      if (cell + columns <= last) changed = relax(cell, cell + columns) || changed;
    }
  }
}

function mapPixels({ width, height }, isInside) {
  const mask = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) mask[i] = isInside(i, x, y) ? 1 : 0;
  return mask;
}
