// Keeps the engine in step with the project: whatever the user edited or undid, the next frame is found from it.
import { copyOf } from "../source/frames.js";
import { t } from "../texts/texts.js";

/** Marked frames that the engine is told again after a jump: the first, and this many of the newest. */
const NEWEST_MARKED = 2;
/** An effect that looks ahead is shown every so-many-th frame, up to so many frames ahead. */
const EVERY = 8;
const AHEAD = 32;

/** Finds masks frame by frame, forwards or backwards. Its methods must not run at the same time as one another. */
export class Follower {
  #at = -1; // index of the engine's newest frame
  #direction = 1; // in which it has come there
  #entry; // the project's entry that the engine agrees with there
  #known = new Set(); // ids that the engine follows
  #keep = null; // newest result, while the engine's state is still that
  #foreseen = 0; // frames before this index were shown to the effect
  /** Whether the engine's effect looks ahead, to frames of which masks are known. */
  looksAhead = false;

  /** @param {Promise<Engine>} engine may still be loading */
  constructor(engine, project, source) {
    Object.assign(this, { engine, project, source });
    project.addEventListener("travel", () => this.reset());
  }

  /** Forgets what the engine knows; it is told again before the next frame. */
  reset() {
    this.#at = -1;
  }

  /** The engine's result for a frame, if it is its newest one and nothing was edited since. */
  resultAt(index) {
    return this.#at === index && this.#entry === this.project.entry(index) ? this.#keep : null;
  }

  /**
   * Finds the masks of another frame, as a rule the next one or the one before, and stores them.
   * @param {number} index a frame with masks
   * @param {VideoFrame | ImageBitmap} frame the other frame; stays the caller's
   * @param {number} [next] its index
   * @param {number[] | null} [ids] objects of which masks are stored; all if null
   * @returns the engine's result
   */
  async advance(index, frame, next = index + 1, ids = null) {
    const direction = next < index ? -1 : 1;
    await this.reach(index, direction);
    if (direction > 0) await this.#foresee(index);
    this.#at = -1; // until it has succeeded
    let result = await (await this.engine).step(await copyOf(frame));
    if (this.project.isMarkedAt(next)) {
      const corrected = await this.#give(next, result);
      result = { ...result, ...corrected, milliseconds: result.milliseconds + corrected.milliseconds };
    }
    this.#agree(next, this.project.store(next, result.labels, result.objects, ids), result, direction);
    return result;
  }

  /** Brings the engine to a frame with masks, so that the one after it in a direction can be found. */
  async reach(index, direction = 1) {
    const entry = this.project.entry(index);
    const isThere = this.#at === index && this.#direction === direction;
    if (isThere && this.#entry === entry) return;
    this.#at = -1; // until it has succeeded
    if (isThere) {
      this.#agree(index, entry, await this.#give(index, this.#keep), direction);
      return;
    }
    const engine = await this.engine;
    let result = null;
    for (const at of [...this.#leadingTo(index, direction), index]) {
      const labels = this.project.labels(at);
      if (result) result = await this.#give(at, await engine.step(await this.source.frame(at)));
      else if (labels.some(Boolean)) result = await engine.start(await this.source.frame(at), labels);
    }
    if (!result) throw new Error(t("markBefore"));
    this.#foreseen = 0;
    this.#agree(index, entry, (await this.#foresee(index)) ?? result, direction);
  }

  /** Shows the effect what is to come after a frame, the engine's newest; its result with that, if there is anything new. */
  async #foresee(index) {
    if (!this.looksAhead || this.source.live) return null;
    const coming = [];
    for (let at = index + EVERY - (index % EVERY); at <= index + AHEAD && at < this.source.count; at += EVERY) {
      if (at < this.#foreseen) continue;
      if (this.project.entry(at)?.stale !== false) break;
      coming.push({ frame: await this.source.frame(at), labels: this.project.labels(at), ahead: at - index });
      this.#foreseen = at + 1;
    }
    return coming.length ? (await this.engine).foresee(coming) : null;
  }

  /** Stops following an object that the project has lost. */
  async remove(id) {
    if (this.#at < 0 || !this.#known.has(id)) return;
    const agreed = this.#at;
    this.#at = -1;
    await (await this.engine).remove(id);
    const entry = this.project.entry(agreed);
    if (!entry) return;
    this.#known.delete(id);
    this.#at = agreed;
    this.#entry = entry;
    this.#keep = { ...this.#keep, image: undefined, objects: entry.objects };
  }

  /** Marked frames on the way to an index, in the order in which the engine passes them. */
  #leadingTo(index, direction) {
    const { marked } = this.project;
    const passed = direction > 0 ? marked.filter((at) => at < index) : marked.filter((at) => at > index).reverse();
    return [...new Set([...passed.slice(0, 1), ...passed.slice(-NEWEST_MARKED)])];
  }

  /** Corrects the engine's newest frame, whose result is given, to what the project has there. */
  async #give(index, { objects }) {
    const engine = await this.engine;
    this.#foreseen = 0;
    const { erased } = this.project.entry(index);
    for (const { id } of objects) if (erased.includes(id)) await engine.remove(id);
    const labels = this.project.labels(index);
    if (labels.some(Boolean)) return engine.add(labels);
    return { labels, objects: [], milliseconds: 0, image: undefined };
  }

  #agree(index, entry, result, direction) {
    this.#keep?.image?.close();
    this.#at = index;
    this.#direction = direction;
    this.#entry = entry;
    this.#keep = result;
    this.#known = new Set(result.objects.map(({ id }) => id));
  }
}
