/** Arrays in JSON: what golden_packing.py has for Python. */

import { deflateSync, inflateSync } from "node:zlib";

const FINE = 65535;

/** What was packed, anywhere in lists and objects; arrays have a `shape`. */
export function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  const text = value.bytes ?? value.bits ?? value.shares ?? value.floats;
  if (typeof text !== "string") {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpacked(each)]));
  }
  const data = new Uint8Array(inflateSync(Buffer.from(text, "base64")));
  if (value.floats) return Object.assign(new Float32Array(data.buffer), { shape: value.shape });
  const [asLevel, asShare] = [(level) => value.levels[level], (share) => share / 255];
  const floats = value.levels ? asLevel : value.shares && asShare;
  return Object.assign(floats ? Float32Array.from(data, floats) : data, { shape: value.shape });
}

export function packed(array, shape) {
  const isFine = array instanceof Float32Array;
  const data = isFine ? Uint16Array.from(array, (value) => Math.round(value * FINE)) : array;
  const text = deflateSync(Buffer.from(data.buffer, data.byteOffset, data.byteLength)).toString("base64");
  return { [isFine ? "fine" : "bytes"]: text, shape };
}

/** Rows of `size` numbers each. */
export function lines(array, size) {
  return [...Array(array.length / size).keys()].map((row) => [...array.subarray(row * size, (row + 1) * size)]);
}
