// The frames of a WebM or Matroska file (RFC 8794, RFC 9559), without reading the pictures.
import { av1Name, avcName, hevcName } from "./codecs.js";
import { FileReader } from "./bytes.js";

const SEGMENT = 0x18538067, INFO = 0x1549a966, TIME_SCALE = 0x2ad7b1, TRACKS = 0x1654ae6b, TRACK = 0xae;
const NUMBER = 0xd7, TYPE = 0x83, CODEC = 0x86, PRIVATE = 0x63a2, VIDEO = 0xe0, WIDTH = 0xb0, HEIGHT = 0xba;
const CLUSTER = 0x1f43b675, TIME = 0xe7, SIMPLE_BLOCK = 0xa3, GROUP = 0xa0, BLOCK = 0xa1, REFERENCE = 0xfb;
/** Elements whose content is read on; all others are skipped. Sizes of these need not be known. */
const OPENED = new Set([SEGMENT, INFO, TRACKS, TRACK, VIDEO, CLUSTER, GROUP]);
const DESCRIBED = { "V_MPEG4/ISO/AVC": avcName, "V_MPEGH/ISO/HEVC": hevcName, V_AV1: av1Name };

/** A variable-size number: [value, bytes]; an unknown size is Infinity. */
function variable(view, at, keepMarker) {
  const first = view.getUint8(at);
  const bytes = Math.clz32(first) - 23;
  if (bytes > 8) throw new Error("damaged");
  let value = keepMarker ? first : first & (0xff >> bytes);
  let ones = value === 0xff >> bytes;
  for (let n = 1; n < bytes; n++) {
    value = value * 256 + view.getUint8(at + n);
    ones &&= view.getUint8(at + n) === 0xff;
  }
  return [!keepMarker && ones ? Infinity : value, bytes];
}

const unsigned = (view) => {
  let value = 0;
  for (let at = 0; at < view.byteLength; at++) value = value * 256 + view.getUint8(at);
  return value;
};

/** Every element in order, the opened ones before what they contain: [id, content's offset, size, DataView]. */
async function* elements(file) {
  const reader = new FileReader(file);
  for (let at = 0; at < file.size; ) {
    const head = await reader.view(at, 12);
    if (head.byteLength < 2) return;
    const [id, idBytes] = variable(head, 0, true);
    if (head.byteLength <= idBytes) return;
    const [size, sizeBytes] = variable(head, idBytes, false);
    const start = at + idBytes + sizeBytes;
    // Only the first bytes of a block are of interest: its track, time and flags.
    const kept = id === SIMPLE_BLOCK || id === BLOCK ? 12 : OPENED.has(id) || size > 1 << 20 ? 0 : size;
    yield [id, start, size, await reader.view(start, kept)];
    at = OPENED.has(id) ? start : start + size;
  }
}

/**
 * @param {Blob} file
 * @returns {Promise<import("./mp4.js").Track | undefined>} the first video track
 */
export async function readWebm(file) {
  const tracks = [], samples = [];
  let scale = 1e6, time = 0, video;
  const fields = { [NUMBER]: "number", [TYPE]: "type", [WIDTH]: "width", [HEIGHT]: "height" };
  try {
    for await (const [id, start, size, view] of elements(file)) {
      if (id === TIME_SCALE) scale = unsigned(view);
      else if (id === TRACK) tracks.push({});
      else if (id in fields) tracks.at(-1)[fields[id]] = unsigned(view);
      else if (id === CODEC) tracks.at(-1).codec = new TextDecoder().decode(view);
      else if (id === PRIVATE) tracks.at(-1).record = new Uint8Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
      else if (id === TIME) time = unsigned(view);
      else if (id === REFERENCE && samples.length) samples.at(-1).key = false;
      else if (id === SIMPLE_BLOCK || id === BLOCK) {
        video ??= tracks.find((track) => track.type === 1);
        const [number, bytes] = variable(view, 0, false);
        if (number !== video?.number) continue;
        if (start + size > file.size) break;
        samples.push({
          offset: start + bytes + 3,
          size: size - bytes - 3,
          timestamp: Math.round(((time + view.getInt16(bytes)) * scale) / 1000),
          key: id === BLOCK || (view.getUint8(bytes + 2) & 0x80) !== 0,
        });
      }
    }
  } catch (error) {
    if (!samples.length) return undefined; // what was listed before the damage still plays
  }
  const config = video && codecOf(video);
  return config && samples.length ? { config, turns: 0, samples, from: -Infinity } : undefined;
}

function codecOf({ codec, record, width, height }) {
  const size = { codedWidth: width, codedHeight: height };
  if (codec === "V_VP8") return { codec: "vp8", ...size };
  if (codec === "V_VP9") return { codec: "vp09.00.10.08", ...size };
  if (!(codec in DESCRIBED) || !record) return undefined;
  return { codec: DESCRIBED[codec](new DataView(record.buffer)), description: record, ...size };
}
