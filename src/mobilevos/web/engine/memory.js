/** What the tracker remembers: a few permanent frames and the previous one. A port of mobilevos/engine/memory.py. */

import { inSight } from "./sighting.js";
import { classifiers } from "./target_model.js";

export const MAX_PERMANENT = 3; // the first frame, and the newest ones that the user corrected or added an object in
const MAX_ABSENT = 2; // older looks that are kept because they show an object that has gone since
const LEAST_SHOWN = 0.5; // part of the object's area in the permanent frames that they must show

/** The frames that the network compares with, each a `Sighting` of `MemoryFrame`s. */
export class Memory {
  permanent = [];
  previous = null;
  #absent = [];

  /** Every frame in memory, each once. */
  get frames() {
    if (!this.previous || this.permanent.includes(this.previous)) return this.permanent;
    return [...this.permanent, this.previous];
  }

  /**
   * All looks that tell of some objects; older ones as well of those `wanted` that the previous frame does not show. What a
   * lost object was must not change how others are seen.
   */
  showing(rows, wanted) {
    const unseen = wanted.filter((row) => this.previous && !inSight(this.previous.mask(row)));
    const absent = this.#absent.filter((look) => unseen.some((row) => this.#shows(look, row)));
    return [...this.frames.flatMap((frame) => frame.showing(rows)), ...absent];
  }

  /** The looks of permanent frames that tell of some objects. */
  lastingShowing(rows) {
    return this.permanent.flatMap((frame) => frame.showing(rows));
  }

  /** Every look that stays for a while. */
  get lastingLooks() {
    return [...this.permanent.flatMap(({ looks }) => looks), ...this.#absent];
  }

  /** Whether all objects are well in sight. */
  showsAll(seen) {
    return seen.homes.every((_, row) => this.#shows(seen.home(row), row));
  }

  /** Pixels of the source that an object covers at most in a permanent frame; at least 1. */
  greatestArea(row) {
    const areas = this.permanent.map((frame) => frame.home(row).area(frame.mask(row)));
    return Math.max(1, ...areas);
  }

  /** Make a frame the previous one; what was known of the objects in the rows `gone`, which it does not show, stays. */
  recall(frame, gone = []) {
    const passing = this.frames.slice(this.permanent.length).flatMap(({ looks }) => looks);
    const told = [...passing, ...this.#absent].filter((look) => gone.some((row) => this.#shows(look, row)));
    this.#absent = told.slice(0, MAX_ABSENT);
    this.previous = frame;
  }

  /** Make a frame permanent; of those after the first, the oldest gives way when the memory is full. */
  keep(frame) {
    if (this.permanent.length === MAX_PERMANENT) this.permanent.splice(1, 1);
    this.permanent.push(frame);
  }

  #shows(look, row) {
    return look.area(look.row(row)) >= LEAST_SHOWN * this.greatestArea(row);
  }

  /** Forget an object. */
  dropObject(row) {
    for (const each of [...this.frames, ...this.#absent]) each.dropObject(row);
  }
}

/** Keys (keySize, N) and values (K * valueSize, N) of some looks, and the target models of those whose masks are known. */
export function recall(looks) {
  const pixels = looks.reduce((sum, look) => sum + look.pixels, 0);
  const evidence = looks.map((look) => look.evidence);
  const classifier = classifiers(evidence, looks[0].masks.length / looks[0].region.cells);
  return { key: joined(looks, "key", pixels), value: joined(looks, "value", pixels), classifier, pixels };
}

function joined(looks, name, pixels) {
  const rows = looks[0][name].length / looks[0].pixels;
  const out = new Float32Array(rows * pixels);
  let offset = 0;
  for (const look of looks) {
    const own = look.pixels;
    for (let row = 0; row < rows; row++) {
      out.set(look[name].subarray(row * own, (row + 1) * own), row * pixels + offset);
    }
    offset += own;
  }
  return out;
}
