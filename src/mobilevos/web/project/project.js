// What the user made and what was found from it: objects, marked frames and masks, with undo. All views read it.
import { t } from "../texts/texts.js";
import { COLOURS } from "./colours.js";
import { PLAIN } from "./effects.js";
import { idsOf, pack, unpack, without } from "./labels.js";

const UNDO_STEPS = 100;
const MOST_OBJECTS = 254; // 255 is void in masks

/**
 * One frame's masks.
 * @typedef {{mask: Uint8Array, objects: {id: number, state: string, score: number}[], erased: number[],
 *   quality: string | null, outrun: boolean, stale: boolean}} Entry
 * mask: packed, see labels.js.
 * erased: objects of which the user left nothing here: they are followed no longer.
 * quality: the mode in which it was found; null where the user gave it.
 * outrun: found before a correction on a frame that leads to it.
 * stale: outrun, or found in another mode than the chosen one; playing over it finds it anew.
 */

const nothing = () => ({
  objects: [1],
  active: 1,
  about: new Map(),
  marked: new Set(),
  masks: new Map(),
  prompts: new Map(),
  range: null,
  effect: PLAIN,
});

/**
 * The document of the page. A state is never changed in place by an edit, but replaced by one that shares most of it
 * with the last: undo and redo go from state to state, and no found mask is lost by either. Events: "change" (an edit,
 * undone and redone ones too), "found" (masks of a frame, detail: its index), "travel" (undo or redo), "view" (another object is
 * chosen, which is no edit).
 */
export class Project extends EventTarget {
  #state = nothing();
  #past = [];
  #future = [];
  #quality = null;

  /** @param {number} pixels width * height of the frames */
  constructor(pixels) {
    super();
    this.pixels = pixels;
  }

  /** Ids of the objects, in the order in which they were made. */
  get objects() {
    return this.#state.objects;
  }

  /** Id of the object that tools paint. */
  get active() {
    return this.#state.active;
  }

