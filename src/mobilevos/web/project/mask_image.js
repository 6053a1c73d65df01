// Mask images as label maps: the same file means the same here and to `mobilevos segment`.
import { t } from "../texts/texts.js";
import { PALETTE } from "./palette.js";

const GREY = 0, INDEXED = 3;
/** Grey values up to this one are ids; drawn shades are brighter. */
const LARGEST_ID = 64;

/**
 * @param {Blob} file
 * @returns {Promise<{labels: Uint8Array, width: number, height: number}>}
 * @throws {Error} no image, or more colours than a mask can have
 */
export async function readMask(file) {
  const png = await readPng(file).catch(() => null);
  if (png?.kind === INDEXED) return { ...png, labels: png.values.map((value) => (value === 255 ? 0 : value)) };
  if (png) return { ...png, labels: idsOfGreys(png.values) };
  return readColours(await createImageBitmap(file, { colorSpaceConversion: "none" }));
}

/** Small values are ids; otherwise shades of one grey each, in order of brightness. */
function idsOfGreys(values) {
  const present = [...new Set(values)].filter((value) => value > 0).sort((a, b) => a - b);
  if (present.every((value) => value <= LARGEST_ID || value === 255) && present.some((value) => value !== 255)) {
    return values.map((value) => (value === 255 ? 0 : value));
  }
  const ids = new Map(present.map((value, at) => [value, at + 1]));
  if (ids.size > LARGEST_ID) throw new Error(t("softMask"));
  return values.map((value) => ids.get(value) ?? 0);
}

function readColours(image) {
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const colours = new Uint32Array(width * height).map((_, at) => (data[4 * at + 3] < 128 ? 0 : (data[4 * at] << 16) | (data[4 * at + 1] << 8) | data[4 * at + 2]));
  const davis = new Map(PALETTE.map(([r, g, b], id) => [(r << 16) | (g << 8) | b, id]));
  const present = [...new Set(colours)].filter(Boolean);
  if (present.length > LARGEST_ID) throw new Error(t("photoMask"));
  const ids = present.every((colour) => davis.has(colour)) ? davis : new Map(present.map((colour, at) => [colour, at + 1]));
  return { width, height, labels: Uint8Array.from(colours, (colour) => (colour ? ids.get(colour) : 0)) };
}

/** The values of a PNG with a palette or greys of at most 8 bits, which browsers turn into colours. */
async function readPng(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0) !== 0x89504e47) return null;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, kind, interlaced] = [bytes[24], bytes[25], bytes[28]];
  if (depth > 8 || interlaced || (kind !== GREY && kind !== INDEXED)) return null;
  const parts = [];
  for (let at = 8; at + 12 <= bytes.length; at += view.getUint32(at) + 12) {
    if (view.getUint32(at + 4) === 0x49444154) parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const rows = new Uint8Array(await new Response(stream).arrayBuffer());
  const stride = Math.ceil((width * depth) / 8);
  unfilter(rows, height, stride);
  const scale = kind === GREY && depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = rows[y * (stride + 1) + 1 + (bit >> 3)];
      values[y * width + x] = ((byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1)) * scale;
    }
  }
  return { kind, width, height, values };
}

/** Undoes the filters of PNG rows of one byte a pixel, in place: each row begins with its filter. */
function unfilter(rows, height, stride) {
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1) + 1;
    const filter = rows[start - 1];
    for (let x = 0; x < stride; x++) {
      const left = x ? rows[start + x - 1] : 0;
      const above = y ? rows[start + x - stride - 1] : 0;
      const corner = x && y ? rows[start + x - stride - 2] : 0;
      const added = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      rows[start + x] += added;
    }
  }
}

function paeth(left, above, corner) {
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value));
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
