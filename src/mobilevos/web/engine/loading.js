/** From a model's name to a network that runs in this browser. */

import { Network, download } from "./network.js";

const ROOT = new URL("../", import.meta.url);
// What an exported model without a card of its own is run at (mobilevos/modes.py).
const MODES = { fast: { size: 144 }, balanced: { size: 240 }, best: { size: 384 } };

/**
 * @param model a folder under models/.
 * @param backend "auto", "wasm" or "webgpu".
 * @param threads CPU threads; all cores if not given.
 * @param onProgress called with (fraction, text).
 * @returns {network, modes, backend, threads}
 */
export async function loadNetwork(model, backend, threads, onProgress) {
  const folder = new URL(`models/${encodeURIComponent(model)}/`, ROOT);
  onProgress(0, "Loading the engine");
  const card = JSON.parse(new TextDecoder().decode(await download(new URL("card.json", folder))));
  const ort = await import(new URL("ort/ort.wasm.bundle.min.mjs", ROOT));
  const cores = self.crossOriginIsolated ? navigator.hardwareConcurrency || 1 : 1;
  ort.env.wasm.numThreads = Math.min(threads ?? cores, cores);
  ort.env.wasm.wasmPaths = { wasm: new URL("ort/ort-wasm-simd-threaded.wasm", ROOT).href };
  ort.env.logLevel = "error";
  const load = (fraction) => onProgress(0.1 + 0.9 * fraction, "Loading the model");
  const network = await Network.load(ort, folder, "wasm", load);
  return { network, modes: { ...MODES, ...card.modes }, backend: "wasm", threads: ort.env.wasm.numThreads };
}
