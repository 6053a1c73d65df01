// ZIP archives. Files are stored as they are, as PNG is compressed already, or compressed.
import { t } from "../texts/texts.js";
import { BlobSink } from "./sink.js";
import { crc32, crc32OfBlob } from "./crc32.js";

const UTF8 = 0x0800;
const DATE = (1 << 5) | 1; // 1 January 1980: the same masks give the same archive
const MOST = 0xffff;
const LARGEST = 0xffffffff;
const STORED = 0, DEFLATED = 8;

/** Little-endian fields: [bytes, value] each. */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/** Writes an archive file by file. */
export class ZipWriter {
  #sink = new BlobSink();
  #directory = new BlobSink();
  #count = 0;

  /** @param {string} name @param {Uint8Array} content */
  add(name, content) {
    this.#write(name, { size: content.length, crc: crc32(content) }, STORED, new Blob([content]));
  }

  /** @param {string} name @param {Blob} blob */
  async addCompressed(name, blob) {
    const compressed = await new Response(blob.stream().pipeThrough(new CompressionStream("deflate-raw"))).blob();
    this.#write(name, { size: blob.size, crc: await crc32OfBlob(blob) }, DEFLATED, compressed);
  }

  #write(name, original, method, content) {
    if (this.#sink.size + content.size > LARGEST || original.size > LARGEST) {
      throw new Error(t("zipTooLarge"));
    }
    const path = new TextEncoder().encode(name);
    const common = [[2, UTF8], [2, method], [2, 0], [2, DATE], [4, original.crc], [4, content.size], [4, original.size], [2, path.length], [2, 0]];
    const offset = this.#sink.size;
    this.#sink.write(record([4, 0x04034b50], [2, 20], ...common));
    this.#sink.write(path);
    this.#sink.write(content);
    this.#directory.write(record([4, 0x02014b50], [2, 20], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]));
    this.#directory.write(path);
    this.#count++;
  }

  /** @returns {Blob} the whole archive */
  finish(type = "application/zip") {
    const { size } = this.#directory;
    const start = this.#sink.size;
    const parts = [this.#sink.blob(), this.#directory.blob()];
    if (this.#count > MOST) {
      // The number of files does not fit in the plain end record.
      const count = this.#count;
      parts.push(record([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, start]));
      parts.push(record([4, 0x07064b50], [4, 0], [8, start + size], [4, 1]));
    }
    const count = Math.min(this.#count, MOST);
    parts.push(record([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, start], [2, 0]));
    return new Blob(parts, { type });
  }
}
