/**
 * Looking for objects that are out of sight, or that seem to be elsewhere, in one frame: a port of
 * mobilevos/engine/search.py.
 */

import { hasLeapt, without } from "./returns.js";
import { Sighting, inSight, rowOf } from "./sighting.js";

export class Search {
  #attention;
  #perception;
  #origin;
  #frame;
  #before;
  #visible;
  #missing;

  /**
   * @param before what was seen of the frame before.
   * @param missing frames since each object was last seen, by its row.
   */
  constructor(attention, perception, origin, frame, before, missing) {
    this.#attention = attention;
    this.#perception = perception;
    this.#origin = origin;
    this.#frame = frame;
    this.#before = before;
    const rows = [...missing.keys()];
    [this.#visible, this.#missing] = [rows.filter((row) => !missing[row]), rows.filter((row) => missing[row])];
  }

  /** Of what was seen of visible objects, take away what is elsewhere and is not known like one that returns. */
  async leaveOutLeaps(seen) {
    const leapt = this.#visible.filter((row) => {
      const { region } = seen.home(row);
      return hasLeapt(seen.mask(row), this.#before.maskIn(row, region), region.rows, region.columns);
    });
    const stayed = this.#visible.filter((row) => !leapt.includes(row));
    const gone = [];
    for (const row of leapt) if (!(await this.#back(seen.home(row), [row], stayed)).length) gone.push(row);
    if (!gone.length) return;
    for (const look of seen.looks) look.masks = without(look.masks, gone, look.region.cells);
  }

  /**
   * What was seen, with missing objects that are back; as it was, without what only passes for them. They are looked for
   * where the first of the others are or, to search everywhere, in a look of their own that does not change how the others
   * are seen. Who seems to be back is looked at again in the views that then hold all.
   */
  async withReturned(seen, everywhere) {
    const rows = [...seen.homes.keys()];
    let wide = seen.looks[0];
    if (everywhere) {
      const allOver = { region: this.#attention.everywhere, rows };
      wide = await this.#perception.look(this.#frame, allOver, seen, rows);
    }
    let back = await this.#back(wide, this.#missing, this.#visible);
    if (back.length) {
      const homes = seen.homes.map((home, row) => (back.includes(row) ? seen.looks.length : home));
      const found = new Sighting([...seen.looks, wide], homes);
      const isSeen = (row) => this.#visible.includes(row) || back.includes(row);
      const places = homes.map((_, row) => (isSeen(row) ? found.bounds(row) : null));
      const attention = this.#attention;
      const views = this.#visible.length ? attention.nextViews(places, seen.views) : attention.views(places);
      const closer = await this.#perception.see(this.#frame, views, found, rows, seen.looks);
      const kept = [];
      for (const row of back) kept.push(...(await this.#back(closer.home(row), [row], this.#visible)));
      back = kept;
      if (back.length) seen = closer;
    }
    const gone = this.#missing.filter((row) => !back.includes(row));
    if (this.#visible.length || gone.some((row) => inSight(seen.mask(row)))) {
      for (const look of seen.looks) look.masks = without(look.masks, gone, look.region.cells);
    }
    return seen;
  }

  async #back(look, rows, visible) {
    const { cells } = look.region;
    const before = this.#before.masksIn(look.region);
    const others = visible.map((row) => rowOf(before, row, cells));
    for (const row of this.#perception.likely(look, rows, others)) {
      look.masks.set(await this.#origin.ofLost(look, row), row * cells);
    }
    return this.#perception.back(look, rows, others);
  }
}
