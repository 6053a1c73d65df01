// Moves through the frames: shows stored masks, finds missing ones, and keeps time.

/** Frames over which the rate is averaged. */
const RATE_OVER = 12;

/**
 * The frame that is shown, and playing on from it. Events: "show" (another frame, or other masks in it), "state"
 * (playing or paused, busy or idle), "rate" (after each frame played), "problem" (detail: an Error that ended playing).
 */
export class Player extends EventTarget {
  index = 0;
  playing = false;
  /** Frames per second shown lately, and the engine's time for the newest frame; null before the first one. */
  rate = null;
  milliseconds = null;
  #frame = null;
  #labels;
  #image = null;
  #times = [];
  #running = Promise.resolve();

  constructor(source, project, follower) {
    super();
    Object.assign(this, { source, project, follower });
    this.recompute = false; // find masks anew even where they are stored: an effect needs the engine
    this.#labels = new Uint8Array(project.pixels);
    project.addEventListener("travel", () => this.refresh());
  }

  /** The frame shown; stays the player's. */
  get frame() {
    return this.#frame;
  }

  /** Label map shown; tools paint into it and then call `commit`. */
  get labels() {
    return this.#labels;
  }

  /** The frame with the effect, where the engine has just made one. */
  get image() {
    return this.#image;
  }

  get objects() {
    return this.project.entry(this.index)?.objects ?? [];
  }

  /** Stores what was painted into `labels`. */
  commit() {
    this.project.mark(this.index, this.#labels);
    this.#image = null;
    this.#tell("show");
  }

  /** Shows the stored masks of the frame again, after they were changed. */
  refresh() {
    this.#labels = this.project.labels(this.index);
    this.#image = this.follower.resultAt(this.index)?.image ?? null;
    this.#tell("show");
  }

  /** Runs work that must not overlap with playing or other work; rejects as the work does. */
  alone(work) {
    const run = this.#running.then(() => {
      this.#tell("state");
      return work();
    });
    this.#running = run.then(
      () => this.#tell("state"),
      () => this.#tell("state"),
    );
    return run;
  }

  /** The same, but problems are told to the user and end the work. */
  exclusively(work) {
    return this.alone(work).catch((error) => {
      this.dispatchEvent(new CustomEvent("problem", { detail: error }));
    });
  }

  /** Pauses, then shows a frame. */
  async seek(index) {
    await this.pause();
    const last = Math.max(0, this.source.count - 1);
    const target = Math.min(Math.max(0, index), last);
    this.wanted = target;
    return this.exclusively(async () => {
      if (this.wanted !== target) return; // dragging the time line leaves frames out
      if (this.source.live && !this.source.count) return this.#show(0, await this.source.newest());
      this.#show(target, await this.source.frame(target));
      if (this.recompute) await this.#showEffect();
    });
  }

  /** Shows the camera's newest frame, which is not kept. */
  lookLive() {
    return this.exclusively(async () => this.#show(0, await this.source.newest()));
  }

  /** Whether an effect is shown, which the engine makes; brings it up in the frame shown. */
  showEffect(isOn) {
    this.recompute = isOn;
    this.#image = null;
    return this.exclusively(() => this.#showEffect());
  }

  /** Pauses and moves by so many frames; a step forward finds the masks of the frame. */
  async step(by) {
    await this.pause();
    const next = this.index + by;
    if (by !== 1 || this.source.live || !this.project.entry(this.index)) return this.seek(next);
    if (next >= this.source.count) return undefined;
    return this.exclusively(() => this.#advance());
  }

  async pause() {
    this.playing = false;
    await this.#running;
  }

  play() {
    if (this.playing) return undefined;
    this.playing = true;
    return this.exclusively(async () => {
      try {
        await this.#goToMasks();
        await this.#run();
      } finally {
        this.playing = false;
      }
    });
  }

  close() {
    this.playing = false;
    this.#frame?.close();
    this.#frame = null;
    this.source.close();
  }

  /** Playing goes on from the newest frame with masks, not from one that nothing leads up to. */
  async #goToMasks() {
    if (!this.project.isMarked) {
      throw new Error("No object is marked yet: paint one with the brush, or draw a box around it, then play.");
    }
    if (this.source.live && !this.source.count) this.#keepLive();
    const newest = this.source.live ? this.source.count - 1 : this.index;
    const from = this.project.lastFresh(newest) ?? this.project.marked[0];
    const to = this.source.live ? newest : from;
    if (to !== this.index) this.#show(to, await this.source.frame(to));
    if (to !== from) this.#show(to, this.#frame, await this.follower.advance(from, this.#frame, to));
  }

  async #run() {
    this.#times = [];
    const start = performance.now();
    for (let shown = 1; this.playing && (this.source.live || this.index + 1 < this.source.count); shown++) {
      await this.#advance();
      this.#count();
      const due = start + (1000 * shown) / this.source.fps;
      const wait = this.source.live ? 0 : due - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      else await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }

  async #advance() {
    const next = this.index + 1;
    const frame = this.source.live ? await this.source.newest() : await this.source.frame(next);
    const stored = this.project.entry(next);
    if (stored && !stored.stale && !this.recompute) return this.#show(next, frame);
    let result;
    try {
      result = await this.follower.advance(this.index, frame);
    } catch (error) {
      frame.close();
      throw error;
    }
    this.milliseconds = result.milliseconds;
    this.#show(next, frame, result);
    if (this.source.live) this.#keepLive();
    return undefined;
  }

  async #showEffect() {
    if (this.recompute && this.#labels.some(Boolean)) await this.follower.reach(this.index);
    this.refresh();
  }

  #keepLive() {
    this.source.keep(this.#frame);
  }

  #show(index, frame, result) {
    if (this.#frame !== frame) this.#frame?.close();
    this.#frame = frame;
    this.index = index;
    this.#labels = result?.labels ?? this.project.labels(index);
    this.#image = result?.image ?? this.follower.resultAt(index)?.image ?? null;
    this.#tell("show");
  }

  #count() {
    this.#times.push(performance.now());
    if (this.#times.length > RATE_OVER) this.#times.shift();
    const span = this.#times[this.#times.length - 1] - this.#times[0];
    if (span > 0) this.rate = (1000 * (this.#times.length - 1)) / span;
    this.#tell("rate");
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }
}
