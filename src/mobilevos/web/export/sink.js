// Where a growing file goes: the browser keeps it, on disk when it is large, and the page's memory stays small.

const BATCH = 1 << 22;

/** Collects bytes into a Blob. */
export class BlobSink {
  size = 0;
  #parts = [];
  #pending = [];
  #pendingSize = 0;

  /** @param {Uint8Array | Blob | string} bytes strings are written as UTF-8 */
  write(bytes) {
    const chunk = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    const size = chunk.size ?? chunk.byteLength;
    this.#pending.push(chunk);
    this.#pendingSize += size;
    this.size += size;
    if (this.#pendingSize > BATCH) this.#hand();
  }

  /** Everything written, behind `head` if that is given. */
  blob(type, head = []) {
    this.#hand();
    return new Blob([...head, ...this.#parts], { type });
  }

  #hand() {
    this.#parts.push(new Blob(this.#pending));
    this.#pending = [];
    this.#pendingSize = 0;
  }
}
