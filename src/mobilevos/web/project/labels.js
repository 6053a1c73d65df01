// Label maps as runs: a mask of a whole frame in a few hundred numbers, so that hours of masks fit in memory.

/**
 * Packs a label map, row by row, into runs.
 * @param {Uint8Array} labels width * height ids, 0 = background
 * @returns {Uint32Array} per run: length * 256 + id
 */
export function pack(labels) {
  const runs = [];
  let start = 0;
  for (let at = 1; at <= labels.length; at++) {
    if (at < labels.length && labels[at] === labels[start] && at - start < 0xffffff) continue;
    runs.push((at - start) * 256 + labels[start]);
    start = at;
  }
  return Uint32Array.from(runs);
}

/** Unpacks runs into a label map of the given number of pixels. */
export function unpack(runs, pixels) {
  const labels = new Uint8Array(pixels);
  let at = 0;
  for (const run of runs) {
    const end = at + (run >>> 8);
    if (run & 255) labels.fill(run & 255, at, end);
    at = end;
  }
  return labels;
}

/** Ids that occur in runs, in ascending order. */
export function idsOf(runs) {
  const present = new Set();
  for (const run of runs) if (run & 255) present.add(run & 255);
  return [...present].sort((a, b) => a - b);
}

/** The same runs with one object's pixels made background; the very same array where it does not occur. */
export function without(runs, id) {
  return runs.some((run) => (run & 255) === id) ? runs.map((run) => ((run & 255) === id ? run - id : run)) : runs;
}
