/** Candidates for one mask, and how to choose among them: a port of mobilevos/engine/candidates.py. */

const VOTE = 0.5; // what it is worth that another view shows the same, in units of IoU
const CANDIDATES = 3;
const ALIKE = 0.8; // IoU of candidates that are one and the same
const FAULT = 0.3; // what a candidate's estimate of itself is believed to be too high for each click that it contradicts

/** One mask as the network drew it, log-odds (rows, columns), with its estimated IoU. */
export function candidateOf(region, odds, quality, clicks) {
  const mask = odds.map((value) => 1 / (1 + Math.exp(-Math.min(Math.max(value, -20), 20))));
  const nothing = odds.some((value) => value > 0) ? 0 : 1;
  const faults = contradicted(region, odds, clicks);
  return { region, odds, mask, quality, faults, worth: quality - FAULT * faults - nothing };
}

/**
 * Candidates of one view, best first, after the mean of them all: where there is no doubt what is meant, it is better;
 * before it if that contradicts more clicks.
 */
export function withMean(found, clicks) {
  const ranked = [...found].sort((a, b) => b.worth - a.worth);
  const [{ region, quality }] = ranked;
  const odds = ranked[0].odds.map((_, i) => found.reduce((sum, each) => sum + each.odds[i], 0) / found.length);
  const mean = candidateOf(region, odds, quality, clicks);
  const [first, ...others] = ranked;
  const best = mean.faults > first.faults ? [first, mean] : [mean, first];
  return [...best, ...others].slice(0, CANDIDATES);
}

/** Candidates of several views, best first: what they think of themselves, and how far the other views agree. */
export function agreed(views, canvas) {
  const shapes = views.map((view) => view.map((candidate) => shapeIn(canvas, candidate)));
  const ranked = [];
  views.forEach((view, own) =>
    view.forEach((candidate, row) => {
      let rank = candidate.worth;
      views.forEach((other, n) => {
        if (n === own) return;
        rank += VOTE * Math.max(...other.map((its, at) => its.quality * iou(shapes[own][row], shapes[n][at])));
      });
      ranked.push({ rank, candidate });
    }),
  );
  return ranked.sort((a, b) => b.rank - a.rank).map(({ candidate }) => candidate);
}

/** The next that is something else than the first, as seen in a region; undefined if all are the same. */
export function another(found, canvas) {
  const first = shapeIn(canvas, found[0]);
  return found.slice(1).find((candidate) => iou(first, shapeIn(canvas, candidate)) < ALIKE);
}

/**
 * Number of the first of some masks (0/1, like the label map) that takes fewest of the other objects of a label map. One is taken
 * if more than a third of its pixels are: who clicks on a ball before a player does not mean both.
 */
export function sparing(masks, others) {
  const sizes = new Float64Array(256);
  for (let i = 0; i < others.length; i++) sizes[others[i]]++;
  const taken = masks.map((mask) => {
    const covered = new Float64Array(256);
    for (let i = 0; i < others.length; i++) if (mask[i]) covered[others[i]]++;
    return covered.filter((count, id) => id && 3 * count > sizes[id]).length;
  });
  return taken.indexOf(Math.min(...taken));
}

/**
 * The first, and those of the others that together come closest to whatever may be meant: each further one is that which
 * adds most to the IoU that the best of those chosen will have with it. They are compared in the region `canvas`.
 */
export function telling(first, others, canvas) {
  const pool = [first, ...others];
  const shapes = pool.map((candidate) => shapeIn(canvas, candidate));
  const likely = others.map(({ worth }) => Math.max(worth, 0.01));
  const alike = shapes.map((one) => shapes.map((other) => iou(one, other)));
  const kept = [0];
  while (kept.length < CANDIDATES) {
    const reached = alike.map((own) =>
      likely.reduce((sum, weight, n) => sum + weight * Math.max(own[n + 1], ...kept.map((k) => alike[k][n + 1])), 0),
    );
    const next = reached.indexOf(Math.max(...reached));
    if (kept.includes(next)) break;
    kept.push(next);
  }
  return kept.map((number) => pool[number]);
}

/** 1 where a candidate is, on the grid of another region. */
function shapeIn(region, candidate) {
  return Uint8Array.from(candidate.region.transfer(candidate.mask, region), (value) => (value > 0.5 ? 1 : 0));
}

function iou(one, other) {
  let both = 0;
  let either = 0;
  for (let i = 0; i < one.length; i++) {
    both += one[i] & other[i];
    either += one[i] | other[i];
  }
  return both / Math.max(either, 1);
}

/** How many clicks a candidate's log-odds (rows, columns) do not follow, not even in a neighbouring cell. */
function contradicted(region, odds, clicks) {
  const cell = (at, count) => Math.min(Math.max(Math.floor(at), 0), count - 1);
  return clicks.filter(({ x, y, positive }) => {
    const row = cell(((y - region.top) * region.rows) / region.boxHeight, region.rows);
    const column = cell(((x - region.left) * region.columns) / region.boxWidth, region.columns);
    for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, region.rows - 1); r++) {
      for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, region.columns - 1); c++) {
        const value = odds[r * region.columns + c];
        if (positive ? value > 0 : value < 0) return false;
      }
    }
    return true;
  }).length;
}
