/** What the page's engine answers to cases of a search: what golden_search.py has for Python. */

import { Attention } from "./engine/attention.js";
import { Search } from "./engine/search.js";
import { Look, Sighting } from "./engine/sighting.js";
import { packed } from "./golden_packing.mjs";
import { shapeIn, sightingOf } from "./golden_sightings.mjs";

/** A perception that finds boxes wherever they are, and takes for returned who it is told. */
class Eyes {
  told = [];
  #given;

  constructor(size, places, returning, again, known) {
    this.#given = { size, places, returning, again, known };
  }

  async look(_, view, before, wanted) {
    this.told.push(["look", ...toldView(view), before.homes, wanted]);
    return this.#boxes(view);
  }

  async see(_, views, before, wanted, ready) {
    const bounds = this.#given.returning.map((row) => before.bounds(row));
    this.told.push(["see", views.map(toldView), before.homes, bounds, wanted, ready.length]);
    this.#given.returning = this.#given.again;
    return Sighting.of(views, views.map((view) => this.#boxes(view)));
  }

  likely(look, missing, others) {
    this.told.push(["likely", missing, others.length]);
    return missing.filter((row) => look.row(row).some((value) => value > 0.5));
  }

  async ofLost(look, row) {
    this.told.push(["of_lost", row]);
    return look.row(row).map((value) => value * 0.75);
  }

  whole(look, row) {
    this.told.push(["whole", row]);
    return 500 / look.cellArea;
  }

  async recognised({ region }) {
    this.told.push(["recognised"]);
    const { places, known } = this.#given;
    return this.#boxes({ region }, places.map((place, row) => (known.includes(row) ? place : null))).masks;
  }

  async back(look, missing, others) {
    const { rows, columns } = look.region;
    const shown = this.#given.places.map((_, row) => look.row(row).some((value) => value > 0.5));
    this.told.push(["back", shown, missing, others.map((mask) => packed(mask, [rows, columns]))]);
    return missing.filter((row) => this.#given.returning.includes(row));
  }

  #boxes({ region }, places = this.#given.places) {
    const [height, width] = this.#given.size;
    const masks = new Float32Array(places.length * region.cells);
    places.forEach((place, row) => {
      const [left, top, right, bottom] = place ?? [0, 0, 0, 0];
      const labels = new Uint8Array(height * width);
      for (let y = top; y < bottom; y++) labels.fill(1, y * width + left, y * width + right);
      masks.set(region.viewMasks(labels, width, [1]), row * region.cells);
    });
    for (let i = 0; i < region.cells; i++) {
      const all = places.map((_, row) => row * region.cells + i);
      const sum = all.reduce((total, at) => total + masks[at], 0);
      for (const at of all) masks[at] *= 0.9 / Math.max(sum, 1);
    }
    return new Look(region, {}, masks, [...places.keys()]);
  }
}

function toldView({ region: { left, top, right, bottom, height, width }, rows }) {
  return [[left, top, right, bottom, height, width], rows];
}

function made({ attention: { mode, frame }, places, returning, again, known, before, missing }) {
  const eyes = new Eyes(frame, places, returning, again, known);
  const attention = new Attention(mode, frame[1], frame[0]);
  return { eyes, search: new Search(attention, eyes, eyes, null, sightingOf(before), missing) };
}

function masksOf({ looks }) {
  return looks.map((look) => packed(look.masks, shapeIn(look.masks, look.region)));
}

export const searches = {
  async search({ own, seen, everywhere }) {
    const { search, eyes } = made(own);
    const now = sightingOf(seen);
    const after = await search.withReturned(now, everywhere);
    return [eyes.told, after === now, after.homes, masksOf(after)];
  },

  async leaps({ own, seen }) {
    const { search, eyes } = made(own);
    const now = sightingOf(seen);
    await search.leaveOutLeaps(now);
    return [eyes.told, masksOf(now)];
  },
};
