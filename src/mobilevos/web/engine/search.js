/**
 * Looking for objects that are out of sight, or that seem to be elsewhere, in one frame: a port of
 * mobilevos/engine/search.py.
 */

import { hasLeapt, withoutFarParts } from "./leaps.js";
import { without } from "./returns.js";
import { Look, Sighting, inSight, rowOf } from "./sighting.js";

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
    const visible = this.#visible.map((row) => {
      const look = seen.home(row);
      return { row, look, before: this.#before.maskIn(row, look.region) };
    });
    const leapt = visible.filter(({ row, look: { region }, before }) =>
      hasLeapt(seen.mask(row), before, region.rows, region.columns),
    );
    const stayed = visible.filter((each) => !leapt.includes(each)).map(({ row }) => row);
    const gone = [];
    for (const { row, look } of leapt) {
      if (!(await this.#back(look, [row], this.#masksBefore(stayed, look.region))).length) gone.push(row);
    }
    for (const look of gone.length ? seen.looks : []) look.masks = without(look.masks, gone, look.region.cells);
    for (const { row, look, before } of visible) {
      const { cells, rows, columns } = look.region;
      const area = this.#perception.whole(look, row);
      look.masks.set(withoutFarParts(look.row(row), before, area, rows, columns), row * cells);
    }
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
    let back = await this.#returned(wide, this.#missing);
    if (back.length) {
      const homes = seen.homes.map((home, row) => (back.includes(row) ? seen.looks.length : home));
      const found = new Sighting([...seen.looks, wide], homes);
      const isSeen = (row) => this.#visible.includes(row) || back.includes(row);
      const places = homes.map((_, row) => (isSeen(row) ? found.bounds(row) : null));
      const attention = this.#attention;
      const views = this.#visible.length ? attention.nextViews(places, seen.views) : attention.views(places);
      const closer = await this.#perception.see(this.#frame, views, found, rows, seen.looks);
      const kept = [];
      for (const row of back) kept.push(...(await this.#returned(closer.home(row), [row])));
      back = kept;
      if (back.length) seen = closer;
    }
    const gone = this.#missing.filter((row) => !back.includes(row));
    if (this.#visible.length || gone.some((row) => inSight(seen.mask(row)))) {
      for (const look of seen.looks) look.masks = without(look.masks, gone, look.region.cells);
    }
    return seen;
  }

  /** Those of some missing objects' rows that are back by a look, whose masks may change. */
  async #returned(look, missing) {
    const others = this.#masksBefore(this.#visible, look.region);
    const back = await this.#back(look, missing, others);
    const left = missing.filter((row) => !back.includes(row));
    return left.length && others.length ? [...back, ...(await this.#recognised(look, left, others))] : back;
  }

  async #back(look, rows, others) {
    await this.#leaveOutStrangers(look, rows, others);
    return this.#perception.back(look, rows, others);
  }

  /**
   * As `#back`, by the permanent frames alone: what memory took in while others were in sight holds the missing object's
   * pixels for something else, and says so again.
   */
  async #recognised(look, rows, others) {
    const { region, masks } = look;
    const alone = new Look(region, look.features, await this.#perception.recognised(look), look.rows);
    await this.#leaveOutStrangers(alone, rows, others);
    const back = this.#perception.likely(alone, rows, others);
    for (const row of back) {
      const own = alone.row(row);
      masks.forEach((probability, i) => (masks[i] = probability * (1 - own[i % region.cells])));
      masks.set(own, row * region.cells);
    }
    return back;
  }

  /** Take away what was something else of objects that may be back. */
  async #leaveOutStrangers(look, rows, others) {
    for (const row of this.#perception.likely(look, rows, others)) {
      look.masks.set(await this.#origin.ofLost(look, row), row * look.region.cells);
    }
  }

  #masksBefore(rows, region) {
    const before = this.#before.masksIn(region);
    return rows.map((row) => rowOf(before, row, region.cells));
  }
}
