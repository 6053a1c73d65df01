// Whether this browser can run the page at all.

import { t } from "../texts/texts.js";

/** A module with one SIMD instruction: (func (result v128) i32.const 0 i8x16.splat). */
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11);

/** @throws {Error} something is missing without which nothing works */
export function checkBrowser() {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(SIMD)) {
    throw new Error(t("noSimd"));
  }
  if (typeof OffscreenCanvas === "undefined") {
    throw new Error(t("noCanvas"));
  }
}
