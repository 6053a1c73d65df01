// Moves through the frames: shows stored masks, finds missing ones, and keeps time.
import { t } from "../texts/texts.js";
import { nextPicture } from "./pace.js";
import { lengthOf, missingPasses, passBack } from "./passes.js";

/** Frames over which the rate is averaged. */
const RATE_OVER = 12;

/**
 * The frame that is shown, playing on from it, and tracking. Events: "show" (another frame, or other masks in it), "state"
 * (playing, tracking or paused, busy or idle), "rate" (after each frame played), "tracked" (all frames are; detail:
 * {count: frames that were found, isBack: whether backwards from one}), "problem" (detail: an Error that ended playing).
 */
export class Player extends EventTarget {
  index = 0;
  playing = false;
  /** Frames per second shown lately, and the engine's time for the newest frame; null before the first one. */
  rate = null;
  milliseconds = null;
  /** {done, total} frames while tracking. */
  tracking = null;
  /** How fast and in which direction it plays. */
  speed = 1;
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

  /** First and last frame that is played and tracked. */
  get range() {
    return this.project.range ?? [0, Math.max(0, this.source.count - 1)];
  }

  /** Stores what was painted into `labels`. */
  commit(prompt = null) {
    this.project.mark(this.index, this.#labels, prompt);
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

  /** Ends playing and tracking after the frame that is under way. */
  async pause() {
    this.playing = false;
    this.tracking = null;
    await this.#running;
  }

  /** Plays on, finding masks that are missing; from the beginning where the end is reached. At other speeds it only shows. */
  async play(speed = 1) {
    if (this.playing && this.speed === speed) return undefined;
    await this.pause();
    this.playing = true;
    this.speed = speed;
    return this.exclusively(async () => {
      try {
        if (this.source.live) await this.#goLive();
        else await this.#goToBeginning();
        await (speed === 1 ? this.#run() : this.#shuttle());
      } finally {
        this.playing = false;
      }
    });
  }

  /** Finds all masks that are missing or stale, in both directions; then shows the frame again from which it was called. */
  track() {
    return this.#track(false, () => missingPasses(this.project, ...this.range));
  }

  /** Finds the masks before the frame shown anew, back to the frame that was marked before it. */
  trackBack() {
    return this.#track(true, () => [passBack(this.project, this.index, this.range[0])].filter(Boolean));
  }

  close() {
    this.playing = false;
    this.tracking = null;
    this.#frame?.close();
    this.#frame = null;
  }

  async #track(isBack, passesOf) {
    await this.pause();
    return this.exclusively(async () => {
      if (!this.project.isMarked) throw new Error(t("markToTrack"));
      const passes = passesOf();
      const home = this.index;
      const tracking = { done: 0, total: lengthOf(passes) };
      let isWhole = false;
      this.tracking = tracking;
      this.#times = [];
      try {
        for (const pass of passes) if (this.tracking === tracking) await this.#pass(pass, tracking);
      } finally {
        isWhole = this.tracking === tracking;
        if (isWhole) this.tracking = null;
        if (isWhole && this.index !== home) this.#show(home, await this.source.frame(home));
      }
      if (isWhole) this.dispatchEvent(new CustomEvent("tracked", { detail: { count: tracking.total, isBack } }));
    });
  }

  async #pass({ from, to, ids }, tracking) {
    const direction = Math.sign(to - from);
    let drawn = null; // a frame is drawn while the next one is found
    for (let at = from; at !== to && this.tracking === tracking; at += direction) {
      const next = at + direction;
      tracking.done++;
      if (direction > 0 && this.project.entry(next)?.stale === false) continue;
      await this.#find(at, await this.source.frame(next), next, ids);
      this.#count();
      await drawn;
      drawn = nextPicture();
    }
  }

  /** Playing goes on from the newest frame with masks, so that those of all later ones can be found. */
  async #goToBeginning() {
    const [first, last] = this.range;
    if (this.speed > 0 && this.index >= last) this.#show(first, await this.source.frame(first));
    if (this.speed !== 1) return;
    const from = this.project.lastFresh(this.index);
    if (from !== undefined && from !== this.index) this.#show(from, await this.source.frame(from));
  }

  async #goLive() {
    if (!this.project.isMarked) throw new Error(t("markToPlay"));
    if (!this.source.count) this.#keepLive();
    const newest = this.source.count - 1;
    const from = this.project.lastFresh(newest) ?? this.project.marked[0];
    if (newest !== this.index) this.#show(newest, await this.source.frame(newest));
    if (newest !== from) await this.#find(from, this.#frame, newest);
  }

  async #run() {
    this.#times = [];
    const { source } = this;
    const [, last] = this.range;
    const end = this.index < last ? last : source.count - 1;
    const start = performance.now() - 1000 * (source.live ? 0 : source.time(this.index));
    let drawn = null;
    while (this.playing && (source.live || this.index < end)) {
      await this.#advance();
      this.#count();
      const wait = source.live ? 0 : start + 1000 * source.time(this.index) - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      else {
        await drawn;
        drawn = nextPicture();
      }
    }
  }

  /** Shows frames backwards or faster, leaving out those for which there is no time. */
  async #shuttle() {
    const { source, speed } = this;
    const [began, from] = [performance.now(), source.time(this.index)];
    const direction = Math.sign(speed);
    for (;;) {
      const time = from + (speed * (performance.now() - began)) / 1000;
      let next = this.index + direction;
      const isPassed = (index) => direction * (time - source.time(index)) > 0;
      while (next + direction >= 0 && next + direction < source.count && isPassed(next + direction)) next += direction;
      if (!this.playing || next < 0 || next >= source.count) return;
      const wait = (1000 * (source.time(next) - time)) / speed;
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      this.#show(next, await source.frame(next));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }

  async #advance() {
    const next = this.index + 1;
    const frame = this.source.live ? await this.source.newest() : await this.source.frame(next);
    const stored = this.project.entry(next);
    const isKept = stored && !stored.stale && !this.recompute;
    if (isKept || !this.project.entry(this.index)) return this.#show(next, frame);
    await this.#find(this.index, frame, next);
    if (this.source.live) this.#keepLive();
    return undefined;
  }

  /** Finds and shows the masks of a frame, which becomes the player's. */
  async #find(from, frame, next, ids = null) {
    let result;
    try {
      result = await this.follower.advance(from, frame, next, ids);
    } catch (error) {
      if (frame !== this.#frame) frame.close();
      throw error;
    }
    this.milliseconds = result.milliseconds;
    this.#show(next, frame, ids ? undefined : result);
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
