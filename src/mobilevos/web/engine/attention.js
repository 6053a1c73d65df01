/** What is decided for a frame, apart from running the network: a port of mobilevos/engine/attention.py. */

import { around, wholeFrame } from "./region.js";

const NARROWING = 4; // searches after which the region is as narrow as it gets

/** Decides by a mode for frames of one size; it keeps no state. Bounds are [left, top, right, bottom] or null. */
export class Attention {
  constructor(mode, width, height) {
    Object.assign(this, { mode, width, height });
  }

  /** The whole frame. */
  get everywhere() {
    return wholeFrame(this.width, this.height, this.mode.size);
  }

  /** Where to look for objects that were last seen within some bounds; at `least` so many source pixels. */
  region(bounds, least) {
    const boxes = bounds.filter(Boolean);
    if (!boxes.length) return this.everywhere;
    return around(boxes, this.width, this.height, this.mode.size, this.mode.margin, least);
  }

  /** The same, but not much smaller than the region before; it narrows sooner when a search found no lost object. */
  nextRegion(bounds, before, missing = []) {
    const { search, shrink, narrow } = this.mode;
    const gone = missing.some((frames) => search <= frames && frames < NARROWING * search);
    const part = gone ? Math.min(shrink, narrow) : shrink;
    return this.region(bounds, { width: part * before.boxWidth, height: part * before.boxHeight });
  }

  /** Where to look when objects were added or corrected: at the region before, if it holds all and fits as well. */
  changed(bounds, before) {
    const region = this.region(bounds);
    // Masks that are moved time and again lose their borders.
    const fits = region.resembles(before) && bounds.every((box) => !box || before.holds(box));
    return fits ? before : region;
  }

  /** {region, search, remember} of the next frame. */
  plan(bounds, missing, before, unremembered) {
    const { search, refresh } = this.mode;
    const region = this.nextRegion(bounds, before, missing);
    const due = Math.max(...missing) % search === search - 1;
    return {
      region,
      search: due && !region.equals(this.everywhere),
      remember: unremembered + 1 >= refresh,
    };
  }
}
