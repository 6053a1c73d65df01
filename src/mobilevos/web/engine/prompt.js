/** From clicks and boxes to the mask of an object: a port of mobilevos/engine/prompt.py. */

import { agreed, another, candidateOf, sparing, telling, withMean } from "./candidates.js";
import { corrected, keeping } from "./correction.js";
import { InputError } from "./errors.js";
import { Looks } from "./looks.js";
import { promptMaps } from "./prompt_maps.js";
import { around, boundingBox, wholeFrame } from "./region.js";

const SIZE = 288; // the network sees about SIZE x SIZE pixels: of the frame, then of the region around the object
const SHARES = [1, 0.5]; // of a click alone nobody knows how large its object is: views of so much are asked
const MARGIN = 0.3; // around the object, in units of the square root of its box's area
const ZOOM = 5; // pixels are enlarged at most so much
const ROOMY = 3; // a region is kept while what is to be seen takes at least one part in so many of it

/** One object in one frame. Masks are Uint8Array (height * width) of 0 and 1. */
export class Prompt {
  #frame;
  #given;
  #states = [{ clicks: [], box: null, found: [], chosen: 0 }]; // what was said, and the candidates, best first
  #looks;

  /**
   * @param network with `query` and `prompt`.
   * @param frame a `Frame`.
   * @param given mask to correct, non-zero on the object; null to begin with nothing.
   */
  constructor(network, frame, given = null) {
    if (given && given.length !== frame.width * frame.height) {
      throw new InputError("promptMaskSize", { width: frame.width, height: frame.height });
    }
    this.#frame = frame;
    this.#looks = new Looks(network, frame);
    this.#given = Uint8Array.from(given ?? new Uint8Array(frame.width * frame.height), (value) => (value ? 1 : 0));
  }

  /** {labels, candidates, chosen, confidence}: the mask, how many there are, which it is, and its estimated IoU 0..1. */
  get answer() {
    const { found, chosen } = this.#state;
    return {
      labels: found.length ? this.#painted(found[chosen]) : this.#given,
      candidates: found.length,
      chosen,
      confidence: found[chosen]?.quality ?? 0,
    };
  }

