/** Views of one frame, as the prompt head sees them: a port of mobilevos/engine/looks.py. */

import { CHANNELS } from "./prompt_maps.js";

const KEPT = 5;

/** What the network knows of the regions of a frame, kept for further clicks. */
export class Looks {
  #network;
  #frame;
  #seen = new Map();

  /**
   * @param network with `query` and `prompt`.
   * @param frame a `Frame`.
   */
  constructor(network, frame) {
    this.#network = network;
    this.#frame = frame;
  }

  /**
   * {logits (C, rows, columns), quality (C)} of the candidates for some prompts.
   * @param maps (4, rows, columns), see prompt_maps.js.
   * @param {boolean} bothWays whether to look at the mirror image too, and take the mean: twice the time, fewer slips.
   */
  async ask(region, maps, bothWays) {
    const found = await this.#network.prompt(await this.#features(region, false), maps, region);
    if (!bothWays) return found;
    const { columns } = region;
    const turnedMaps = mirrored(maps, CHANNELS * region.rows, columns, 1);
    const turned = await this.#network.prompt(await this.#features(region, true), turnedMaps, region);
    const logits = mirrored(turned.logits, turned.logits.length / columns, columns, 1);
    return {
      logits: logits.map((value, i) => (value + found.logits[i]) / 2),
      quality: Float32Array.from(found.quality, (value, i) => (value + turned.quality[i]) / 2),
    };
  }

  async #features(region, isMirrored) {
    const place = JSON.stringify([region, isMirrored]);
    if (!this.#seen.has(place)) {
      while (this.#seen.size >= KEPT) this.#seen.delete(this.#seen.keys().next().value);
      const { height, width } = region;
      const view = region.view(this.#frame);
      const pixels = isMirrored ? mirrored(view, height, width, 3) : view;
      this.#seen.set(place, await this.#network.query(pixels, height, width));
    }
    return this.#seen.get(place);
  }
}

/** An array (rows, columns, channels) with its columns the other way round. */
function mirrored(array, rows, columns, channels) {
  const turned = new array.constructor(array.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * channels;
      const to = (row * columns + columns - 1 - column) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to + channel] = array[from + channel];
    }
  }
  return turned;
}
