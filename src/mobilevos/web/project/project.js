// What the user made and what was found from it: objects, marked frames and masks, with undo.
import { idsOf, pack, unpack, without } from "./labels.js";

const UNDO_STEPS = 100;

/**
 * One frame's masks.
 * @typedef {{runs: Uint32Array, objects: {id: number, state: string, score: number}[], erased: number[], stale: boolean}}
 *   Entry
 * erased: objects of which the user left nothing here: they are followed no longer.
 * stale: found before a correction on an earlier frame; playing over it finds it anew.
 */

/**
 * The document of the page. A state is never changed in place by an edit, but replaced by one that shares most of it
 * with the last: undo and redo go from state to state, and no found mask is lost by either.
 */
export class Project extends EventTarget {
  #state = { objects: [1], active: 1, marked: new Set(), masks: new Map() };
  #past = [];
  #future = [];

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

  /** Indices with masks, in no order, and whether each is stale: for drawing a time line. */
  forEachFrame(visit) {
    for (const [index, entry] of this.#state.masks) visit(index, entry.stale);
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
    return entry ? unpack(entry.runs, this.pixels) : new Uint8Array(this.pixels);
  }

  /** The last frame at or before an index whose masks are up to date; undefined if there is none. */
  lastFresh(index) {
    for (let at = index; at >= 0; at--) if (this.entry(at)?.stale === false) return at;
    return undefined;
  }

  choose(id) {
    if (!this.objects.includes(id)) return;
    this.#state = { ...this.#state, active: id };
    this.#changed();
  }

  /** Makes a new object and chooses it. */
  addObject() {
    const id = Array.from({ length: 255 }, (_, at) => at + 1).find((free) => !this.objects.includes(free));
    if (id === undefined) throw new Error("There are 255 objects, and more do not fit in a mask; remove one first.");
    this.#replace({ objects: [...this.objects, id], active: id });
    return id;
  }

  /** Takes an object out of every frame. */
  removeObject(id) {
    const left = this.objects.filter((other) => other !== id);
    const masks = new Map();
    for (const [index, entry] of this.#state.masks) {
      const objects = entry.objects.filter((object) => object.id !== id);
      masks.set(index, { ...entry, runs: without(entry.runs, id), objects });
    }
    const objects = left.length ? left : [1];
    const active = this.active === id ? objects[objects.length - 1] : this.active;
    const marked = left.length ? this.#state.marked : new Set();
    this.#replace({ objects, active, marked, masks: left.length ? masks : new Map() });
  }

  /** Takes the label map of a frame as the user painted it; what was found after it becomes stale. */
  mark(index, labels) {
    const runs = pack(labels);
    const masks = new Map(this.#state.masks);
    for (const [later, entry] of masks)
      if (later > index && !entry.stale) masks.set(later, { ...entry, stale: !this.#state.marked.has(later) });
    const present = idsOf(runs);
    const { objects: before, erased: erasedBefore } = masks.get(index) ?? { objects: [], erased: [] };
    const hidden = before.filter(({ id, state }) => state !== "visible" && !present.includes(id));
    const seen = before.filter(({ state }) => state === "visible").map(({ id }) => id);
    const erased = [...erasedBefore, ...seen].filter((id) => !present.includes(id));
    const objects = [...present.map((id) => ({ id, state: "visible", score: 1 })), ...hidden];
    masks.set(index, { runs, objects, erased, stale: false });
    const known = [...new Set([...this.objects, ...present])];
    this.#replace({ objects: known, marked: new Set(this.#state.marked).add(index), masks });
  }

  /** Keeps what the engine found in a frame. */
  store(index, labels, objects) {
    const states = objects.map(({ id, state, score }) => ({ id, state, score }));
    const erased = this.isMarkedAt(index) ? this.entry(index).erased : [];
    const entry = { runs: pack(labels), objects: states, erased, stale: false };
    this.#state.masks.set(index, entry);
    return entry;
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  #travel(from, to) {
    if (!from.length) return;
    to.push(this.#state);
    this.#state = from.pop();
    this.dispatchEvent(new Event("travel"));
    this.#changed();
  }

  #replace(parts) {
    const { masks } = this.#state;
    // Masks found from now on belong to the new state alone.
    this.#past.push(this.#state);
    this.#state = { ...this.#state, masks: new Map(masks), ...parts };
    if (this.#past.length > UNDO_STEPS) this.#past.shift();
    this.#future = [];
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
