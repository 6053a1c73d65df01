/** The streaming engine: one frame in, one label map out. A port of mobilevos/engine/tracker.py. */

import { Attention } from "./attention.js";
import { InputError } from "./errors.js";
import { Memory } from "./memory.js";
import { Origin } from "./origin.js";
import { Perception } from "./perception.js";
import { LEAST, Region } from "./region.js";
import { inside } from "./returns.js";
import { runsIn } from "./runs.js";
import { Search } from "./search.js";
import { Sighting, inSight, rowOf } from "./sighting.js";
import { Surroundings } from "./surroundings.js";
import { Whereabouts } from "./whereabouts.js";

const OCCLUDED_FRAMES = 30; // an object unseen for longer than this counts as lost rather than occluded

/** Follows objects through a video, given their masks in one frame. Label maps are Uint8Array (height * width). */
export class Tracker {
  #network;
  #clock;
  #mode;
  #attention;
  #frame = null;
  #ids = [];
  #missing = []; // frames since each object was last seen
  #states = new Map();
  #memory = new Memory();
  #perception;
  #surroundings;
  #origin;
  #searching; // a perception that knows them
  #whereabouts;
  #current = null;
  #unremembered = 0; // frames since one was memorised

  /**
   * @param network a `Network`.
   * @param mode a row of modes.json.
   * @param clock a `Clock`, which is told how long each stage took.
   */
  constructor(network, mode, clock) {
    this.#network = network;
    this.#mode = mode;
    this.#clock = clock;
  }

  get started() {
    return this.#memory.permanent.length > 0;
  }

  /** The newest frame. */
  get frame() {
    return this.#frame;
  }

  /** [{id, state, score, area}] after the newest frame. */
  get objects() {
    return this.#ids.map((id) => ({ id, ...this.#states.get(id) }));
  }

  /** Soft mask of the objects in the newest frame whose ids are wanted, as `Region.soften` gives it. */
  soften(isWanted) {
    return this.#current.soften((row) => isWanted(this.#ids[row]));
  }

  /** Begin (anew) with a frame and the masks of its objects. */
  async start(frame, labels) {
    const ids = checkedIds(labels, frame);
    this.#frame = frame;
    this.#ids = ids;
    this.#missing = ids.map(() => 0);
    this.#states = new Map();
    this.#memory = new Memory();
    this.#perception = new Perception(this.#network, this.#memory, this.#clock);
    this.#searching = new Perception(this.#network, this.#memory, this.#clock, () => this.#surroundings.looks());
    this.#whereabouts = new Whereabouts();
    this.#look(this.#mode);
    this.#current = null;
    this.#memory.keep(await this.#enter(labels));
    this.#surroundings.keep(frame, this.#current, true);
    return this.#labels(labels);
  }

