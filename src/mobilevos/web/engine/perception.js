/** The network at work on a frame, with what is in memory: a port of mobilevos/engine/perception.py. */

import { inParts, withoutGhosts } from "./ghosts.js";
import { recall } from "./memory.js";
import { isRecognised, mayBeBack } from "./returns.js";
import { Look, MemoryFrame, Sighting, inSight, rowOf, rowsOf } from "./sighting.js";

/** A `Network`, a `Memory` and a `Clock` together. Masks are (K, cells). */
export class Perception {
  #network;
  #memory;
  #clock;
  #beside;

  /** `beside` makes further looks to compare with, which permanent frames are asked together with. */
  constructor(network, memory, clock, beside = () => []) {
    this.#network = network;
    this.#memory = memory;
    this.#clock = clock;
    this.#beside = beside;
  }

  /** Look at all views of a frame, as `look`; looks that are ready are taken as they are. */
  async see(frame, views, before, wanted, ready = []) {
    const looks = [];
    for (const view of views) {
      const fits = ({ region, rows }) => region.equals(view.region) && view.rows.every((row) => rows.includes(row));
      looks.push(ready.find(fits) ?? (await this.look(frame, view, before, wanted)));
    }
    return Sighting.of(views, looks);
  }

  /** Find the objects of a view in a frame, given where all were; others are rivals. `wanted` is as of `Memory.showing`. */
  async look(frame, { region, rows }, before, wanted) {
    const prior = before.masksIn(region);
    const all = withRivals(rows, prior, region.cells);
    const features = await this.#query(frame, region);
    const memory = [...this.#memory.showing(all, wanted), ...(await this.#beside())];
    return new Look(region, features, await this.#read(features, memory, prior, region, all), all);
  }

  /** A look, ready for memory. */
  async takenIn({ region, features, masks, rows }) {
    const value = await this.#memorise(features, masks, region);
    return new MemoryFrame(region, features, masks, rows, features.key.data, value);
  }

  /** A frame with known masks in a view, ready for memory. */
  async shown(frame, { region, rows }, masks) {
    const features = await this.#query(frame, region);
    return (await this.takenIn(new Look(region, features, masks, withRivals(rows, masks, region.cells)))).learn();
  }

  /** Masks of a look without parts that only the previous frame in memory takes for objects. */
  async withoutGhosts(look) {
    const { cells, columns } = look.region;
    const rows = [...Array(look.masks.length / cells).keys()].map((row) => look.row(row));
    const parted = rows.map((mask) => inParts(mask, columns));
    if (!parted.includes(true)) return look.masks;
    const recognised = await this.recognised(look);
    const kept = new Float32Array(look.masks.length);
    rows.forEach((mask, row) => {
      kept.set(parted[row] ? withoutGhosts(mask, rowOf(recognised, row, cells), columns) : mask, row * cells);
    });
    return kept;
  }

  /** Cells of a look that an object covers when all of it is in sight: at most in a permanent frame. */
  whole(look, row) {
    return this.#memory.greatestArea(row) / look.cellArea;
  }

  /** Those of some missing objects' rows that may be back by a look; others are masks of the frame before. */
  likely(look, missing, others) {
    return missing.filter((row) => mayBeBack(look.row(row), this.whole(look, row), others));
  }

  /** Those of some missing objects' rows that are back by a look; others are masks of the frame before. */
  async back(look, missing, others) {
    const rows = this.likely(look, missing, others);
    if (!rows.length) return [];
    const recognised = await this.recognised(look);
    return rows.filter((row) => isRecognised(look.row(row), rowOf(recognised, row, look.region.cells)));
  }

  /**
   * Find the `fresh` last objects of the current frame in those that memory keeps, so that these know of all objects. Without
   * it, they would insist that a new object's pixels are background.
   */
  async findEarlier(current, fresh) {
    if (!fresh) return;
    const { key, value, classifier, pixels } = recall(current.looks);
    const newest = (array) => array && array.slice((-fresh * array.length) / current.homes.length);
    const memory = { key, value: newest(value), classifier: newest(classifier), pixels };
    for (const look of this.#memory.lastingLooks) {
      const { cells } = look.region;
      const count = look.masks.length / cells;
      const nowhere = new Float32Array(fresh * cells);
      const found = await this.#network.read(look.features, memory, nowhere, fresh, look.region);
      const masks = new Float32Array(look.masks.length + found.length);
      masks.set(look.masks);
      for (let i = 0; i < found.length; i++) {
        let free = 1;
        for (let at = i % cells; at < look.masks.length; at += cells) free -= look.masks[at];
        masks[look.masks.length + i] = found[i] * Math.max(free, 0);
      }
      look.masks = masks;
      look.rows = [...look.rows, ...Array.from({ length: fresh }, (_, i) => count + i)];
      look.value = await this.#memorise(look.features, masks, look.region);
      if (look.evidence) look.learn();
    }
    for (const seen of this.#memory.permanent) {
      for (let i = 0; i < fresh; i++) {
        const areas = seen.looks.map((look) => look.area(look.row(seen.homes.length)));
        seen.homes.push(areas.indexOf(Math.max(...areas)));
      }
    }
  }

  #query(frame, region) {
    const pixels = this.#clock.time("view", () => region.view(frame));
    return this.#clock.time("query", () => this.#network.query(pixels, region.height, region.width));
  }

  #memorise(features, masks, region) {
    return this.#clock.time("memorise", () =>
      this.#network.memorise(features, masks, masks.length / region.cells, region),
    );
  }

  /** Masks of a look by the permanent frames, and what is beside them, alone. */
  async recognised({ features, masks, region, rows }) {
    const memory = [...this.#memory.lastingShowing(rows), ...(await this.#beside())];
    return this.#read(features, memory, new Float32Array(masks.length), region, rows);
  }

  /** Masks of some objects by some looks in memory; 0 of the others. */
  async #read(features, looks, prior, region, rows) {
    const { key, value, classifier, pixels } = recall(looks);
    const all = prior.length / region.cells;
    const some = (array) => (rows.length === all || !array ? array : rowsOf(array, rows, array.length / all));
    const memory = { key, value: some(value), classifier: some(classifier), pixels };
    const found = await this.#clock.time("read", () =>
      this.#network.read(features, memory, some(prior), rows.length, region),
    );
    if (rows.length === all) return found;
    const masks = new Float32Array(prior.length);
    rows.forEach((row, i) => masks.set(rowOf(found, i, region.cells), row * region.cells));
    return masks;
  }
}

/** Some rows of masks, and those in which anything is in sight. */
function withRivals(rows, masks, cells) {
  const all = [...Array(masks.length / cells).keys()];
  return all.filter((row) => rows.includes(row) || inSight(rowOf(masks, row, cells)));
}
