/** What the page's engine answers to cases of candidates for a mask: what golden_candidates.py has for Python. */

import { agreed, another, candidateOf, telling, withMean } from "./engine/candidates.js";
import { Region } from "./engine/region.js";
import { packed } from "./golden_packing.mjs";

export const clickOf = ([x, y, positive]) => ({ x, y, positive });

/** With so many clicks that it contradicts. */
export function candidateFrom([region, odds, quality, faults]) {
  const seen = new Region(...region);
  const click = { x: seen.left, y: seen.top, positive: !odds.some((value) => value > 0) };
  return candidateOf(seen, odds, quality, Array(faults).fill(click));
}

export const candidates = {
  candidates_with_mean({ found, clicks }) {
    const given = found.map(candidateFrom);
    const answer = withMean(given, clicks.map(clickOf));
    const order = answer.map((each) => given.indexOf(each));
    const { mask, quality, worth } = answer[order.indexOf(-1)];
    return [order, packed(mask, found[0][1].shape), quality, worth];
  },

  candidates_agreed({ views, canvas }) {
    const given = views.map((view) => view.map(candidateFrom));
    return agreed(given, new Region(...canvas)).map((each) => given.flat().indexOf(each));
  },

  candidates_another({ found, canvas }) {
    const given = found.map(candidateFrom);
    const other = another(given, new Region(...canvas));
    return other ? given.indexOf(other) : null;
  },

  candidates_telling({ first, others, canvas }) {
    const given = [first, ...others].map(candidateFrom);
    return telling(given[0], given.slice(1), new Region(...canvas)).map((each) => given.indexOf(each));
  },

  candidates_contradicted: ({ region, logits, clicks }) =>
    candidateOf(new Region(...region), logits, 0.5, clicks.map(clickOf)).worth,
};
