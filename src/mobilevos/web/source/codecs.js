// From the codec's own description in a file to the name by which WebCodecs knows it.
import { hex } from "./bytes.js";

/** Name for H.264, from an avcC record: ISO/IEC 14496-15, 5.3.3. */
export function avcName(record) {
  return `avc1.${hex(record.getUint8(1), record.getUint8(2), record.getUint8(3))}`;
}

/** Name for H.265, from an hvcC record: ISO/IEC 14496-15, annex E. */
export function hevcName(record) {
  const first = record.getUint8(1);
  const space = ["", "A", "B", "C"][first >> 6];
  let compatible = 0;
  for (let bit = 0; bit < 32; bit++) compatible |= ((record.getUint32(2) >>> bit) & 1) << (31 - bit);
  const constraints = Array.from({ length: 6 }, (_, at) => record.getUint8(6 + at));
  while (constraints.length && constraints[constraints.length - 1] === 0) constraints.pop();
  const level = `${first & 32 ? "H" : "L"}${record.getUint8(12)}`;
  return ["hvc1", `${space}${first & 31}`, (compatible >>> 0).toString(16), level, ...constraints.map((c) => c.toString(16))].join(".");
}

/** Name for AV1, from an av1C record. */
export function av1Name(record) {
  const level = record.getUint8(1), flags = record.getUint8(2);
  const depth = flags & 0x40 ? (level >> 5 === 2 && flags & 0x20 ? 12 : 10) : 8;
  const two = (value) => String(value).padStart(2, "0");
  return `av01.${level >> 5}.${two(level & 31)}${flags & 0x80 ? "H" : "M"}.${two(depth)}`;
}

/** Name for VP9, from a vpcC record (after its version and flags). */
export function vp9Name(record) {
  const two = (value) => String(value).padStart(2, "0");
  return `vp09.${two(record.getUint8(0))}.${two(record.getUint8(1))}.${two(record.getUint8(2) >> 4)}`;
}
