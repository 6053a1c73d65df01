// Outlines of objects as smooth lines, in the frame's coordinates.
import { runsIn } from "../engine/runs.js";

/** How often corners are rounded: each time a point moves half the way to its neighbours' middle. */
const ROUNDINGS = 2;
/** Steps right, down, left, up from a corner of pixels, as [dx, dy]. */
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]];

/**
 * Closed lines around every object and every hole in one, along the borders of pixels: (0, 0) is the frame's corner.
 * @param {Uint8Array} labels width * height ids
 * @returns {Map<number, Path2D>} by id; to be filled by the even-odd rule
 */
export function outlines(labels, width, height) {
  const paths = new Map();
  const seen = new Uint8Array(labels.length); // 1: the pixel's left border was walked along
  const runEnd = runsIn(labels);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let at = row; at < row + width; at = runEnd(at, row + width)) {
      const id = labels[at];
      if (!id || seen[at]) continue;
      if (!paths.has(id)) paths.set(id, new Path2D());
      draw(paths.get(id), rounded(walk(labels, width, height, at - row, y, id, seen)));
    }
  }
  return paths;
}

/** Middles of the pixel borders on the way around a part of an object, upwards along a left border first: [x, y, x, y ...]. */
function walk(labels, width, height, startX, startY, id, seen) {
  const is = (x, y) => x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] === id;
  const points = [];
  let x = startX, y = startY + 1, direction = 3;
  do {
    if (direction === 3) seen[(y - 1) * width + x] = 1;
    const [dx, dy] = STEPS[direction];
    points.push(x + dx / 2, y + dy / 2);
    x += dx;
    y += dy;
    // The object is on the right hand; where two of its pixels touch by their corners, they stay apart.
    const ahead = (side) => {
      const [ax, ay] = STEPS[direction], [sx, sy] = STEPS[(direction + side) % 4];
      return is(x + (ax + sx - 1) / 2, y + (ay + sy - 1) / 2);
    };
    if (!ahead(1)) direction = (direction + 1) % 4;
    else if (ahead(3)) direction = (direction + 3) % 4;
  } while (x !== startX || y !== startY + 1 || direction !== 3);
  return points;
}

function rounded(points) {
  const count = points.length;
  for (let time = 0; time < ROUNDINGS; time++) {
    const before = points;
    points = before.map((value, at) => (before[(at + count - 2) % count] + 2 * value + before[(at + 2) % count]) / 4);
  }
  return points;
}

function draw(path, points) {
  path.moveTo(points[0], points[1]);
  for (let at = 2; at < points.length; at += 2) path.lineTo(points[at], points[at + 1]);
  path.closePath();
}
