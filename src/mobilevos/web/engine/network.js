/** The network's three steps in onnxruntime-web: a port of mobilevos/runtimes/onnx_runtime.py. */

import { InputError } from "./errors.js";

const GRAPHS = ["read", "memorise", "query"]; // the smallest first: with it, the runtime begins to load
const PROMPT = "prompt";

/** The files of a model's graphs, on their way from the moment on when this is made. */
export class Graphs {
  #files;

  /** @param {URL} folder of the exported model, with a slash at its end */
  constructor(folder, names = GRAPHS) {
    this.names = names;
    this.#files = names.map((name) => download(new URL(`${name}.onnx`, folder)));
    for (const file of this.#files) file.catch(() => {}); // is told to who asks for it
  }

  /** @returns {Promise<Uint8Array>} */
  file(name) {
    return this.#files[this.names.indexOf(name)];
  }
}

/** One model, loaded and ready. Sizes are multiples of 16; memory has any number of pixels. */
export class Network {
  /**
   * @param ort the onnxruntime-web module.
   * @param {Graphs} graphs
   * @param provider "wasm" or "webgpu".
   * @param onProgress called with the fraction 0..1 that is loaded.
   */
  static load(ort, graphs, provider, onProgress) {
    return Network.#load(ort, graphs, provider, onProgress, {});
  }

  /**
   * The network that makes masks of clicks and boxes, with `query` and `prompt` alone; on the processor.
   * @param {URL} folder of the exported model
   * @param {Network | null} known the same model on the same processor, of which `query` is taken
   */
  static loadPrompter(ort, folder, known) {
    const graphs = new Graphs(folder, known ? [PROMPT] : [PROMPT, "query"]);
    return Network.#load(ort, graphs, "wasm", () => {}, known ? { query: known.sessions.query } : {});
  }

  static async #load(ort, graphs, provider, onProgress, sessions) {
    const network = new Network();
    network.ort = ort;
    network.sessions = sessions;
    for (const [index, name] of graphs.names.entries()) {
      const bytes = await graphs.file(name);
      try {
        sessions[name] = await ort.InferenceSession.create(bytes, {
          executionProviders: [provider],
          graphOptimizationLevel: "all",
          // The region's size changes from frame to frame: a plan for each size would pile up and never be used again.
          enableMemPattern: false,
          logSeverityLevel: 3,
        });
      } catch (error) {
        throw new InputError("modelDamaged", { file: `${name}.onnx`, reason: error.message });
      }
      onProgress((index + 1) / graphs.names.length);
    }
    return network;
  }

  /** Encode a frame, Uint8Array RGB (height, width, 3) -> features by name. */
  async query(pixels, height, width) {
    return this.sessions.query.run({ frame: new this.ort.Tensor("uint8", pixels, [1, height, width, 3]) });
  }

  /** Probabilities Float32Array (K, H/4, W/4) of the K objects that are known by `recall`, with masks `prior`. */
  async read(features, { key, value, classifier, pixels }, prior, count, region) {
    const keySize = key.length / pixels;
    const valueSize = value.length / pixels / count;
    const results = await this.sessions.read.run({
      ...this.#inputs("read", features),
      memory_key: this.#floats(key, [1, keySize, pixels]),
      memory_value: this.#floats(value, [count, valueSize, pixels]),
      prior: this.#floats(prior, [count, region.rows, region.columns]),
      ...(classifier && { classifier: this.#floats(classifier, [count, classifier.length / count]) }),
    });
    return results.probability.data;
  }

  /** Values Float32Array (K, valueSize, n) of soft masks (K, H/4, W/4). */
  async memorise(features, masks, count, region) {
    const results = await this.sessions.memorise.run({
      ...this.#inputs("memorise", features),
      masks: this.#floats(masks, [count, region.rows, region.columns]),
    });
    return results.value.data;
  }

  /** Candidates for one object: {logits (C, rows, columns), quality (C)} of prompts (4, rows, columns). */
  async prompt(features, maps, region) {
    const results = await this.sessions.prompt.run({
      ...this.#inputs("prompt", features),
      prompts: this.#floats(maps, [1, maps.length / region.cells, region.rows, region.columns]),
    });
    return { logits: results.logit.data, quality: results.iou.data };
  }

  #floats(data, shape) {
    return new this.ort.Tensor("float32", data, shape);
  }

  #inputs(graph, features) {
    const names = this.sessions[graph].inputNames.filter((name) => name in features);
    return Object.fromEntries(names.map((name) => [name, features[name]]));
  }
}

/** Bytes behind a URL. */
export async function download(url) {
  let response, bytes;
  try {
    response = await fetch(url);
    bytes = await response.arrayBuffer(); // a connection can also end on the way
  } catch {
    throw new InputError("fileUnreachable", { file: fileName(url) });
  }
  if (!response.ok) {
    throw new InputError("fileMissing", { file: fileName(url), status: response.status });
  }
  return new Uint8Array(bytes);
}

function fileName(url) {
  return url.pathname.split("/").slice(-2).join("/");
}
