/** The streaming engine: one frame in, one label map out. A port of mobilevos/engine/tracker.py. */

import { Attention } from "./attention.js";
import { InputError } from "./errors.js";
import { inParts, withoutGhosts } from "./ghosts.js";
import { Look, Memory, MemoryFrame, recall, rowOf } from "./memory.js";
import { LEAST, Region } from "./region.js";
import { inside, isRecognised, mayBeBack, without } from "./returns.js";

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

  /** {region, masks, ids}: where the network looked in the newest frame, and its probabilities (K, rows, columns). */
  get view() {
    return { region: this.#current.region, masks: this.#current.masks, ids: this.#ids };
  }

  /** Begin (anew) with a frame and the masks of its objects. */
  async start(frame, labels) {
    const ids = checkedIds(labels, frame);
    this.#frame = frame;
    this.#ids = ids;
    this.#missing = ids.map(() => 0);
    this.#states = new Map();
    this.#memory = new Memory();
    this.#attention = new Attention(this.#mode, frame.width, frame.height);
    this.#current = null;
    this.#memory.keep(await this.#enter(labels));
    return this.#labels(labels);
  }

  /** Segment the next frame. */
  async step(frame) {
    this.#checkStarted();
    const { width, height } = this.#frame;
    if (frame.width !== width || frame.height !== height) {
      throw new InputError(
        `The frame is ${frame.width}x${frame.height}, but the video began at ${width}x${height}; ` +
          "every frame must have the same size.",
      );
    }
    this.#frame = frame;
    if (!this.#ids.length) return new Uint8Array(width * height);
    const bounds = this.#rows(true).map((row) => this.#current.bounds(row));
    const before = this.#current.region;
    const plan = this.#attention.plan(bounds, this.#missing, before, this.#unremembered);
    let look = await this.#look(plan.region, before.transfer(this.#current.masks, plan.region));
    if (this.#missing.some(Boolean)) look = await this.#withReturned(look, plan.search);
    if (plan.remember && this.#mode.ghosts) look.masks = await this.#withoutGhosts(look);
    this.#current = look;
    this.#unremembered++;
    // A frame without objects would teach the memory that there is only background; keep the last sighting.
    if (plan.remember && look.masks.some((probability) => probability > 0.5)) {
      this.#memory.previous = await this.#memorise(look.region, look.features, look.masks);
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
    for (const id of given) this.#missing[this.#ids.indexOf(id)] = 0;
    // However often one frame is corrected, it is one memory frame.
    if (this.#memory.permanent.at(-1) === this.#current) this.#memory.permanent.pop();
    const current = await this.#enter(labels);
    for (const frame of this.#memory.permanent) await this.#backfill(frame, current, fresh.length);
    this.#memory.keep(current);
    return this.#labels(labels);
  }

  /** Stop following an object. */
  remove(id) {
    const row = this.#ids.indexOf(id);
    if (row < 0) {
      throw new InputError(`There is no object ${id}; the objects are ${this.#ids.join(", ") || "none"}.`);
    }
    this.#ids = this.#ids.filter((other) => other !== id);
    this.#missing.splice(row, 1);
    this.#states.delete(id);
    if (!this.#memory.frames.includes(this.#current)) this.#current.dropObject(row);
    this.#memory.dropObject(row);
    return this.#labels();
  }

  /** Go on in another mode: the newest masks, given as a label map, are seen anew; nothing else that is known goes. */
  async setMode(mode, labels) {
    this.#mode = mode;
    if (!this.started) return;
    this.#attention = new Attention(mode, this.#frame.width, this.#frame.height);
    if (!labels.some(Boolean)) return;
    const { permanent } = this.#memory;
    const isPermanent = permanent.at(-1) === this.#current;
    const current = await this.#enter(labels, true);
    if (isPermanent) permanent[permanent.length - 1] = current;
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
    const bounds = given.map((id) => source.boundsOfLabel(labels, id));
    bounds.push(...known.map((row) => before.bounds(row)));
    const isKept = known.length && !anew;
    const region = isKept ? this.#attention.changed(bounds, before.region) : this.#attention.region(bounds);
    const { cells } = region;
    const seen = new Float32Array(this.#ids.length * cells);
    const givenMasks = region.viewMasks(labels, width, given);
    given.forEach((id, i) => seen.set(givenMasks.subarray(i * cells, (i + 1) * cells), this.#ids.indexOf(id) * cells));
    if (known.length) makeRoom(seen, known, before.region.transfer(before.masks, region), cells);
    this.#memory.previous = (await this.#memorise(region, await this.#query(region), seen)).learn();
    return this.#memory.previous;
  }

  async #query(region) {
    const pixels = this.#clock.time("view", () => region.view(this.#frame));
    return this.#clock.time("query", () => this.#network.query(pixels, region.height, region.width));
  }

  #read(features, frames, prior, region) {
    const known = recall(frames, this.#memory.permanent);
    return this.#clock.time("read", () => this.#network.read(features, known, prior, this.#ids.length, region));
  }

  /** Masks of a look without parts that only the previous frame in memory takes for objects. */
  async #withoutGhosts(look) {
    const { cells, columns } = look.region;
    const rows = this.#ids.map((_, row) => look.row(row));
    const parted = rows.map((mask) => inParts(mask, columns));
    if (!parted.includes(true)) return look.masks;
    const recognised = await this.#recognised(look);
    const kept = new Float32Array(look.masks.length);
    rows.forEach((mask, row) => {
      kept.set(parted[row] ? withoutGhosts(mask, rowOf(recognised, row, cells), columns) : mask, row * cells);
    });
    return kept;
  }

  /** Make the newest frame, with its masks, the current one, ready for memory. */
  async #memorise(region, features, masks) {
    const value = await this.#clock.time("memorise", () =>
      this.#network.memorise(features, masks, this.#ids.length, region),
    );
    this.#unremembered = 0;
    const current = new MemoryFrame(region, features, masks, features.key.data, value);
    this.#current = current;
    return current;
  }

  /**
   * Find the `fresh` last objects of the current frame in an older one, so that memory agrees about all objects. Without it, the
   * older frame would insist that a new object's pixels are background.
   */
  async #backfill(frame, current, fresh) {
    if (!fresh) return;
    const { region } = frame;
    const known = recall([current], [current]);
    const newest = (array) => array && array.slice((-fresh * array.length) / this.#ids.length);
    const memory = { ...known, value: newest(known.value), classifier: newest(known.classifier) };
    const nowhere = new Float32Array(fresh * region.cells);
    const found = await this.#network.read(frame.features, memory, nowhere, fresh, region);
    const masks = new Float32Array(frame.masks.length + found.length);
    masks.set(frame.masks);
    for (let i = 0; i < region.cells; i++) {
      let free = 1;
      for (let at = i; at < frame.masks.length; at += region.cells) free -= frame.masks[at];
      for (let at = i; at < found.length; at += region.cells) {
        masks[frame.masks.length + at] = found[at] * Math.min(Math.max(free, 0), 1);
      }
    }
    frame.masks = masks;
    const count = masks.length / region.cells;
    frame.value = await this.#network.memorise(frame.features, masks, count, region);
    frame.learn();
  }

  /** Find all objects in a region of the newest frame; the prior (K, cells) says where they were. */
  async #look(region, prior) {
    const features = await this.#query(region);
    return new Look(region, features, await this.#read(features, this.#memory.frames, prior, region));
  }

  /**
   * A look that also holds missing objects that are back; the look itself, without what only passes for them. They are
   * looked for where the others are or, to search, in a look of their own that does not change how the others are seen.
   * Who seems to be back is looked at again in the region that then holds all.
   */
  async #withReturned(look, search) {
    const missing = this.#rows(false);
    const visible = this.#rows(true);
    const { everywhere } = this.#attention;
    const wide = search ? await this.#look(everywhere, look.region.transfer(look.masks, everywhere)) : look;
    let back = await this.#back(wide, missing, visible);
    if (back.length) {
      const bounds = [...visible.map((row) => look.bounds(row)), ...back.map((row) => wide.bounds(row))];
      const attention = this.#attention;
      const region = visible.length ? attention.nextRegion(bounds, look.region) : attention.region(bounds);
      let closer = look;
      if (!region.equals(look.region)) {
        const prior = look.region.transfer(look.masks, region).slice();
        const seen = wide.region.transfer(wide.masks, region);
        for (const row of back) prior.set(rowOf(seen, row, region.cells), row * region.cells);
        closer = await this.#look(region, prior);
      }
      back = await this.#back(closer, back, visible);
      if (back.length) look = closer;
    }
    const gone = missing.filter((row) => !back.includes(row));
    if (visible.length || gone.some((row) => inside(look.row(row)).count)) {
      look.masks = without(look.masks, gone, look.region.cells);
    }
    return look;
  }

  /** Those of some missing objects' rows that are back by this look. */
  async #back(look, missing, visible) {
    const { cells } = look.region;
    const before = this.#current.region.transfer(this.#current.masks, look.region);
    const others = visible.map((row) => rowOf(before, row, cells));
    const share = (row) => look.cellArea / this.#memory.greatestArea(row);
    const rows = missing.filter((row) => mayBeBack(look.row(row), share(row), others));
    if (!rows.length) return [];
    const recognised = await this.#recognised(look);
    return rows.filter((row) => isRecognised(look.row(row), rowOf(recognised, row, cells)));
  }

  /** Masks by the permanent frames alone. */
  #recognised({ features, masks, region }) {
    return this.#read(features, this.#memory.permanent, new Float32Array(masks.length), region);
  }

  /** Rows of the objects that were visible in the newest frame, or of the others. */
  #rows(visible) {
    return [...this.#ids.keys()].filter((row) => (this.#missing[row] === 0) === visible);
  }

  /** Label map of the current frame, exact in the objects of `given`; brings the objects' states up to date. */
  #labels(given = null) {
    return this.#clock.time("paint", () => {
      const { region, masks } = this.#current;
      const { width, height } = this.#frame;
      const labels = new Uint8Array(width * height);
      region.paint(masks, this.#ids, labels, width);
      if (given) {
        const isGiven = new Uint8Array(256);
        for (const id of given) isGiven[id] = 1;
        for (let i = 0; i < labels.length; i++) {
          if (given[i]) labels[i] = given[i];
          else if (isGiven[labels[i]]) labels[i] = 0;
        }
      }
      const areas = new Uint32Array(256);
      for (let i = 0; i < labels.length; i++) if (labels[i]) areas[labels[i]]++;
      this.#ids.forEach((id, row) => {
        const score = inside(this.#current.row(row)).mean;
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
    if (!this.started) throw new InputError("There is no first frame yet; mark an object first.");
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
  if (!(labels instanceof Uint8Array)) throw new InputError("A mask must be a Uint8Array with one id per pixel.");
  if (labels.length !== width * height) {
    throw new InputError(
      `The mask has ${labels.length} pixels, but the frame is ${width}x${height}; they must agree.`,
    );
  }
  const ids = idsOf(labels);
  if (!ids.length) throw new InputError("The mask has no object: every pixel is 0.");
  return ids;
}
