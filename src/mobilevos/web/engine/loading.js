/** From a model's name to a network that runs in this browser, on its processor or its graphics processor. */

import { InputError } from "./errors.js";
import { recall } from "./memory.js";
import { modesOf } from "./modes.js";
import { Network, download } from "./network.js";
import { MemoryFrame } from "./sighting.js";

const ROOT = new URL("../", import.meta.url);
const PROMPTED = "lite0"; // the model that has a prompt head
const BUILDS = {
  wasm: { module: "ort.wasm.bundle.min.mjs", binary: "ort-wasm-simd-threaded.wasm" },
  webgpu: { module: "ort.webgpu.bundle.min.mjs", binary: "ort-wasm-simd-threaded.asyncify.wasm" },
};
const TRIAL = { height: 240, width: 240, rows: 60, columns: 60, cells: 3600, runs: 3, tolerance: 0.02, patience: 30_000 };

/**
 * @param model a folder under models/.
 * @param backend "auto", "wasm" or "webgpu".
 * @param threads CPU threads; all cores if not given.
 * @param onProgress called with (fraction, text).
 * @returns {network, modes, backend, threads}
 */
export async function loadNetwork(model, backend, threads, onProgress) {
  if (!["auto", ...Object.keys(BUILDS)].includes(backend)) {
    throw new InputError("noBackend", { name: backend, known: Object.keys(BUILDS).join(", ") });
  }
  const folder = new URL(`models/${encodeURIComponent(model)}/`, ROOT);
  onProgress(0, "loadingEngine");
  await download(new URL("card.json", folder)); // a model that is not there is known at once
  const known = { modes: await modesOf(model) };
  const cores = self.crossOriginIsolated ? navigator.hardwareConcurrency || 1 : 1;
  threads = Math.min(threads ?? cores, cores);
  if (backend !== "wasm") {
    const network = await Promise.race([onGraphics(folder, threads, backend === "webgpu", onProgress), patience()]);
    if (network) return { ...known, network, backend: "webgpu", threads };
    if (backend === "webgpu") {
      throw new InputError("webgpuFails");
    }
  }
  const ort = await runtime("wasm", threads);
  const network = await Network.load(ort, folder, "wasm", (part) => onProgress(0.2 + 0.8 * part, "loadingModel"));
  return { ...known, network, backend: "wasm", threads };
}

/** The network of the shipped model that makes masks of clicks and boxes, whichever model follows them. */
export async function loadPrompter(threads) {
  return Network.loadPrompter(await runtime("wasm", threads), new URL(`models/${PROMPTED}/`, ROOT));
}

async function runtime(build, threads) {
  const { module, binary } = BUILDS[build];
  let ort;
  try {
    ort = await import(new URL(`ort/${module}`, ROOT));
  } catch {
    throw new InputError("fileUnreachable", { file: `ort/${module}` });
  }
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { wasm: new URL(`ort/${binary}`, ROOT).href };
  ort.env.logLevel = "error";
  return ort;
}

/** A network on WebGPU, if there is one that gives the same masks as the processor and, unless forced, sooner. */
async function onGraphics(folder, threads, isForced, onProgress) {
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter || (!isForced && adapter.info?.isFallbackAdapter)) return null;
    const ort = await runtime("webgpu", threads);
    const load = (provider, from) =>
      Network.load(ort, folder, provider, (part) => onProgress(from + 0.2 * part, "tryingWebgpu"));
    const graphics = await trial(await load("webgpu", 0.1));
    const processor = await trial(await load("wasm", 0.3));
    const agrees = graphics.masks.every((value, i) => Math.abs(value - processor.masks[i]) < TRIAL.tolerance);
    return agrees && (isForced || graphics.milliseconds < processor.milliseconds) ? graphics.network : null;
  } catch {
    return null; // whatever a driver cannot do, the processor can
  }
}

/** Null after a while: some drivers neither work nor fail. */
function patience() {
  return new Promise((resolve) => setTimeout(resolve, TRIAL.patience, null));
}

/** Masks of a disc in a pattern, and how long a frame takes once everything is compiled. */
async function trial(network) {
  const { height, width, rows, columns, runs } = TRIAL;
  const isInside = (x, y) => Math.hypot(x - 0.5, y - 0.4) < 0.25;
  const pixels = new Uint8Array(height * width * 3).map((_, i) => {
    const x = (Math.floor(i / 3) % width) / width;
    const y = Math.floor(i / 3 / width) / height;
    return isInside(x, y) ? 200 - 60 * (i % 3) : 90 + 60 * Math.sin(20 * x + 9 * y + i % 3);
  });
  const disc = new Float32Array(rows * columns).map((_, i) =>
    isInside((i % columns) / columns, Math.floor(i / columns) / rows) ? 1 : 0,
  );
  let milliseconds;
  let masks;
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    const features = await network.query(pixels, height, width);
    const value = await network.memorise(features, disc, 1, TRIAL);
    const own = new MemoryFrame(TRIAL, features, disc, [0], features.key.data, value).learn();
    masks = await network.read(features, recall([own]), disc, 1, TRIAL);
    milliseconds = performance.now() - began;
  }
  return { network, masks, milliseconds };
}
