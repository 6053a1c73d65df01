/**
 * What else there is, in whole frames in which all objects were in sight: a port of mobilevos/engine/surroundings.py, which
 * says more.
 */

import { withoutRow } from "./sighting.js";

export class Surroundings {
  #perception;
  #attention;
  #given = null; // {frame, masks, look}
  #newest = null;

  /** @param attention of all frames that are kept. */
  constructor(perception, attention) {
    this.#perception = perception;
    this.#attention = attention;
  }

  /** Nothing is known of them. */
  forget() {
    this.#given = this.#newest = null;
  }

  /**
   * Remember a frame in which all objects are well in sight, unless it was seen as a whole: memory has those. Once masks are
   * `isGiven`, what was before is forgotten.
   */
  keep(frame, seen, isGiven = false) {
    const { everywhere } = this.#attention;
    const isWhole = seen.looks.every(({ region }) => region.equals(everywhere));
    const scene = isWhole ? null : { frame, masks: seen.masksIn(everywhere), look: null };
    if (isGiven) [this.#given, this.#newest] = [scene, null];
    else this.#newest = scene;
  }

  /** Forget an object; those after it move up. */
  dropObject(row) {
    for (const scene of this.#scenes) {
      scene.masks = withoutRow(scene.masks, row, scene.masks.length / this.#attention.everywhere.cells);
      scene.look = null;
    }
  }

  /** What there is to compare with. */
  async looks() {
    const looks = [];
    for (const scene of this.#scenes) looks.push(await this.#look(scene));
    return looks;
  }

  /** What was given, as a whole; null if nothing is kept of it. */
  async given() {
    return this.#given && this.#look(this.#given);
  }

  async #look(scene) {
    const region = this.#attention.everywhere;
    const rows = [...Array(scene.masks.length / region.cells).keys()];
    scene.look ??= await this.#perception.shown(scene.frame, { region, rows }, scene.masks);
    return scene.look;
  }

  get #scenes() {
    return [this.#given, this.#newest].filter(Boolean);
  }
}
