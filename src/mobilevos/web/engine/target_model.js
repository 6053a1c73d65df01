/** What tells each object from all that was seen beside it: a port of mobilevos/engine/target_model.py. */

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
    found.set(solved(equations.subarray(k * size, (k + 1) * size), unknowns), k * unknowns);
  }
  return found;
}

/** Gauss-Jordan elimination of n equations (n, n + 1); they are positive definite, so no pivot is 0. */
function solved(equations, n) {
  const row = (i) => equations.subarray(i * (n + 1), (i + 1) * (n + 1));
  for (let pivot = 0; pivot < n; pivot++) {
    const own = row(pivot);
    const scale = 1 / own[pivot];
    for (let column = pivot; column <= n; column++) own[column] *= scale;
    for (let i = 0; i < n; i++) {
      const factor = row(i)[pivot];
      if (i === pivot || factor === 0) continue;
      for (let column = pivot; column <= n; column++) row(i)[column] -= factor * own[column];
    }
  }
  return Float64Array.from({ length: n }, (_, i) => row(i)[n]);
}
