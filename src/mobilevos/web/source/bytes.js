// Reading numbers out of a file without holding the file in memory.

const BLOCK = 1 << 20;

/** A file read in blocks; the newest block is kept. */
export class FileReader {
  #start = 0;
  #block = new DataView(new ArrayBuffer(0));

  /** @param {Blob} file */
  constructor(file) {
    this.file = file;
    this.size = file.size;
  }

  /** @returns {Promise<DataView>} `length` bytes at `offset`, fewer at the end of the file */
  async view(offset, length) {
    const from = offset - this.#start;
    if (from < 0 || from + length > this.#block.byteLength) {
      const end = Math.min(this.size, offset + Math.max(length, BLOCK));
      this.#block = new DataView(await this.file.slice(offset, end).arrayBuffer());
      this.#start = offset;
    }
    const at = offset - this.#start;
    return new DataView(this.#block.buffer, at, Math.max(0, Math.min(length, this.#block.byteLength - at)));
  }
}

/** Two hexadecimal digits per byte. */
export function hex(...bytes) {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Four letters of a view, as boxes and codecs are named. */
export function fourLetters(view, at) {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
}