  /** Say of a pixel whether it is the object's. */
  async click(x, y, positive = true) {
    const { width, height } = this.#frame;
    if (!(x >= 0 && x < width && y >= 0 && y < height)) {
      throw new InputError("clickOutside", { x, y, width, height });
    }
    const { clicks, box } = this.#state;
    if (!(positive || this.#hasGiven || box || clicks.some((click) => click.positive))) {
      throw new InputError("clickNegative");
    }
    const click = { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5, positive };
    const state = { ...this.#state, clicks: [...clicks, click] };
    const found = await this.#find(state);
    if (positive) return this.#said(state, found);
    const before = this.answer.labels;
    const kept = found.map((each) => keeping(before, width, each, this.#painted(each), state.clicks));
    return this.#said(state, kept);
  }

  /** Say where the object is: {x, y, width, height}. A second box replaces the first, and what was made of it. */
  async box({ x, y, width, height }) {
    const bounds = [
      Math.max(x, 0),
      Math.max(y, 0),
      Math.min(x + width, this.#frame.width),
      Math.min(y + height, this.#frame.height),
    ];
    if (!(bounds[2] - bounds[0] >= 1 && bounds[3] - bounds[1] >= 1)) {
      throw new InputError("boxOutside");
    }
    const state = { clicks: this.#state.clicks, box: bounds, found: [], chosen: 0 };
    return this.#said(state, await this.#find(state));
  }

  /** Take another candidate, by its number from 0; later clicks correct it. */
  choose(candidate) {
    const count = this.#state.found.length;
    if (!(candidate >= 0 && candidate < count)) {
      throw new InputError("noCandidate", { candidate, count });
    }
    this.#state.chosen = candidate;
    return this.answer;
  }

  /** Take the candidate that takes fewest of the other objects, of which `others` is a label map. */
  spare(others) {
    return this.choose(sparing(this.#state.found.map((each) => this.#painted(each)), others));
  }

  /** Take the last click or box back, if there is one. */
  undo() {
    if (this.#states.length > 1) this.#states.pop();
    return this.answer;
  }

  get #state() {
    return this.#states.at(-1);
  }

  get #hasGiven() {
    return this.#given.some(Boolean);
  }

  #said(state, found) {
    this.#states.push({ ...state, found, chosen: 0 });
    return this.answer;
  }

  async #find(state) {
    if (state.box && !state.found.length) {
      const region = this.#region(state);
      return this.#united(region, { ...state, found: await this.#united(region, state), chosen: 0 });
    }
    if (this.#corrects(state)) return this.#correct(state);
    if (state.found.length) return this.#united(this.#region(state), state);
    const views = [];
    for (const share of SHARES) views.push(await this.#look(this.#aroundClick(state, share), state));
    const canvas = wholeFrame(this.#frame.width, this.#frame.height, 2 * SIZE);
    const first = agreed(views, canvas);
    const closer = (found) => this.#united(this.#region({ ...state, found, chosen: 0 }), { ...state, found, chosen: 0 });
    const [best, ...rest] = await closer(first);
    const other = another(first, canvas); // what else may be meant is as worth a closer look
    return telling(best, [...first, ...rest, ...(other ? await closer([other]) : [])], canvas);
  }

  /** Candidates where there is no doubt what is meant. */
  async #united(region, state) {
    return withMean(await this.#look(region, state), state.clicks);
  }

  /** Whether it is a mask that was given which clicks change. */
  #corrects(state) {
    return !state.box && this.#hasGiven;
  }

  /** What the newest click changes in the mask that was given, or what became of it. */
  async #correct(state) {
    const before = this.#pixels(state);
    const found = withMean(await this.#look(this.#region(state), state, true), state.clicks);
    const click = state.clicks.at(-1);
    return found.map((each) => ({ ...each, pixels: corrected(before, this.#frame.width, each, click) }));
  }

  /** The mask before a click over the whole frame, where it is known better than by the network's cells; else null. */
  #pixels(state) {
    const before = state.found[state.chosen];
    if (before) return before.pixels ?? null;
    return this.#corrects(state) ? this.#given : null;
  }

  /** A view of so much of the frame's sides, with the newest click in the middle if the frame reaches that far. */
  #aroundClick(state, share) {
    const { width, height } = this.#frame;
    if (share === 1) return wholeFrame(width, height, SIZE);
    const { x, y } = state.clicks.at(-1);
    const [across, down] = [(share * width) / 2, (share * height) / 2];
    return around([[x - across, y - down, x + across, y + down]], width, height, SIZE, 0, undefined, ZOOM);
  }

  /** Where to look: at the mask so far, the box and all clicks. */
  #region(state) {
    const { width, height } = this.#frame;
    const seen = state.clicks.map(({ x, y }) => [x - 1, y - 1, x + 1, y + 1]);
    if (state.box) seen.push(state.box);
    const before = state.found[state.chosen];
    const pixels = this.#pixels(state);
    if (pixels) {
      const bounds = boundingBox(pixels, height, width, 0);
      if (bounds) seen.push([bounds.left, bounds.top, bounds.right, bounds.bottom]);
    } else if (before) {
      const bounds = before.region.boundsInSource(before.mask);
      if (bounds) seen.push(bounds);
    }
    const wanted = around(seen, width, height, SIZE, MARGIN, undefined, ZOOM);
    const area = (region) => region.boxWidth * region.boxHeight;
    const current = before?.region;
    const kept = current && seen.every((bounds) => current.holds(bounds)) && area(current) <= ROOMY * area(wanted);
    return kept ? current : wanted;
  }

  async #look(region, state, bothWays = false) {
    const { logits, quality } = await this.#looks.ask(region, this.#maps(region, state), bothWays);
    return Array.from(quality, (own, row) =>
      candidateOf(region, logits.subarray(row * region.cells, (row + 1) * region.cells), own, state.clicks),
    );
  }

  #maps(region, state) {
    const scaleX = region.columns / region.boxWidth;
    const scaleY = region.rows / region.boxHeight;
    const across = (x) => (x - region.left) * scaleX;
    const down = (y) => (y - region.top) * scaleY;
    const clicks = state.clicks.map(({ x, y, positive }) => ({ x: across(x), y: down(y), positive }));
    const [left, top, right, bottom] = state.box ?? [];
    const box = state.box ? [across(left), down(top), across(right), down(bottom)] : null;
    let mask = null;
    const before = state.found[state.chosen];
    const pixels = this.#pixels(state);
    if (pixels) mask = region.viewMasks(pixels, this.#frame.width, [1]);
    else if (before) mask = before.region.transfer(before.mask, region);
    return promptMaps(region.rows, region.columns, clicks, box, mask);
  }

  #painted({ region, mask, pixels }) {
    if (pixels) return pixels.slice();
    const labels = new Uint8Array(this.#frame.width * this.#frame.height);
    region.paint(mask, [1], labels, this.#frame.width);
    return labels;
  }
}
