/** From clicks and boxes to the mask of an object: a port of mobilevos/engine/prompt.py. */

import { InputError } from "./errors.js";
import { promptMaps } from "./prompt_maps.js";
import { Region, around, wholeFrame } from "./region.js";

const SIZE = 288; // the network sees about SIZE x SIZE pixels: of the frame, then of the region around the object
const MARGIN = 0.3; // around the object, in units of the square root of its box's area
const ZOOM = 5; // pixels are enlarged at most so much
const ROOMY = 3; // a region is kept while what is to be seen takes at least one part in so many of it
const KEPT_LOOKS = 3;
const FAULT = 1; // what a candidate's IoU is believed to be less for each click that it contradicts

/** One object in one frame. Masks are Uint8Array (height * width) of 0 and 1. */
export class Prompt {
  #network;
  #frame;
  #given;
  #states = [{ clicks: [], box: null, found: null, chosen: 0 }];
  #looks = new Map();

  /**
   * @param network with `query` and `prompt`.
   * @param frame a `Frame`.
   * @param given mask to correct, non-zero on the object; null to begin with nothing.
   */
  constructor(network, frame, given = null) {
    if (given && given.length !== frame.width * frame.height) {
      throw new InputError(`The mask must have one value for each pixel of the ${frame.width}x${frame.height} frame.`);
    }
    this.#network = network;
    this.#frame = frame;
    this.#given = Uint8Array.from(given ?? new Uint8Array(frame.width * frame.height), (value) => (value ? 1 : 0));
  }

  /** {mask, candidates, chosen, confidence}: the mask, how many there are, which it is, and its estimated IoU 0..1. */
  get answer() {
    const { found, chosen } = this.#state;
    return {
      mask: found ? this.#painted(found, chosen) : this.#given,
      candidates: found ? found.quality.length : 0,
      chosen,
      confidence: found ? found.quality[chosen] : 0,
    };
  }

  /** Say of a pixel whether it is the object's. */
  async click(x, y, positive = true) {
    const { width, height } = this.#frame;
    if (!(x >= 0 && x < width && y >= 0 && y < height)) {
      throw new InputError(`The click ${x},${y} lies outside of the frame, which is ${width}x${height}.`);
    }
    const { clicks, box, found, chosen } = this.#state;
    if (!(positive || this.#hasGiven || box || clicks.some((click) => click.positive))) {
      throw new InputError("Negative clicks alone mean no object; begin with a click on it, a box or a mask.");
    }
    const click = { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5, positive };
    return this.#said({ clicks: [...clicks, click], box, found, chosen });
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
      throw new InputError("The box is empty or outside of the frame; draw it around the object.");
    }
    return this.#said({ clicks: this.#state.clicks, box: bounds, found: null, chosen: 0 });
  }

  /** Take another candidate, by its number from 0; later clicks correct it. */
  choose(candidate) {
    const count = this.#state.found?.quality.length ?? 0;
    if (!(candidate >= 0 && candidate < count)) {
      throw new InputError(`There is no candidate ${candidate}; there are ${count}, counted from 0.`);
    }
    this.#state.chosen = candidate;
    return this.answer;
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

  async #said(state) {
    const before = state.found ? this.#state : null;
    const found = await this.#find(state, before);
    this.#states.push({ ...state, found, chosen: 0 });
    return this.answer;
  }

  async #find(state, before) {
    if (before || state.box || this.#hasGiven) return this.#look(this.#region(state, before), state, before);
    const whole = await this.#look(wholeFrame(this.#frame.width, this.#frame.height, SIZE), state, null);
    const guess = { ...state, found: whole, chosen: 0 };
    const region = this.#region(guess, guess);
    return region.resembles(whole.region) ? whole : this.#look(region, state, guess);
  }

  /** Where to look: at the mask so far, the box and all clicks. */
  #region(state, before) {
    const { width, height } = this.#frame;
    const seen = state.clicks.map(({ x, y }) => [x - 1, y - 1, x + 1, y + 1]);
    if (state.box) seen.push(state.box);
    if (before?.found) {
      const bounds = before.found.region.boundsInSource(before.found.masks[before.chosen]);
      if (bounds) seen.push(bounds);
    } else if (!state.box && this.#hasGiven) {
      seen.push(new Region(0, 0, width, height, height, width).boundsOfLabel(this.#given, 1));
    }
    const wanted = around(seen, width, height, SIZE, MARGIN, undefined, ZOOM);
    const current = before?.found?.region;
    const area = (region) => region.boxWidth * region.boxHeight;
    const kept = current && seen.every((bounds) => current.holds(bounds)) && area(current) <= ROOMY * area(wanted);
    return kept ? current : wanted;
  }

  async #look(region, state, before) {
    const place = [region.left, region.top, region.right, region.bottom].join();
    if (!this.#looks.has(place)) {
      while (this.#looks.size >= KEPT_LOOKS) this.#looks.delete(this.#looks.keys().next().value);
      this.#looks.set(place, await this.#network.query(region.view(this.#frame), region.height, region.width));
    }
    const maps = this.#maps(region, state, before);
    const { logits, quality } = await this.#network.prompt(this.#looks.get(place), maps, region);
    const all = Array.from(quality, (own, row) => {
      const odds = logits.subarray(row * region.cells, (row + 1) * region.cells);
      const rank = FAULT * contradicted(region, odds, state.clicks) - own;
      return { rank, quality: own, mask: odds.map((value) => 1 / (1 + Math.exp(-Math.min(Math.max(value, -20), 20)))) };
    }).sort((a, b) => a.rank - b.rank);
    return { region, masks: all.map(({ mask }) => mask), quality: all.map(({ quality: own }) => own) };
  }

  #maps(region, state, before) {
    const scaleX = region.columns / region.boxWidth;
    const scaleY = region.rows / region.boxHeight;
    const across = (x) => (x - region.left) * scaleX;
    const down = (y) => (y - region.top) * scaleY;
    const clicks = state.clicks.map(({ x, y, positive }) => ({ x: across(x), y: down(y), positive }));
    const [left, top, right, bottom] = state.box ?? [];
    const box = state.box ? [across(left), down(top), across(right), down(bottom)] : null;
    let mask = null;
    if (before?.found) mask = before.found.region.transfer(before.found.masks[before.chosen], region);
    else if (!state.box && this.#hasGiven) mask = region.viewMasks(this.#given, this.#frame.width, [1]);
    return promptMaps(region.rows, region.columns, clicks, box, mask);
  }

  #painted({ region, masks }, row) {
    const mask = new Uint8Array(this.#frame.width * this.#frame.height);
    region.paint(masks[row], [1], mask, this.#frame.width);
    return mask;
  }
}

/** How many clicks a candidate's log-odds (rows, columns) do not follow. */
function contradicted(region, odds, clicks) {
  const cell = (at, count) => Math.min(Math.max(Math.floor(at), 0), count - 1);
  return clicks.filter(({ x, y, positive }) => {
    const row = cell(((y - region.top) * region.rows) / region.boxHeight, region.rows);
    const column = cell(((x - region.left) * region.columns) / region.boxWidth, region.columns);
    return odds[row * region.columns + column] > 0 !== positive;
  }).length;
}
