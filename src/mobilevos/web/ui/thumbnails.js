// Small pictures for the film strip, made one after the other while nothing else is decoded.

const MOST = 200;

export class Thumbnails {
  #kept = new Map(); // index -> picture, null while it is made
  #wanted = [];
  #isWorking = false;
  #isClosed = false;

  /** @param source frames @param {() => boolean} isIdle whether there is time now @param {() => void} arrived */
  constructor(source, isIdle, arrived) {
    Object.assign(this, { source, isIdle, arrived });
  }

  /** The picture of a frame, or of the nearest one that is there; undefined if there is none yet. */
  near(index) {
    let best, distance = Infinity;
    for (const [at, picture] of this.#kept) {
      if (!picture || Math.abs(at - index) >= distance) continue;
      [best, distance] = [picture, Math.abs(at - index)];
    }
    return best;
  }

  /** Asks for pictures; those asked for before and not made yet are forgotten. @param {number[]} indices */
  want(indices) {
    this.#wanted = indices.filter((index) => !this.#kept.has(index));
    this.#work();
  }

  /** Whether every picture that was asked for is there. */
  get isComplete() {
    return !this.#isWorking && !this.#wanted.length;
  }

  close() {
    this.#isClosed = true;
  }

  async #work() {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#wanted.length && !this.#isClosed) {
      if (!this.isIdle()) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        continue;
      }
      const index = this.#wanted.shift();
      this.#kept.set(index, null);
      try {
        const picture = await this.source.thumbnail(index);
        if (picture) this.#kept.set(index, picture);
      } catch {
        // a damaged frame has no picture
      }
      if (this.#kept.size > MOST) this.#kept.delete(this.#kept.keys().next().value);
      this.arrived();
    }
    this.#isWorking = false;
  }
}
