// Label maps packed: a mask of a whole frame in about a byte for each of its edges in a row, so that hours of masks fit in
// memory. A run is mostly about as long as that two before it, which is the same object's in the row above, and has its id:
// so the difference is written, and whether the id is another one.

import { runsIn } from "../engine/runs.js";

let scratch = new Uint8Array(1 << 12);

/**
 * Packs runs.
 * @param {(add: (length: number, id: number) => void) => void} give tells every run in turn, row by row; id 0 is background
 * @returns {Uint8Array} for each run 2 * difference (its sign in the lowest bit), doubled, plus 1 where an id follows; in
 *   groups of 7 bits, the lowest first, of which all but the last have 128 added
 */
function packed(give) {
  let size = 0;
  const lengths = [0, 0], ids = [0, 0];
  const put = (value) => {
    for (; value > 127; value >>>= 7) scratch[size++] = (value & 127) | 128;
    scratch[size++] = value;
  };
  give((length, id) => {
    if (size + 8 > scratch.length) {
      const larger = new Uint8Array(2 * scratch.length);
      larger.set(scratch);
      scratch = larger;
    }
    const difference = length - lengths[0], isOther = id !== ids[0];
    put((((difference << 1) ^ (difference >> 31)) << 1) | (isOther ? 1 : 0));
    if (isOther) scratch[size++] = id;
    [lengths[0], lengths[1]] = [lengths[1], length];
    [ids[0], ids[1]] = [ids[1], id];
  });
  return scratch.slice(0, size);
}

/** Calls `use` with the length and the id of each run. */
function forEachRun(mask, use) {
  let [length, after, id, afterId] = [0, 0, 0, 0];
  for (let at = 0; at < mask.length; ) {
    let value = 0, shift = 0, group;
    do {
      group = mask[at++];
      value |= (group & 127) << shift;
      shift += 7;
    } while (group > 127);
    const folded = value >>> 2;
    const found = length + ((value & 2) ? ~folded : folded);
    const foundId = value & 1 ? mask[at++] : id;
    use(found, foundId);
    [length, after, id, afterId] = [after, found, afterId, foundId];
  }
}

/** Packs a label map. @param {Uint8Array} labels width * height ids, 0 = background */
export function pack(labels) {
  return packed((add) => {
    const runEnd = runsIn(labels);
    for (let start = 0, end; start < labels.length; start = end) {
      end = runEnd(start, labels.length);
      add(end - start, labels[start]);
    }
  });
}

/** Unpacks a mask into a label map of the given number of pixels. */
export function unpack(mask, pixels) {
  const labels = new Uint8Array(pixels);
  let at = 0;
  forEachRun(mask, (length, id) => {
    if (id) labels.fill(id, at, at + length);
    at += length;
  });
  return labels;
}

/** Packs what `runsOf` gives. @param {number[]} runs length, id, length, id ... */
export function packRuns(runs) {
  return packed((add) => {
    for (let at = 0; at < runs.length; at += 2) add(runs[at], runs[at + 1]);
  });
}

/** The label map of a mask as run lengths and ids in turn: length, id, length, id ... */
export function runsOf(mask) {
  const runs = [];
  forEachRun(mask, (length, id) => runs.push(length, id));
  return runs;
}

/** Ids that occur in a mask, in ascending order. */
export function idsOf(mask) {
  const present = new Set();
  forEachRun(mask, (_, id) => id && present.add(id));
  return [...present].sort((a, b) => a - b);
}

/** The same mask with one object's pixels made background; the very same array where it does not occur. */
export function without(mask, id) {
  if (!idsOf(mask).includes(id)) return mask;
  return packRuns(runsOf(mask).map((value, at) => (at % 2 && value === id ? 0 : value)));
}
