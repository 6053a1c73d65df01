// WebM files (RFC 8794, RFC 9559): one video track, transparent if wanted, with cues so that players can jump in it.
import { BlobSink } from "./sink.js";

const text = (string) => new TextEncoder().encode(string);

/** Big-endian bytes of a whole number. */
function number(value, length = Math.max(1, Math.ceil(Math.log2(value + 1) / 8))) {
  const bytes = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

function float(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

/** A size in eight bytes, whatever it is. */
function sized(size) {
  const bytes = number(size, 8);
  bytes[0] = 1;
  return bytes;
}

/** An element: its id, and content in bytes or elements. */
function element(id, ...content) {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(number(id).length + 8 + size);
  let at = 0;
  for (const part of [number(id), sized(size), ...content]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const SEEK_HEAD = 0x114d9b74;
/** Milliseconds; times inside of a cluster have 16 bits. */
const LONGEST_CLUSTER = 30_000;

/** Writes frames as they come; clusters begin at key frames. */
export class WebmWriter {
  #body = new BlobSink();
  #cluster = [];
  #clusterTime = 0;
  #cues = [];
  #end = 0;

  /** @param {{codec: "V_VP8" | "V_VP9", width: number, height: number, fps: number, alpha: boolean}} settings */
  constructor(settings) {
    this.settings = settings;
  }

  /**
   * @param {number} time milliseconds
   * @param {Uint8Array} data of the encoder
   * @param {boolean} key
   * @param {Uint8Array} [alpha] data of the encoder of the alpha channel
   */
  add(time, data, key, alpha) {
    if (key || time - this.#clusterTime > LONGEST_CLUSTER) this.#begin(time);
    const head = (flags) => Uint8Array.of(0x81, ((time - this.#clusterTime) >> 8) & 255, (time - this.#clusterTime) & 255, flags);
    if (!alpha) {
      this.#cluster.push(element(0xa3, head(key ? 0x80 : 0), data));
    } else {
      const block = element(0xa1, head(0), data);
      const more = element(0x75a1, element(0xa6, element(0xee, number(1)), element(0xa5, alpha)));
      const reference = key ? [] : [element(0xfb, number(256 - Math.max(1, Math.min(128, time - this.#end)), 1))];
      this.#cluster.push(element(0xa0, block, more, ...reference));
    }
    this.#end = time;
  }

  /** @returns {Blob} the whole file */
  finish() {
    this.#flush();
    const { codec, width, height, fps, alpha } = this.settings;
    const video = element(0xe0, element(0xb0, number(width)), element(0xba, number(height)), ...(alpha ? [element(0x53c0, number(1))] : []));
    const track = element(
      0xae,
      element(0xd7, number(1)),
      element(0x73c5, number(1)),
      element(0x83, number(1)),
      element(0x86, text(codec)),
      element(0x23e383, number(Math.round(1e9 / fps))),
      ...(alpha ? [element(0x55ee, number(1))] : []),
      video,
    );
    const tracks = element(0x1654ae6b, track);
    const info = element(
      0x1549a966,
      element(0x2ad7b1, number(1e6)),
      element(0x4489, float(this.#end + 1000 / fps)),
      element(0x4d80, text("MobileVOS")),
      element(0x5741, text("MobileVOS")),
    );
    const seek = (id, position) => element(0x4dbb, element(0x53ab, number(id)), element(0x53ac, number(position, 8)));
    const seekSize = element(SEEK_HEAD, seek(0x1549a966, 0), seek(0x1654ae6b, 0), seek(0x1c53bb6b, 0)).length;
    const start = seekSize + info.length + tracks.length;
    const seekHead = element(
      SEEK_HEAD,
      seek(0x1549a966, seekSize),
      seek(0x1654ae6b, seekSize + info.length),
      seek(0x1c53bb6b, start + this.#body.size),
    );
    const points = this.#cues.map(({ time, offset }) =>
      element(0xbb, element(0xb3, number(time)), element(0xb7, element(0xf7, number(1)), element(0xf1, number(start + offset)))),
    );
    const cues = element(0x1c53bb6b, ...points);
    const ebml = element(
      0x1a45dfa3,
      element(0x4286, number(1)),
      element(0x42f7, number(1)),
      element(0x42f2, number(4)),
      element(0x42f3, number(8)),
      element(0x4282, text("webm")),
      element(0x4287, number(4)),
      element(0x4285, number(2)),
    );
    const segment = [number(0x18538067), sized(start + this.#body.size + cues.length)];
    return new Blob([ebml, ...segment, seekHead, info, tracks, this.#body.blob(), cues], { type: "video/webm" });
  }

  #begin(time) {
    this.#flush();
    this.#clusterTime = time;
    this.#cues.push({ time, offset: this.#body.size });
  }

  #flush() {
    if (this.#cluster.length) this.#body.write(element(0x1f43b675, element(0xe7, number(this.#clusterTime)), ...this.#cluster));
    this.#cluster = [];
  }
}
