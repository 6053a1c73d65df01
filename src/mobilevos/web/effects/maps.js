/**
 * Plane-to-plane maps between frames, row-major 3 x 3 in arrays of 9. Coordinates are continuous: (0, 0) is the outer
 * corner of the first pixel and (0.5, 0.5) its centre.
 */

export const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function shift(x, y) {
  return [1, 0, x, 0, 1, y, 0, 0, 1];
}

/** First `b`, then `a`. */
export function product(a, b) {
  const out = new Array(9).fill(0);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) out[3 * i + j] += a[3 * i + k] * b[3 * k + j];
  }
  return out;
}

export function inverse([a, b, c, d, e, f, g, h, i]) {
  const first = e * i - f * h;
  const second = f * g - d * i;
  const third = d * h - e * g;
  const scale = 1 / (a * first + b * second + c * third);
  const adjugate = [
    first, c * h - b * i, b * f - c * e,
    second, a * i - c * g, c * d - a * f,
    third, b * g - a * h, a * e - b * d,
  ];
  return adjugate.map((value) => value * scale);
}

/** A map between frames -> the same map between these frames reduced by a factor. */
export function atScale([a, b, c, d, e, f, g, h, i], factor) {
  return [a, b, c / factor, d, e, f / factor, g * factor, h * factor, i];
}

/** Solve a symmetric positive system (n x n, row-major) in place; the solution replaces `right`. */
export function solve(matrix, right) {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const share = matrix[j * n + i] / matrix[i * n + i];
      for (let k = i; k < n; k++) matrix[j * n + k] -= share * matrix[i * n + k];
      right[j] -= share * right[i];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) right[i] -= matrix[i * n + k] * right[k];
    right[i] /= matrix[i * n + i];
  }
  return right;
}
