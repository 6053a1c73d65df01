// The checksum of PNG and ZIP.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

const NOTHING = 0xffffffff;
const PIECE = 1 << 20;

/** @param {...Uint8Array} parts one after the other */
export function crc32(...parts) {
  return ended(parts.reduce(goOn, NOTHING));
}

/** The same of something large, piece by piece, between which the page stays alive. @param {Blob} blob */
export async function crc32OfBlob(blob) {
  let value = NOTHING;
  for (let at = 0; at < blob.size; at += PIECE) value = goOn(value, new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer()));
  return ended(value);
}

function goOn(value, bytes) {
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return value;
}

const ended = (value) => (value ^ NOTHING) >>> 0;
