/**
 * Objects removed from a video: their place is filled with what other frames saw of it, moved along with the camera; what
 * none saw, with what an earlier frame was filled with; the rest with parts of the frame that look like its surroundings.
 * The Python version (mobilevos/effects/inpaint.py) does the same with more effort.
 */

import { Filling, hiddenBy, holeOf } from "./hole.js";
import { alikeShifts } from "./likeness.js";
import { IDENTITY, inverse, product, shift } from "./maps.js";
import { Looks } from "./looks.js";
import { View } from "./view.js";

const MOST_VIEWS = 7; // held at ages of about 1, 2, 4, 8 ... frames
const MOST_AHEAD = 4; // frames to come that are held
const MOST_SOURCES = 5; // frames that fill one hole: every further one brings seams
const WORTH = 0.02; // a frame is used only if it fills at least this part of a hole
const REACH = 20; // a frame this many frames away is worth half of one nearby: less has moved or changed between them
const FAITH = 2; // by how much a frame that filled the last hole is preferred: other sources flicker
const RENEWED = 24; // a filled frame serves so many frames, as every copy of a copy is more blurred
const SMALLEST_PATCH = 200; // fewer missing pixels than this are filled with smooth colour rather than texture

/** Fills objects with the background behind them, at bounded memory. */
export class Inpaint {
  #views = []; // earlier frames, the newest first
  #ahead = []; // frames to come, in their order
  #used = new Set(); // views that filled the last hole
  #motion = IDENTITY;
  #filled = null; // a View of an earlier frame, filled
  #count = 0;

  /** A `Frame` and its soft mask (`Region.soften`, or null) -> Uint8ClampedArray RGBA (height, width, 4). */
  next(frame, soft) {
    const hole = holeOf(frame, soft);
    const view = this.#views[0]?.frame === frame ? this.#again(frame, hole) : this.#enter(frame, hole);
    const out = new Uint8ClampedArray(frame.data);
    if (hole) this.#fill(out, view, hole);
    if (hole && (!this.#filled || view.number - this.#filled.number >= RENEWED)) {
      this.#filled = { frame: { width: frame.width, height: frame.height, data: out }, number: view.number, map: IDENTITY };
    }
    return out;
  }

  /** Shows a frame that is to come `ahead` frames after the newest one, with its soft mask or null. */
  foresee(frame, soft, ahead) {
    const [now] = this.#views;
    if (!now || frame.data.length !== now.frame.data.length) return;
    const view = new View(frame, hiddenBy(holeOf(frame, soft), frame));
    view.number = now.number + ahead;
    const last = this.#ahead[this.#ahead.length - 1] ?? now;
    const motion = view.motionTo(last, IDENTITY);
    if (!motion) return; // of another shot
    view.map = product(inverse(motion), last === now ? IDENTITY : last.map);
    this.#ahead.push(view);
    if (this.#ahead.length > MOST_AHEAD) this.#ahead.shift();
  }

  /** The same frame once more, with other masks or more frames that are known. */
  #again(frame, hole) {
    const [before] = this.#views;
    const view = new View(frame, hiddenBy(hole, frame));
    view.number = before.number;
    this.#views[0] = view;
    if (this.#filled?.number === view.number) this.#filled = null;
    return view;
  }

  #enter(frame, hole) {
    if (this.#views[0] && this.#views[0].frame.data.length !== frame.data.length) this.#forget();
    const view = new View(frame, hiddenBy(hole, frame));
    view.number = this.#count++;
    const motion = this.#views.length ? view.motionTo(this.#views[0], this.#motion) : IDENTITY;
    if (!motion) this.#forget();
    this.#motion = motion ?? IDENTITY;
    this.#ahead = this.#ahead.filter(({ number }) => number > view.number);
    for (const other of [...this.#views, ...this.#ahead, this.#filled]) if (other) other.map = product(other.map, this.#motion);
    this.#remember(view);
    return view;
  }

  #forget() {
    this.#views = [];
    this.#ahead = [];
    this.#filled = null;
  }

  /** Views thin out with age, so that a few reach far back. */
  #remember(view) {
    this.#views.unshift(view);
    if (this.#views.length <= MOST_VIEWS) return;
    const age = (i) => view.number - this.#views[i].number;
    let dropped = this.#views.length - 1;
    for (let i = 2; i < this.#views.length; i++) {
      if (age(i) < 2 * age(i - 2)) {
        dropped = i - 1;
        break;
      }
    }
    this.#views.splice(dropped, 1);
  }

  #fill(out, view, hole) {
    const filling = new Filling(view.frame, hole);
    const { missing } = filling;
    const others = [...this.#views, ...this.#ahead].filter((other) => other !== view);
    const looks = new Looks(filling, others);
    const used = new Set();
    while (used.size < Math.min(MOST_SOURCES, others.length) && filling.missing) {
      const { best, worth } = this.#best(others.filter((other) => !used.has(other)), looks, view);
      if (worth < WORTH * missing) break;
      best.map = view.refined(best, best.map);
      filling.add(best.frame, best.hidden, best.map, (x, y) => looks.isOdd(best, x, y));
      used.add(best);
    }
    this.#used = used;
    // Where no frame shows what is usual, what one shows is still likelier than a part of another place.
    for (const { frame, hidden, map } of used) if (filling.missing) filling.add(frame, hidden, map);
    if (filling.missing && this.#filled) filling.add(this.#filled.frame, null, this.#filled.map);
    if (filling.missing >= SMALLEST_PATCH) {
      for (const { x, y } of alikeShifts(view.frame, view.hidden, filling)) filling.add(view.frame, view.hidden, shift(x, y));
    }
    filling.finish(out);
  }

  /** The frame that is worth most for what is missing, and how many pixels it shows. */
  #best(others, looks, view) {
    let best = null, most = -1, worth = 0;
    for (const other of others) {
      const shown = looks.worth(other);
      const preference = this.#used.has(other) ? FAITH : 1;
      const value = (preference * shown) / (1 + Math.abs(other.number - view.number) / REACH);
      if (value > most) [best, most, worth] = [other, value, shown];
    }
    return { best, worth };
  }
}
