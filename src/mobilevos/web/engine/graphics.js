/** Whether a network runs on this browser's graphics processor, and sooner than on its processor. */

import { recall } from "./memory.js";
import { Network } from "./network.js";
import { runtime } from "./runtime.js";
import { MemoryFrame } from "./sighting.js";

const TRIAL = { height: 240, width: 240, rows: 60, columns: 60, cells: 3600, runs: 3, tolerance: 0.02, patience: 30_000 };

/**
 * A network on WebGPU, if there is one that gives the same masks as the processor and, unless forced, sooner; else null.
 * @param {Graphs} graphs
 * @param onProgress called with the fraction 0..1 of the trial that is done.
 */
export function onGraphics(graphs, threads, isForced, onProgress) {
  return Promise.race([faster(graphs, threads, isForced, onProgress), patience()]);
}

async function faster(graphs, threads, isForced, onProgress) {
  try {
    const ort = await runtime("webgpu", threads);
    const graphics = await trial(await Network.load(ort, graphs, "webgpu", (part) => onProgress(part / 2)));
    const processor = await trial(await Network.load(ort, graphs, "wasm", (part) => onProgress((1 + part) / 2)));
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
