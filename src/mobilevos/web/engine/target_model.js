/** What tells each object from all that was seen beside it: a port of mobilevos/engine/target_model.py. */

const RIDGE = 0.02; // regularisation

/**
 * Normal equations Float64Array (K, D + 1, D + 2) of one frame for K objects: the object, its rivals and the rest weigh as
 * 2 : 1 : 1, however large they are. null for a network without a target model.
 *
 * @param descriptor a tensor (1, D, H/8, W/8), undefined for a network without.
 * @param masks (K, H/4, W/4) of all its objects, 0..1.
 */
export function evidenceOf(descriptor, masks, { rows, columns }) {
  if (!descriptor) return null;
  const count = masks.length / (rows * columns);
  const pixels = (rows * columns) / 4;
  const size = descriptor.data.length / pixels;
  const out = new Float64Array(count * (size + 1) * (size + 2));
  for (let k = 0; k < count; k++) {
    const { own, rivals } = shares(masks, k, rows, columns);
    const scale = (weight, group) => weight / (group.reduce((sum, share) => sum + share, 0) + 1);
    const rest = own.map((share, i) => Math.max(1 - share - rivals[i], 0));
    const [ofOwn, ofRivals, ofRest] = [scale(2, own), scale(1, rivals), scale(1, rest)];
    const at = (i, j) => (k * (size + 1) + i) * (size + 2) + j;
    const sample = new Float64Array(size + 1).fill(1);
    for (let p = 0; p < pixels; p++) {
      const weight = own[p] * ofOwn + rivals[p] * ofRivals + rest[p] * ofRest;
      for (let c = 0; c < size; c++) sample[c] = descriptor.data[c * pixels + p];
      for (let i = 0; i <= size; i++) {
        const weighted = weight * sample[i];
        for (let j = 0; j <= i; j++) out[at(i, j)] += weighted * sample[j];
        out[at(i, size + 1)] += weighted * (2 * own[p] - 1);
      }
    }
    for (let i = 0; i <= size; i++) {
      for (let j = i + 1; j <= size; j++) out[at(i, j)] = out[at(j, i)];
      out[at(i, i)] += RIDGE;
    }
  }
  return out;
}

/** Of each 2 x 2 cells, the share of object `k` and that of all others. */
function shares(masks, k, rows, columns) {
  const cells = rows * columns;
  const [own, rivals] = [new Float64Array(cells / 4), new Float64Array(cells / 4)];
  for (let i = 0; i < cells; i++) {
    const block = (Math.floor(i / columns) >> 1) * (columns / 2) + ((i % columns) >> 1);
    let together = 0;
    for (let at = i; at < masks.length; at += cells) together += masks[at];
    own[block] += masks[k * cells + i] / 4;
    rivals[block] += Math.min(Math.max(together - masks[k * cells + i], 0), 1) / 4;
  }
  return { own, rivals };
}

/**
 * Classifiers Float32Array (K, n) of K objects from the evidence (K, n, n + 1) of some frames: symmetric, regularised
 * matrices and, last, the right sides. Those of several frames add up. null for a network without a target model.
 */
export function classifiers(evidence, count) {
  const known = evidence.filter(Boolean);
  if (!known.length) return null;
  const equations = Float64Array.from(known[0], (_, i) => known.reduce((sum, part) => sum + part[i], 0));
  const size = equations.length / count;
  const unknowns = Math.floor(Math.sqrt(size));
  const found = new Float32Array(count * unknowns);
  for (let k = 0; k < count; k++) {
    found.set(solved(equations.subarray(k * size), unknowns), k * unknowns);
  }
  return found;
}

/** Gauss-Jordan elimination of n equations (n, n + 1); they are positive definite, so no pivot is 0. */
function solved(equations, n) {
  const row = (i) => equations.subarray(i * (n + 1));
  for (let pivot = 0; pivot < n; pivot++) {
    const own = row(pivot);
    const scale = 1 / own[pivot];
    for (let column = pivot; column <= n; column++) own[column] *= scale;
    for (let i = 0; i < n; i++) {
      const factor = row(i)[pivot];
      if (i === pivot) continue;
      for (let column = pivot; column <= n; column++) row(i)[column] -= factor * own[column];
    }
  }
  return Float64Array.from({ length: n }, (_, i) => row(i)[n]);
}
