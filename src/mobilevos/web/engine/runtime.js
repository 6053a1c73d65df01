/** onnxruntime-web, in the build for processors or that for graphics processors. */

import { InputError } from "./errors.js";

const FOLDER = new URL("../ort/", import.meta.url);
export const BUILDS = {
  wasm: { module: "ort.wasm.bundle.min.mjs", binary: "ort-wasm-simd-threaded.wasm" },
  webgpu: { module: "ort.webgpu.bundle.min.mjs", binary: "ort-wasm-simd-threaded.asyncify.wasm" },
};

/** @param {"wasm" | "webgpu"} build @returns the module; the first session that is made fetches its binary */
export async function runtime(build, threads) {
  const { module, binary } = BUILDS[build];
  let ort;
  try {
    ort = await import(new URL(module, FOLDER));
  } catch {
    throw new InputError("fileUnreachable", { file: `ort/${module}` });
  }
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { wasm: new URL(binary, FOLDER).href };
  ort.env.logLevel = "error";
  return ort;
}
