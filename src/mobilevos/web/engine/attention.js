/** What is decided for a frame, apart from running the network: a port of mobilevos/engine/attention.py. */

import { groups } from "./grouping.js";
import { around, wholeFrame } from "./region.js";

const NARROWING = 4; // searches after which the region is as narrow as it gets

/**
 * Decides by a mode for frames of one size; it keeps no state. Places are each
 * object's bounds [left, top, right, bottom], by its row, or null if it is out of sight.
 */
export class Attention {
  constructor(mode, width, height) {
    Object.assign(this, { mode, width, height });
  }

  /** The whole frame. */
  get everywhere() {
    return wholeFrame(this.width, this.height, this.mode.size, this.mode.enlarged);
  }

  /** Where to look for objects that were last seen within some bounds; at `least` so many source pixels. */
  region(bounds, least) {
    const boxes = bounds.filter(Boolean);
    if (!boxes.length) return this.everywhere;
    const { size, enlarged, margin } = this.mode;
    return around(boxes, this.width, this.height, size, margin, least, undefined, enlarged);
  }

  /** [{region, rows}]: where to look when nothing is known of frames before. */
  views(places) {
    return this.#groups(places).map((rows) => ({ region: this.#of(places, rows), rows }));
  }

  /** The same, but not much smaller than before, and in as many views as before unless it pays to change. */
  nextViews(places, before, missing = []) {
    const { search, shrink, narrow } = this.mode;
    const isGone = missing.some((frames) => search <= frames && frames < NARROWING * search);
    return this.#groups(places, before).map((rows) => {
      const seen = rows.filter((row) => places[row]);
      const home = before.find((view) => seen.some((row) => view.rows.includes(row))) ?? before[0];
      const isSplit = home.rows.some((row) => places[row] && !rows.includes(row));
      const part = isGone || isSplit ? Math.min(shrink, narrow) : shrink;
      const least = { width: part * home.region.boxWidth, height: part * home.region.boxHeight };
      return { region: this.#of(places, rows, least), rows };
    });
  }

  /** Where to look when objects were added or corrected: as before, if it holds all and fits as well. */
  changed(places, before) {
    // Masks that are moved time and again lose their borders.
    return this.views(places).map(({ region, rows }) => {
      const boxes = rows.map((row) => places[row]).filter(Boolean);
      const fits = (old) => region.resembles(old.region) && boxes.every((box) => old.region.holds(box));
      return { region: before.find(fits)?.region ?? region, rows };
    });
  }

  /** {views, search, remember} of the next frame. */
  plan(places, missing, before, unremembered) {
    const { search, refresh } = this.mode;
    const views = this.nextViews(places, before, missing);
    const isDue = Math.max(...missing) % search === search - 1;
    return {
      views,
      search: isDue && !views.some(({ region }) => region.equals(this.everywhere)),
      remember: unremembered + 1 >= refresh,
    };
  }

  #of(places, rows, least) {
    return this.region(rows.map((row) => places[row]), least);
  }

  #groups(places, before = []) {
    return groups(places, (bounds) => this.region(bounds), before.map(({ rows }) => rows));
  }
}
