// Shapes painted into label maps.

/** Calls `paint(offset, from, to)` for every row of an image that a span of a shape touches. */
function spans(width, height, top, bottom, spanOf, paint) {
  for (let y = Math.max(0, Math.ceil(top)); y <= Math.min(height - 1, Math.floor(bottom)); y++) {
    for (const [left, right] of spanOf(y)) {
      const from = Math.max(0, Math.ceil(left)), to = Math.min(width, Math.floor(right) + 1);
      if (from < to) paint(y * width + from, y * width + to);
    }
  }
}

/**
 * Everything within `radius` of the line from a to b.
 * @param {(from: number, to: number) => void} paint called for runs of pixels
 */
export function stroke(width, height, a, b, radius, paint) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy || 1;
  const near = (x, y) => {
    const along = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
    return Math.hypot(x - a.x - along * dx, y - a.y - along * dy) <= radius;
  };
  const left = Math.floor(Math.min(a.x, b.x) - radius), right = Math.ceil(Math.max(a.x, b.x) + radius);
  const spanOf = (y) => {
    let from = left, to = right;
    while (from <= to && !near(from, y)) from++;
    while (to >= from && !near(to, y)) to--;
    return [[from, to]]; // the shape is convex
  };
  spans(width, height, Math.min(a.y, b.y) - radius, Math.max(a.y, b.y) + radius, spanOf, paint);
}

/** The inside of a polygon, by the even-odd rule, at the centres of pixels. */
export function polygon(width, height, points, paint) {
  const ys = points.map(({ y }) => y);
  const spanOf = (y) => {
    const crossings = [];
    points.forEach((a, at) => {
      const b = points[(at + 1) % points.length];
      if (a.y <= y !== b.y <= y) crossings.push(a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y));
    });
    crossings.sort((one, other) => one - other);
    return Array.from({ length: crossings.length >> 1 }, (_, pair) => crossings.slice(2 * pair, 2 * pair + 2));
  };
  spans(width, height, Math.min(...ys), Math.max(...ys), spanOf, paint);
}