  /** Segment the next frame. */
  async step(frame) {
    this.#checkStarted();
    const { width, height } = this.#frame;
    if (frame.width !== width || frame.height !== height) {
      throw new InputError("frameOtherSize", { width: frame.width, height: frame.height, firstWidth: width, firstHeight: height });
    }
    this.#frame = frame;
    if (!this.#ids.length) return new Uint8Array(width * height);
    const places = this.#missing.map((missing, row) => (missing ? null : this.#current.bounds(row)));
    const plan = this.#attention.plan(places, this.#missing, this.#current.views, this.#unremembered);
    const visible = [...this.#ids.keys()].filter((row) => !this.#missing[row]);
    const perception = visible.length ? this.#perception : this.#searching;
    let seen = await perception.see(frame, plan.views, this.#current, visible);
    const search = new Search(this.#attention, this.#searching, this.#origin, frame, this.#current, this.#missing);
    await search.leaveOutLeaps(seen);
    if (this.#missing.some(Boolean)) seen = await search.withReturned(seen, plan.search);
    const isBack = this.#missing.some((missing, row) => missing && inSight(seen.mask(row)));
    // Memory has to know at once who is back, and whose body it was.
    const isSettled = await this.#whereabouts.settle(seen, (look) => this.#perception.recognised(look));
    const isKept = isSettled || isBack || plan.remember;
    for (const look of isKept ? seen.looks : []) {
      look.masks = await this.#origin.withoutStrangers(look);
      if (this.#mode.ghosts) look.masks = await this.#perception.withoutGhosts(look);
    }
    this.#current = seen;
    this.#unremembered++;
    // A frame without objects would teach the memory that there is only background; keep the last sighting.
    if (isKept && seen.looks.some(({ masks }) => inSight(masks))) {
      const gone = [...this.#ids.keys()].filter((row) => !inSight(seen.mask(row)));
      const looks = [];
      for (const look of seen.looks) looks.push(await this.#perception.takenIn(look));
      this.#memory.recall(this.#remembered(new Sighting(looks, seen.homes)), gone);
      if (this.#memory.showsAll(this.#current)) this.#surroundings.keep(frame, this.#current);
    }
    this.#missing = this.#missing.map((missing) => missing + 1);
    return this.#labels();
  }

  /** Add new objects, or correct known ones, in the newest frame; it becomes a permanent memory frame. */
  async add(labels) {
    this.#checkStarted();
    const given = checkedIds(labels, this.#frame);
    if (!this.#ids.length) return this.start(this.#frame, labels);
    const fresh = given.filter((id) => !this.#ids.includes(id));
    this.#ids = [...this.#ids, ...fresh];
    this.#missing = [...this.#missing, ...fresh.map(() => 0)];
    for (const id of given) {
      this.#missing[this.#ids.indexOf(id)] = 0;
      this.#whereabouts.forget(this.#ids.indexOf(id));
    }
    // However often one frame is corrected, it is one memory frame.
    if (this.#memory.permanent.at(-1) === this.#current) this.#memory.permanent.pop();
    const current = await this.#enter(labels);
    await this.#perception.findEarlier(current, fresh.length);
    this.#memory.keep(current);
    if (this.#memory.showsAll(current)) this.#surroundings.keep(this.#frame, current, true);
    else if (fresh.length) this.#surroundings.forget(); // nobody knows whether they show it
    return this.#labels(labels);
  }

  /** Stop following an object. */
  remove(id) {
    const row = this.#ids.indexOf(id);
    if (row < 0) {
      throw new InputError(this.#ids.length ? "noObject" : "noneFollowed", { id, known: this.#ids.join(", ") });
    }
    this.#ids = this.#ids.filter((other) => other !== id);
    this.#missing.splice(row, 1);
    if (!this.#memory.frames.includes(this.#current)) this.#current.dropObject(row);
    this.#memory.dropObject(row);
    this.#surroundings.dropObject(row);
    this.#whereabouts.dropObject(row);
    return this.#labels();
  }

  /** Go on in another mode: the newest masks, given as a label map, are seen anew; nothing else that is known goes. */
  async setMode(mode, labels) {
    this.#mode = mode;
    if (!this.started) return;
    this.#look(mode);
    if (!labels.some(Boolean)) return;
    const { permanent } = this.#memory;
    const isPermanent = permanent.at(-1) === this.#current;
    const current = await this.#enter(labels, true);
    if (isPermanent) permanent[permanent.length - 1] = current;
    if (this.#memory.showsAll(current)) this.#surroundings.keep(this.#frame, current, true);
  }

  /** Look in a mode; how surroundings were seen in another is forgotten. */
  #look(mode) {
    this.#attention = new Attention(mode, this.#frame.width, this.#frame.height);
    this.#surroundings = new Surroundings(this.#perception, this.#attention);
    this.#origin = new Origin(this.#network, this.#clock, this.#surroundings);
  }

  /** Make the newest frame the current one; objects that `labels` lacks are where they were, but for what it takes. */
  async #enter(labels, anew = false) {
    const present = idsOf(labels);
    const isGiven = this.#ids.map((id) => present.includes(id));
    const given = this.#ids.filter((_, row) => isGiven[row]);
    const known = [...this.#ids.keys()].filter((row) => !isGiven[row]);
    const { width, height } = this.#frame;
    const source = new Region(0, 0, width, height, height, width);
    const before = this.#current;
    const places = this.#ids.map((id, row) => (isGiven[row] ? source.boundsOfLabel(labels, id) : before.bounds(row)));
    const isKept = known.length && !anew;
    const views = isKept ? this.#attention.changed(places, before.views) : this.#attention.views(places);
    const looks = [];
    for (const view of views) {
      const { region } = view;
      const { cells } = region;
      const seen = new Float32Array(this.#ids.length * cells);
      const givenMasks = region.viewMasks(labels, width, given);
      given.forEach((id, i) => seen.set(rowOf(givenMasks, i, cells), this.#ids.indexOf(id) * cells));
      if (known.length) makeRoom(seen, known, before.masksIn(region), cells);
      looks.push(await this.#perception.shown(this.#frame, view, seen));
    }
    this.#memory.previous = this.#remembered(Sighting.of(views, looks));
    return this.#memory.previous;
  }

  #remembered(seen) {
    this.#unremembered = 0;
    this.#current = seen;
    return seen;
  }

  /** Label map of the current frame, exact in the objects of `given`; brings the objects' states up to date. */
  #labels(given = null) {
    return this.#clock.time("paint", () => {
      const { width, height } = this.#frame;
      const labels = new Uint8Array(width * height);
      this.#current.paint(this.#ids, labels, width);
      if (given) {
        const isGiven = new Uint8Array(256);
        for (const id of given) isGiven[id] = 1;
        for (let i = 0; i < labels.length; i++) {
          if (given[i]) labels[i] = given[i];
          else if (isGiven[labels[i]]) labels[i] = 0;
        }
      }
      const areas = new Uint32Array(256);
      const runEnd = runsIn(labels);
      for (let i = 0, end; i < labels.length; i = end) {
        end = runEnd(i, labels.length);
        areas[labels[i]] += end - i;
      }
      this.#ids.forEach((id, row) => {
        const score = inside(this.#current.mask(row)).mean;
        const seen = score > 0 && areas[id] > 0;
        const missing = seen ? 0 : Math.max(1, this.#missing[row]);
        this.#missing[row] = missing;
        const state = seen ? "visible" : missing <= OCCLUDED_FRAMES ? "occluded" : "lost";
        this.#states.set(id, { state, score: seen ? score : 0, area: areas[id] });
      });
      return labels;
    });
  }

  #checkStarted() {
    if (!this.started) throw new InputError("notStarted");
  }
}

/** Put the rows `known` of `before` (K, cells) into `seen`, scaled to the room that the objects in it leave. */
function makeRoom(seen, known, before, cells) {
  for (let i = 0; i < cells; i++) {
    let free = 1;
    for (let at = i; at < seen.length; at += cells) free -= seen[at];
    let wanted = 0;
    for (const row of known) wanted += before[row * cells + i];
    const share = Math.min(Math.max(free / Math.max(wanted, LEAST), 0), 1);
    for (const row of known) seen[row * cells + i] = before[row * cells + i] * share;
  }
}

function idsOf(labels) {
  const present = new Uint8Array(256);
  for (let i = 0; i < labels.length; i++) present[labels[i]] = 1;
  return [...present.keys()].filter((id) => id && present[id]);
}

function checkedIds(labels, { width, height }) {
  if (!(labels instanceof Uint8Array)) throw new InputError("maskKind");
  if (labels.length !== width * height) {
    throw new InputError("maskPixels", { pixels: labels.length, width, height });
  }
  const ids = idsOf(labels);
  if (!ids.length) throw new InputError("maskWithoutObject");
  return ids;
}
