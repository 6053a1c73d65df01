/** From clicks and boxes to the mask of an object: a port of mobilevos/engine/prompt.py. */

import { InputError } from "./errors.js";
import { promptMaps } from "./prompt_maps.js";
import { around, boundingBox, wholeFrame } from "./region.js";

const SIZE = 288; // the network sees about SIZE x SIZE pixels: of the frame, then of the region around the object
const SHARES = [1, 0.5]; // of a click alone nobody knows how large its object is: views of so much are asked
const VOTE = 0.5; // what it is worth that another view shows the same, in units of IoU
const CANDIDATES = 3;
const ALIKE = 0.8; // IoU of candidates that are one and the same
const FAULT = 0.3; // what a candidate's estimate of itself is believed to be too high for each click that it contradicts
const MARGIN = 0.3; // around the object, in units of the square root of its box's area
const ZOOM = 5; // pixels are enlarged at most so much
const ROOMY = 3; // a region is kept while what is to be seen takes at least one part in so many of it
const KEPT_LOOKS = 5;

/** One object in one frame. Masks are Uint8Array (height * width) of 0 and 1. */
export class Prompt {
  #network;
  #frame;
  #given;
  #states = [{ clicks: [], box: null, found: [], chosen: 0 }]; // what was said, and the candidates, best first
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
      throw new InputError(`The click ${x},${y} lies outside of the frame, which is ${width}x${height}.`);
    }
    const { clicks, box } = this.#state;
    if (!(positive || this.#hasGiven || box || clicks.some((click) => click.positive))) {
      throw new InputError("Negative clicks alone mean no object; begin with a click on it, a box or a mask.");
    }
    const click = { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5, positive };
    return this.#said({ ...this.#state, clicks: [...clicks, click] });
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
    return this.#said({ clicks: this.#state.clicks, box: bounds, found: [], chosen: 0 });
  }

  /** Take another candidate, by its number from 0; later clicks correct it. */
  choose(candidate) {
    const count = this.#state.found.length;
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
    const found = await this.#find(state);
    this.#states.push({ ...state, found, chosen: 0 });
    return this.answer;
  }

  async #find(state) {
    if (state.box && !state.found.length) {
      const region = this.#region(state);
      return this.#united(region, { ...state, found: await this.#united(region, state), chosen: 0 });
    }
    if (state.found.length || this.#hasGiven) return this.#united(this.#region(state), state);
    const views = [];
    for (const share of SHARES) views.push(await this.#look(this.#aroundClick(state, share), state));
    const first = agreed(views, wholeFrame(this.#frame.width, this.#frame.height, 2 * SIZE));
    const guess = { ...state, found: first, chosen: 0 };
    const [closer, ...others] = await this.#united(this.#region(guess), guess);
    return distinct([closer, ...first, ...others]);
  }

  /** Candidates where there is no doubt what is meant: their mean is better than the best of them. */
  async #united(region, state) {
    const found = best(await this.#look(region, state));
    const odds = found[0].odds.map((_, i) => found.reduce((sum, each) => sum + each.odds[i], 0) / found.length);
    return [candidateOf(region, odds, found[0].quality, state.clicks), ...found].slice(0, CANDIDATES);
  }

  /** A view of so much of the frame's sides, with the newest click in the middle if the frame reaches that far. */
  #aroundClick(state, share) {
    const { width, height } = this.#frame;
    if (share === 1) return wholeFrame(width, height, SIZE);
    const { x, y } = state.clicks.at(-1);
    const start = (at, side, limit) => Math.min(Math.max(at - side / 2, 0), limit - side);
    const left = start(x, share * width, width);
    const top = start(y, share * height, height);
    return around([[left, top, left + share * width, top + share * height]], width, height, SIZE, 0, undefined, ZOOM);
  }

  /** Where to look: at the mask so far, the box and all clicks. */
  #region(state) {
    const { width, height } = this.#frame;
    const seen = state.clicks.map(({ x, y }) => [x - 1, y - 1, x + 1, y + 1]);
    if (state.box) seen.push(state.box);
    const before = state.found[state.chosen];
    if (before) {
      const bounds = before.region.boundsInSource(before.mask);
      if (bounds) seen.push(bounds);
    } else if (!state.box && this.#hasGiven) {
      const { left, top, right, bottom } = boundingBox(this.#given, height, width, 0);
      seen.push([left, top, right, bottom]);
    }
    const wanted = around(seen, width, height, SIZE, MARGIN, undefined, ZOOM);
    const area = (region) => region.boxWidth * region.boxHeight;
    const current = before?.region;
    const kept = current && seen.every((bounds) => current.holds(bounds)) && area(current) <= ROOMY * area(wanted);
    return kept ? current : wanted;
  }

  async #look(region, state) {
    const place = [region.left, region.top, region.right, region.bottom].join();
    if (!this.#looks.has(place)) {
      while (this.#looks.size >= KEPT_LOOKS) this.#looks.delete(this.#looks.keys().next().value);
      this.#looks.set(place, await this.#network.query(region.view(this.#frame), region.height, region.width));
    }
    const { logits, quality } = await this.#network.prompt(this.#looks.get(place), this.#maps(region, state), region);
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
    if (before) mask = before.region.transfer(before.mask, region);
    else if (!state.box && this.#hasGiven) mask = region.viewMasks(this.#given, this.#frame.width, [1]);
    return promptMaps(region.rows, region.columns, clicks, box, mask);
  }

  #painted({ region, mask }) {
    const labels = new Uint8Array(this.#frame.width * this.#frame.height);
    region.paint(mask, [1], labels, this.#frame.width);
    return labels;
  }
}

/** One mask as the network drew it, log-odds (rows, columns), with its estimated IoU. */
function candidateOf(region, odds, quality, clicks) {
  const mask = odds.map((value) => 1 / (1 + Math.exp(-Math.min(Math.max(value, -20), 20))));
  const nothing = odds.some((value) => value > 0) ? 0 : 1;
  return { region, odds, mask, quality, worth: quality - FAULT * contradicted(region, odds, clicks) - nothing };
}

function best(found) {
  return [...found].sort((a, b) => b.worth - a.worth);
}

/** Candidates of several views, best first: what they think of themselves, and how far the other views agree. */
function agreed(views, canvas) {
  const shapes = views.map((view) => view.map((candidate) => shapeIn(canvas, candidate)));
  const ranked = [];
  views.forEach((view, own) =>
    view.forEach((candidate, row) => {
      let rank = candidate.worth;
      views.forEach((other, n) => {
        if (n === own) return;
        rank += VOTE * Math.max(...other.map((its, at) => its.quality * iou(shapes[own][row], shapes[n][at])));
      });
      ranked.push({ rank, candidate });
    }),
  );
  return ranked.sort((a, b) => b.rank - a.rank).map(({ candidate }) => candidate);
}

/** The first few that differ, as seen in the region of the first. */
function distinct(found) {
  const { region } = found[0];
  const kept = [];
  const shapes = [];
  for (const candidate of found) {
    const shape = shapeIn(region, candidate);
    if (shapes.some((other) => iou(shape, other) > ALIKE)) continue;
    kept.push(candidate);
    shapes.push(shape);
  }
  return kept.slice(0, CANDIDATES);
}

/** 1 where a candidate is, on the grid of another region. */
function shapeIn(region, candidate) {
  return Uint8Array.from(candidate.region.transfer(candidate.mask, region), (value) => (value > 0.5 ? 1 : 0));
}

function iou(one, other) {
  let both = 0;
  let either = 0;
  for (let i = 0; i < one.length; i++) {
    both += one[i] & other[i];
    either += one[i] | other[i];
  }
  return both / Math.max(either, 1);
}

/** How many clicks a candidate's log-odds (rows, columns) do not follow, not even in a neighbouring cell. */
function contradicted(region, odds, clicks) {
  const cell = (at, count) => Math.min(Math.max(Math.floor(at), 0), count - 1);
  return clicks.filter(({ x, y, positive }) => {
    const row = cell(((y - region.top) * region.rows) / region.boxHeight, region.rows);
    const column = cell(((x - region.left) * region.columns) / region.boxWidth, region.columns);
    for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, region.rows - 1); r++) {
      for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, region.columns - 1); c++) {
        const value = odds[r * region.columns + c];
        if (positive ? value > 0 : value < 0) return false;
      }
    }
    return true;
  }).length;
}
