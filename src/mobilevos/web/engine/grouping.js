/** Who is looked at together: a port of mobilevos/engine/grouping.py, which says more. Groups are rows in ascending order. */

const APART = 1.3; // objects are looked at in two regions if these show them so many times as large as one would
const TOGETHER = 1.15; // once they are, they stay so down to this

/**
 * One or two groups of all objects; who is out of sight belongs to the first.
 * @param places bounds of each object, null if it is out of sight.
 * @param region the region around some bounds.
 * @param before the groups in the frame before.
 */
export function groups(places, region, before = []) {
  const seen = [...places.keys()].filter((row) => places[row]);
  const one = region(places);
  const gain = (some) => {
    const others = seen.filter((row) => !some.includes(row));
    if (!some.length || !others.length) return 1;
    return Math.min(...[some, others].map((part) => region(part.map((row) => places[row])).zoom)) / one.zoom;
  };
  const kept = before.length ? before[0].filter((row) => places[row]) : [];
  const areKnown = seen.every((row) => before.some((group) => group.includes(row)));
  if (gain(kept) >= TOGETHER && areKnown) return asGroups(kept, seen, places.length);
  let best = [];
  for (const axis of [0, 1]) {
    const middle = (row) => places[row][axis] + places[row][axis + 2];
    const order = [...seen].sort((one, two) => middle(one) - middle(two));
    for (let cut = 1; cut < order.length; cut++) {
      const split = order.slice(0, cut);
      if (gain(split) > gain(best)) best = split;
    }
  }
  return asGroups(gain(best) >= APART ? best : [], seen, places.length);
}

/** Some visible objects and the others, as groups. */
function asGroups(some, seen, count) {
  const rest = seen.filter((row) => some.length && some.includes(row) !== some.includes(seen[0]));
  const first = [...Array(count).keys()].filter((row) => !rest.includes(row));
  return rest.length ? [first, rest] : [first];
}
