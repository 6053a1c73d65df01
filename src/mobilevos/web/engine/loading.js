/** From a model's name to a network that runs in this browser, on its processor or its graphics processor. */

import { InputError } from "./errors.js";
import { modesOf } from "./modes.js";
import { Graphs, Network, download } from "./network.js";
import { BUILDS, runtime } from "./runtime.js";

const ROOT = new URL("../", import.meta.url);
const PROMPTED = "lite0"; // the model that has a prompt head

/**
 * Everything that is needed is asked for at once, so that a first visit waits for no file alone.
 * @param wanted.model a folder under models/.
 * @param wanted.backend "auto", "wasm" or "webgpu".
 * @param wanted.threads CPU threads; all cores if not given.
 * @param onProgress called with (fraction, text).
 * @returns {network, model, modes, backend, threads}
 */
export async function loadNetwork({ model, backend, threads }, onProgress) {
  if (!["auto", ...Object.keys(BUILDS)].includes(backend)) {
    throw new InputError("noBackend", { name: backend, known: Object.keys(BUILDS).join(", ") });
  }
  onProgress(0, "loadingEngine");
  const folder = folderOf(model);
  const graphs = new Graphs(folder);
  const card = download(new URL("card.json", folder)); // a model that is not there is known at once
  const about = Promise.all([modesOf(model), card]);
  about.catch(() => {}); // is told below
  const cores = self.crossOriginIsolated ? navigator.hardwareConcurrency || 1 : 1;
  threads = Math.min(threads ?? cores, cores);
  const isForced = backend === "webgpu";
  const hasGraphics = backend !== "wasm" && (await hasAdapter(isForced));
  const processor = hasGraphics ? null : runtime("wasm", threads);
  processor?.catch(() => {}); // is told below
  const [modes] = await about;
  const known = { model, modes, threads };
  if (hasGraphics) {
    const { onGraphics } = await import("./graphics.js");
    const trying = (part) => onProgress(0.1 + 0.4 * part, "tryingWebgpu");
    const network = await onGraphics(graphs, threads, isForced, trying);
    if (network) return { ...known, network, backend: "webgpu" };
  }
  if (isForced) throw new InputError("webgpuFails");
  const ort = await (processor ?? runtime("wasm", threads));
  const network = await Network.load(ort, graphs, "wasm", (part) => onProgress(0.2 + 0.8 * part, "loadingModel"));
  return { ...known, network, backend: "wasm" };
}

/**
 * The network of the shipped model that makes masks of clicks and boxes, whichever model follows them; on the processor.
 * @param loaded as of `loadNetwork`: its network is part of the other, where it can be
 */
export async function loadPrompter({ network, model, backend, threads }) {
  const known = backend === "wasm" && model === PROMPTED ? network : null;
  return Network.loadPrompter(known ? known.ort : await runtime("wasm", threads), folderOf(PROMPTED), known);
}

function folderOf(model) {
  return new URL(`models/${encodeURIComponent(model)}/`, ROOT);
}

async function hasAdapter(isForced) {
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    return Boolean(adapter) && (isForced || !adapter.info?.isFallbackAdapter);
  } catch {
    return false;
  }
}
