// What is still to be tracked: runs of frames, each found from the one before it, forwards or backwards.
import { idsOf } from "./labels.js";

/**
 * @typedef {{from: number, to: number, ids: number[] | null}} Pass
 *   from: a frame with masks; to: the last frame to be found, below `from` when tracking backwards; ids: objects of which
 *   masks are stored, all if null
 */

/**
 * Passes after which every frame from `first` to `last` has up-to-date masks: forwards from the first mark, then backwards
 * from each frame in which an object was marked for the first time.
 * @returns {Pass[]}
 */
export function missingPasses(project, first, last) {
  const { marked } = project;
  if (!marked.length) return [];
  const passes = [];
  const begin = marked[0];
  let from = null;
  for (let at = Math.max(begin, first) + (begin >= first ? 1 : 0); at <= last; at++) {
    if (project.entry(at)?.stale === false) continue;
    from = project.lastFresh(at) ?? begin;
    break;
  }
  if (from !== null) passes.push({ from, to: last, ids: null });
  const seen = new Set();
  for (const at of marked) {
    const born = idsOf(project.entry(at).mask).filter((id) => !seen.has(id));
    born.forEach((id) => seen.add(id));
    if (!born.length || at <= first) continue;
    const isFound = (index) => {
      const entry = project.entry(index);
      const willBeFound = from !== null && index > from;
      return entry && !entry.stale && !willBeFound && born.every((id) => entry.objects.some((object) => object.id === id));
    };
    let start = at;
    while (start > first && isFound(start - 1)) start--;
    if (start > first) passes.push({ from: start, to: first, ids: at === begin ? null : born });
  }
  return passes;
}

/** The pass backwards from a frame to the marked frame before it, or to `first`. @returns {Pass | null} */
export function passBack(project, index, first) {
  const before = project.marked.filter((at) => at < index).at(-1);
  const to = Math.max(first, before === undefined ? first : before + 1);
  return project.entry(index) && to < index ? { from: index, to, ids: null } : null;
}

/** Number of frames that passes will find. */
export function lengthOf(passes) {
  return passes.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
}
