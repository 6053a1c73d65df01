/** What the tracker remembers: a few permanent frames and the previous one. A port of mobilevos/memory.py. */

export const MAX_PERMANENT = 3; // the first frame, and the newest ones that the user corrected or added an object in

/** A frame in memory: its key (keySize, n), the values (K, valueSize, n) and masks (K, rows, columns) of its objects. */
export class MemoryFrame {
  constructor(region, features, key, value, masks) {
    Object.assign(this, { region, features, key, value, masks });
  }

  /** Pixels of the memory, n. */
  get pixels() {
    return (this.region.height / 16) * (this.region.width / 16);
  }

  /** Forget the object in row `index`. */
  dropObject(index) {
    const count = this.masks.length / this.region.cells;
    this.value = withoutRow(this.value, index, count);
    this.masks = withoutRow(this.masks, index, count);
  }
}

/** The frames that the network compares with. */
export class Memory {
  permanent = [];
  previous = null;

  /** Every frame in memory, each once. */
  get frames() {
    if (!this.previous || this.permanent.includes(this.previous)) return this.permanent;
    return [...this.permanent, this.previous];
  }

  /** Keys (keySize, N) and values (K * valueSize, N) of all frames side by side. */
  arrays() {
    const frames = this.frames;
    const pixels = frames.reduce((sum, frame) => sum + frame.pixels, 0);
    return { key: sideBySide(frames, "key", pixels), value: sideBySide(frames, "value", pixels), pixels };
  }

  /** Make a frame permanent; of those after the first, the oldest gives way when the memory is full. */
  keep(frame) {
    if (this.permanent.length === MAX_PERMANENT) this.permanent.splice(1, 1);
    this.permanent.push(frame);
  }

  /** Forget the object in row `index` of every frame. */
  dropObject(index) {
    for (const frame of this.frames) frame.dropObject(index);
  }
}

function sideBySide(frames, name, pixels) {
  const rows = frames[0][name].length / frames[0].pixels;
  const out = new Float32Array(rows * pixels);
  let offset = 0;
  for (const frame of frames) {
    const own = frame.pixels;
    for (let row = 0; row < rows; row++) {
      out.set(frame[name].subarray(row * own, (row + 1) * own), row * pixels + offset);
    }
    offset += own;
  }
  return out;
}

function withoutRow(array, index, count) {
  const size = array.length / count;
  const out = new Float32Array(array.length - size);
  out.set(array.subarray(0, index * size));
  out.set(array.subarray((index + 1) * size), index * size);
  return out;
}