  /** Indices of the frames that the user marked, in ascending order. */
  get marked() {
    return [...this.#state.marked].sort((a, b) => a - b);
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Whether any object is marked anywhere. */
  get isMarked() {
    return this.#state.marked.size > 0;
  }

  /** [index, Entry] of all frames with masks, in ascending order. */
  get frames() {
    return [...this.#state.masks].sort(([a], [b]) => a - b);
  }

  /** Indices of the frames with masks, in no order. */
  get indices() {
    return [...this.#state.masks.keys()];
  }

  /** [first, last] frame that is worked on, or null for all. */
  get range() {
    return this.#state.range;
  }

  /** {name, color, background?} of the effect on the picture, where the objects have none of their own. */
  get effect() {
    return this.#state.effect;
  }

  /** Indices with masks, in no order, and their entries: for drawing a time line. */
  forEachFrame(visit) {
    for (const [index, entry] of this.#state.masks) visit(index, entry);
  }

  isMarkedAt(index) {
    return this.#state.marked.has(index);
  }

  /** @returns {Entry | undefined} */
  entry(index) {
    return this.#state.masks.get(index);
  }

  /** Label map of a frame; background where nothing is known. */
  labels(index) {
    const entry = this.entry(index);
    return entry ? unpack(entry.mask, this.pixels) : new Uint8Array(this.pixels);
  }

  /** The last frame at or before an index whose masks are up to date; undefined if there is none. */
  lastFresh(index) {
    for (let at = index; at >= 0; at--) if (this.entry(at)?.stale === false) return at;
    return undefined;
  }

  /** {name, colour, hidden, effect} of an object; effect: its own (project/effects.js), null where it has that of the picture. */
  about(id) {
    const { name = t("objectNumber", { id }), colour = COLOURS[(id - 1) % COLOURS.length], hidden = false, effect = null } = this.#state.about.get(id) ?? {};
    return { name, colour, hidden, effect };
  }

  /** Clicks and boxes from which an object's mask in a frame was made, or undefined. */
  prompt(index, id) {
    return this.#state.prompts.get(`${index} ${id}`);
  }

  /** [index, id, prompt] of all. */
  get prompts() {
    return [...this.#state.prompts].map(([key, prompt]) => [...key.split(" ").map(Number), prompt]);
  }

  /** The mode in which frames are found from now on. */
  get quality() {
    return this.#quality;
  }

  set quality(mode) {
    this.#quality = mode;
    this.#review();
    this.#tell("change");
  }

  choose(id) {
    if (!this.objects.includes(id)) return;
    this.#state = { ...this.#state, active: id };
    this.#tell("view");
  }

  /** Names an object, colours it, hides or shows it. @param {{name?: string, colour?: string, hidden?: boolean}} parts */
  describe(id, parts) {
    this.#replace({ about: this.#described(id, parts) });
  }

  /** Changes parts of the effect on the picture; with `goesOn`, as part of the step before. */
  setEffect(parts, goesOn = false) {
    const effect = { ...this.effect, ...parts };
    if (!goesOn) return this.#replace({ effect });
    this.#state = { ...this.#state, effect };
    return this.#tell("change");
  }

  /** Gives an object an effect of its own, or that of the picture (null). */
  setOwnEffect(id, effect) {
    this.describe(id, { effect });
  }

  /** Shows one object alone; all of them, if it is the only one already. */
  solo(id) {
    const others = this.objects.filter((other) => other !== id);
    const isAlone = !this.about(id).hidden && others.every((other) => this.about(other).hidden);
    const about = this.objects.reduce((map, other) => this.#described(other, { hidden: !isAlone && other !== id }, map), this.#state.about);
    this.#replace({ about });
  }

  /** @param {[number, number] | null} range */
  setRange(range) {
    this.#replace({ range });
  }

  /** Makes a new object and chooses it. */
  addObject() {
    const id = Array.from({ length: MOST_OBJECTS }, (_, at) => at + 1).find((free) => !this.objects.includes(free));
    if (id === undefined) throw new Error(t("tooMany"));
    this.#replace({ objects: [...this.objects, id], active: id });
    return id;
  }

  /** Takes an object out of every frame. */
  removeObject(id) {
    const left = this.objects.filter((other) => other !== id);
    if (!left.length) {
      this.#replace({ ...nothing(), range: this.range, effect: this.effect });
      return;
    }
    const masks = new Map();
    for (const [index, entry] of this.#state.masks) {
      const objects = entry.objects.filter((object) => object.id !== id);
      masks.set(index, { ...entry, mask: without(entry.mask, id), objects });
    }
    const about = new Map(this.#state.about);
    about.delete(id);
    const prompts = new Map([...this.#state.prompts].filter(([key]) => !key.endsWith(` ${id}`)));
    const active = this.active === id ? left[left.length - 1] : this.active;
    this.#replace({ objects: left, active, masks, about, prompts });
  }

  /**
   * Takes the label map of a frame as the user made it; what was found from there becomes stale.
   * @param {{clicks: object[]} | null} [prompt] what the active object's mask was made from
   */
  mark(index, labels, prompt = null) {
    const masks = new Map(this.#state.masks);
    const prompts = new Map(this.#state.prompts);
    if (prompt) prompts.set(`${index} ${this.active}`, prompt);
    else for (const id of this.objects) prompts.delete(`${index} ${id}`);
    const present = this.#enter(masks, index, labels);
    this.#outrun(masks, index, present);
    this.#replace({ objects: [...new Set([...this.objects, ...present])], marked: new Set(this.#state.marked).add(index), masks, prompts });
  }

  /** Takes label maps of many frames as marks, in one step. @param {Map<number, Uint8Array>} frames */
  give(frames) {
    const masks = new Map(this.#state.masks), marked = new Set(this.#state.marked);
    const known = new Set(this.objects);
    this.#outrun(masks, Math.min(...frames.keys()), []);
    for (const [index, labels] of frames) {
      for (const id of this.#enter(masks, index, labels)) known.add(id);
      marked.add(index);
    }
    this.#replace({ objects: [...known], marked, masks });
  }

  /** Keeps what the engine found in a frame; of an earlier finding, the objects that are not among `ids`. */
  store(index, labels, objects, ids = null) {
    const before = this.entry(index);
    let states = objects.map(({ id, state, score }) => ({ id, state, score }));
    if (ids && before) {
      const kept = unpack(before.mask, this.pixels);
      for (let at = 0; at < kept.length; at++) {
        if (ids.includes(kept[at])) kept[at] = 0;
        if (!kept[at] && ids.includes(labels[at])) kept[at] = labels[at];
      }
      labels = kept;
      states = [...before.objects.filter(({ id }) => !ids.includes(id)), ...states.filter(({ id }) => ids.includes(id))];
    }
    const isMarked = this.isMarkedAt(index);
    const erased = isMarked ? before.erased : [];
    const entry = { mask: pack(labels), objects: states, erased, quality: isMarked ? null : this.#quality, outrun: false, stale: false };
    this.#state.masks.set(index, entry);
    this.dispatchEvent(new CustomEvent("found", { detail: index }));
    return entry;
  }

  /** The same document with its history, for other views. */
  again() {
    const other = new Project(this.pixels);
    [other.#state, other.#past, other.#future, other.#quality] = [this.#state, this.#past, this.#future, this.#quality];
    return other;
  }

  /** Takes a state that was kept or saved, and begins a new history. */
  restore(state) {
    this.#state = { ...nothing(), ...state };
    [this.#past, this.#future] = [[], []];
    this.#review();
    this.#tell("travel");
    this.#tell("change");
  }

  /** Takes a state that was saved, as an edit. */
  replaceBy(state) {
    this.#replace({ ...nothing(), ...state });
    this.#review();
    this.#tell("travel");
    this.#tell("change");
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  #described(id, parts, about = this.#state.about) {
    return new Map(about).set(id, { ...about.get(id), ...parts });
  }

  /** Lets what was found from a frame be outrun, as its masks, with some ids present, are other ones now. */
  #outrun(masks, index, present) {
    const older = new Set(this.marked.filter((at) => at < index).flatMap((at) => idsOf(masks.get(at).mask)));
    const isFirst = !older.size;
    const born = present.filter((id) => !older.has(id)); // frames before this one have them from here
    for (const [other, entry] of masks) {
      const isLed = other > index || isFirst || entry.objects.some(({ id }) => born.includes(id));
      if (other !== index && isLed && !this.#state.marked.has(other)) masks.set(other, { ...entry, outrun: true, stale: true });
    }
  }

  /** Puts a frame's new masks in place; the ids that it has. */
  #enter(masks, index, labels) {
    const mask = pack(labels);
    const present = idsOf(mask);
    const { objects: before, erased: erasedBefore } = masks.get(index) ?? { objects: [], erased: [] };
    const hidden = before.filter(({ id, state }) => state !== "visible" && !present.includes(id));
    const seen = before.filter(({ state }) => state === "visible").map(({ id }) => id);
    const erased = [...erasedBefore, ...seen].filter((id) => !present.includes(id));
    const objects = [...present.map((id) => ({ id, state: "visible", score: 1 })), ...hidden];
    masks.set(index, { mask, objects, erased, quality: null, outrun: false, stale: false });
    return present;
  }

  /** Brings up to date which frames are stale. */
  #review() {
    for (const [index, entry] of this.#state.masks) {
      const stale = entry.outrun || (entry.quality !== null && this.#quality !== null && entry.quality !== this.#quality);
      if (stale !== entry.stale) this.#state.masks.set(index, { ...entry, stale });
    }
  }

  #travel(from, to) {
    if (!from.length) return;
    to.push(this.#state);
    this.#state = from.pop();
    this.#review();
    this.#tell("travel");
    this.#tell("change");
  }

  #replace(parts) {
    // Masks found from now on belong to the new state alone.
    this.#past.push(this.#state);
    this.#state = { ...this.#state, masks: new Map(this.#state.masks), ...parts };
    if (this.#past.length > UNDO_STEPS) this.#past.shift();
    this.#future = [];
    this.#tell("change");
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }
}
