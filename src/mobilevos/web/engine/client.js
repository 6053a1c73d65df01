import { t } from "../texts/texts.js";

/**
 * The engine as the page's main thread sees it; all work happens in a worker, so the page never freezes.
 *
 *     const engine = await Engine.create({ model: "lite0", mode: "fast" });
 *     let result = await engine.start(frame, labels);
 *     result = await engine.step(nextFrame);
 *
 * Frames are VideoFrame, ImageBitmap (both are handed over and closed) or ImageData (copied). Label maps are Uint8Array
 * (width * height), 0 = background. Results are {labels, width, height, objects: [{id, state, score, area}],
 * milliseconds, stages, image?}. Every failure is an Error whose message is one clear sentence. Calls are worked off in
 * the order in which they are made.
 */
export class Engine {
  #worker;
  #waiting = new Map();
  #next = 0;
  #failure = null;
  #onProgress;

  /**
   * @param options.model a folder under models/.
   * @param options.mode "fast", "balanced" or "best".
   * @param options.backend "auto", "wasm" or "webgpu".
   * @param options.threads CPU threads; all cores if not given.
   * @param options.onProgress called with (fraction 0..1, text) while the engine loads.
   */
  static async create({ model = "lite0", mode = "fast", backend = "auto", threads, onProgress = () => {} } = {}) {
    const engine = new Engine(onProgress);
    try {
      Object.assign(engine, await engine.#call("load", { model, mode, backend, threads }));
    } catch (error) {
      engine.close();
      throw error;
    }
    return engine;
  }

  constructor(onProgress) {
    this.#onProgress = onProgress;
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(t("engineStopped", { reason: event.message ?? t("engineUnreachable") }));
    };
  }

  /** Begin (anew) with a frame and the label map of its objects. */
  start(frame, labels) {
    return this.#call("start", { frame, labels }, handedOver(frame));
  }

  /** Segment the next frame. */
  step(frame) {
    return this.#call("step", { frame }, handedOver(frame));
  }

  /** Add new objects, or correct known ones, in the newest frame. */
  add(labels) {
    return this.#call("add", { labels });
  }

  /** Stop following an object. */
  remove(id) {
    return this.#call("remove", { id });
  }

  /** "fast", "balanced" or "best"; a running track goes on from the newest frame's masks. */
  setMode(mode) {
    return this.#call("setMode", { mode });
  }

  /**
   * {name: "none" | "cutout" | "blur" | "replace" | "inpaint", background?: ImageBitmap, color?: CSS colour, objects?}.
   * objects: by id, what becomes of single ones in place of what the effect does to all: "keep", "blur", "remove", or
   * "ignore", which takes it for part of the ground.
   */
  setEffect(effect) {
    return this.#call("setEffect", { effect });
  }

  /**
   * Show frames that are to come, with their label maps, `ahead` frames after the newest one and in their order: what the
   * effect "inpaint" removes may be seen behind there. Gives the newest frame's result with what they show.
   * @param {{frame: VideoFrame | ImageBitmap | ImageData, labels: Uint8Array, ahead: number}[]} coming
   */
  foresee(coming) {
    return this.#call("foresee", { coming }, coming.flatMap(({ frame }) => handedOver(frame)));
  }

  /**
   * Begin to select an object in a frame, with a mask to correct (non-zero on the object) or none. This call and the five
   * that follow, which say more of that object, give {labels, candidates, chosen, confidence}: the mask (0/1, width *
   * height), how many masks the same prompts may mean (best first), which of them it is, and its estimated IoU 0..1.
   */
  prompt(frame, mask = null) {
    return this.#call("prompt", { frame, mask }, handedOver(frame));
  }

  /** A pixel (x, y) of the frame is the object's, or is not. */
  promptClick(x, y, positive = true) {
    return this.#call("promptClick", { x, y, positive });
  }

  /** The object lies in a box {x, y, width, height} in pixels of the frame. */
  promptBox(box) {
    return this.#call("promptBox", { box });
  }

  /** Another of the candidates, by its number from 0. */
  promptChoose(candidate) {
    return this.#call("promptChoose", { candidate });
  }

  /** That of the candidates which takes fewest of the other objects of a label map. */
  promptSpare(others) {
    return this.#call("promptSpare", { others });
  }

  /** Take the last click or box back. */
  promptUndo() {
    return this.#call("promptUndo", {});
  }

  /** Mask (0/1, width * height) of the object in a box {x, y, width, height} in pixels of the frame. */
  boxToMask(frame, box) {
    return this.#call("boxToMask", { frame, box }, handedOver(frame));
  }

  /** Mask (0/1) of the object that the pixels `inside` (non-zero) belong to and the pixels `outside` do not. */
  scribbleToMask(frame, inside, outside) {
    return this.#call("scribbleToMask", { frame, inside, outside }, handedOver(frame));
  }

  /** End the worker; calls under way are rejected. */
  close() {
    this.#worker.terminate();
    this.#fail(t("engineClosed"));
  }

  #call(name, parameters, transfer = []) {
    if (this.#failure) return Promise.reject(new Error(this.#failure));
    return new Promise((resolve, reject) => {
      const call = this.#next++;
      this.#waiting.set(call, { resolve, reject });
      try {
        this.#worker.postMessage({ call, name, parameters }, transfer);
      } catch {
        this.#waiting.delete(call);
        reject(new Error(t("frameUnusable")));
      }
    });
  }

  #receive({ call, progress, result, error }) {
    if (progress) {
      this.#onProgress(progress.fraction, t(progress.text));
      return;
    }
    const { resolve, reject } = this.#waiting.get(call) ?? {};
    this.#waiting.delete(call);
    if (error !== undefined) reject?.(new Error(t(error.text, error.values)));
    else resolve?.(result);
  }

  #fail(message) {
    this.#failure ??= message;
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }
}

function handedOver(frame) {
  const isBitmap = typeof ImageBitmap !== "undefined" && frame instanceof ImageBitmap;
  const isVideoFrame = typeof VideoFrame !== "undefined" && frame instanceof VideoFrame;
  return isBitmap || isVideoFrame ? [frame] : [];
}
