// The samples of an MP4 or QuickTime file (ISO/IEC 14496-12), without reading the pictures.
import { av1Name, avcName, hevcName, vp9Name } from "./codecs.js";
import { FileReader, fourLetters } from "./bytes.js";

const CODECS = { avcC: avcName, hvcC: hevcName, av1C: av1Name, vpcC: vp9Name };
/** Bytes of a visual sample entry before the boxes inside of it. */
const VISUAL_ENTRY = 78;

/** The boxes in a part of a view: [name, DataView of the content]. */
function* boxes(view, from = 0) {
  for (let at = from; at + 8 <= view.byteLength; ) {
    let size = view.getUint32(at), head = 8;
    if (size === 1) [size, head] = [Number(view.getBigUint64(at + 8)), 16];
    if (size === 0) size = view.byteLength - at;
    if (size < head || at + size > view.byteLength) return;
    yield [fourLetters(view, at + 4), new DataView(view.buffer, view.byteOffset + at + head, size - head)];
    at += size;
  }
}

function find(view, ...path) {
  for (const name of path) {
    let found;
    for (const [box, content] of boxes(view)) if (box === name) found ??= content;
    if (!found) return undefined;
    view = found;
  }
  return view;
}

/** The moov box, wherever it lies among the others of the file. */
async function movie(file) {
  const reader = new FileReader(file);
  for (let at = 0; at + 8 <= file.size; ) {
    const head = await reader.view(at, 16);
    let size = head.getUint32(0);
    if (size === 1 && head.byteLength === 16) size = Number(head.getBigUint64(8));
    if (size === 0) size = file.size - at;
    if (size < 8) return undefined;
    if (fourLetters(head, 4) === "moov") return await reader.view(at + 8, size - 8);
    at += size;
  }
  return undefined;
}

/** A table of a full box: version, flags, a count, then `width` 32-bit numbers for each. */
function table(view, width, skip = 4) {
  if (!view) return [];
  const count = view.getUint32(skip);
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (_, column) => view.getUint32(skip + 4 + 4 * (row * width + column))),
  );
}

const repeated = (rows) => rows.flatMap(([count, value]) => new Array(count).fill(value));

function sampleSizes(view) {
  const fixed = view.getUint32(4), count = view.getUint32(8);
  return Array.from({ length: count }, (_, at) => fixed || view.getUint32(12 + 4 * at));
}

function sampleOffsets(stbl, sizes) {
  const wide = find(stbl, "co64");
  const chunks = wide
    ? table(wide, 2).map(([high, low]) => high * 2 ** 32 + low)
    : table(find(stbl, "stco"), 1).map(([offset]) => offset);
  const perChunk = table(find(stbl, "stsc"), 3);
  const offsets = [];
  perChunk.forEach(([first, count], run) => {
    const last = run + 1 < perChunk.length ? perChunk[run + 1][0] - 1 : chunks.length;
    for (let chunk = first - 1; chunk < last; chunk++) {
      let offset = chunks[chunk];
      for (let n = 0; n < count && offsets.length < sizes.length; n++) {
        offsets.push(offset);
        offset += sizes[offsets.length - 1];
      }
    }
  });
  return offsets;
}

/** Clockwise turns by 90 degrees that a player makes, from the matrix of the track header. */
function turns(tkhd) {
  const matrix = tkhd.byteLength - 44;
  const [a, b] = [tkhd.getInt32(matrix), tkhd.getInt32(matrix + 4)];
  return Math.abs(a) >= Math.abs(b) ? (a < 0 ? 2 : 0) : b > 0 ? 1 : 3;
}

/** First shown time of the media, in its own units, from the edit list: frames before it are never shown. */
function firstShown(trak) {
  const elst = find(trak, "edts", "elst");
  if (!elst || !elst.getUint32(4)) return 0;
  for (let n = 0; n < elst.getUint32(4); n++) {
    const time = elst.getUint8(0) ? Number(elst.getBigInt64(16 + 20 * n)) : elst.getInt32(12 + 12 * n);
    if (time >= 0) return time;
  }
  return 0;
}

/**
 * @typedef {{offset: number, size: number, timestamp: number, key: boolean}} Sample  in decoding order; microseconds
 * @typedef {{config: VideoDecoderConfig, turns: number, samples: Sample[], from: number}} Track
 *   from: timestamp of the first frame that is shown
 */

/**
 * @param {Blob} file
 * @returns {Promise<Track | undefined>} the first video track; undefined where there is none whose samples are listed
 */
export async function readMp4(file) {
  const moov = await movie(file);
  for (const [name, trak] of moov ? boxes(moov) : []) {
    if (name !== "trak") continue;
    const mdia = find(trak, "mdia");
    if (!mdia || fourLetters(find(mdia, "hdlr"), 8) !== "vide") continue;
    const track = readTrack(trak, mdia);
    if (track) return track;
  }
  return undefined;
}

function readTrack(trak, mdia) {
  const mdhd = find(mdia, "mdhd"), stbl = find(mdia, "minf", "stbl");
  const scale = mdhd.getUint32(mdhd.getUint8(0) ? 20 : 12);
  const stsd = find(stbl, "stsd");
  const [entry] = [...boxes(stsd, 8)];
  const config = entry && codecOf(entry[1]);
  const sizes = sampleSizes(find(stbl, "stsz"));
  if (!config || !sizes.length) return undefined;
  const keys = find(stbl, "stss");
  const keyNumbers = keys && new Set(table(keys, 1).map(([number]) => number));
  const offsets = sampleOffsets(stbl, sizes);
  const shifts = repeated(table(find(stbl, "ctts"), 2).map(([count, shift]) => [count, shift | 0]));
  const micro = (time) => Math.round((time * 1e6) / scale);
  let time = 0;
  const samples = repeated(table(find(stbl, "stts"), 2)).map((duration, at) => {
    const timestamp = micro(time + (shifts[at] ?? 0));
    time += duration;
    return { offset: offsets[at], size: sizes[at], timestamp, key: !keyNumbers || keyNumbers.has(at + 1) };
  });
  return { config, turns: turns(find(trak, "tkhd")), samples, from: micro(firstShown(trak)) };
}

function codecOf(entry) {
  for (const [name, record] of boxes(entry, VISUAL_ENTRY)) {
    if (!(name in CODECS)) continue;
    const body = name === "vpcC" ? new DataView(record.buffer, record.byteOffset + 4, record.byteLength - 4) : record;
    const description = name === "vpcC" ? undefined : new Uint8Array(record.buffer, record.byteOffset, record.byteLength);
    return {
      codec: CODECS[name](body),
      codedWidth: entry.getUint16(24),
      codedHeight: entry.getUint16(26),
      ...(description && { description }),
    };
  }
  return undefined;
}
