// Label maps as PNG with the DAVIS palette: the pixel values are the ids.
import { PALETTE } from "../project/palette.js";
import { crc32 } from "./crc32.js";

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const PALETTE_BYTES = Uint8Array.from(PALETTE.flat());

function chunk(name, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** zlib, as PNG wants it. */
async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param {Uint8Array} labels width * height ids
 * @returns {Promise<Uint8Array>} the file
 */
export async function encodePng(labels, width, height) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3], 8); // 8 bits per pixel, palette
  const rows = new Uint8Array(height * (width + 1)); // each row begins with its filter: none
  for (let y = 0; y < height; y++) rows.set(labels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("PLTE", PALETTE_BYTES), chunk("IDAT", await deflated(rows)), chunk("IEND", new Uint8Array())];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
