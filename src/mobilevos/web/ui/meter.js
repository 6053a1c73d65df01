// How fast it runs, and on what.
import { byId, make } from "./dom.js";

const EVERY_MS = 250;

/** Shows the engine while it loads, then the frame rate. */
export class Meter {
  #shown = 0;

  loading(fraction, text) {
    byId("meter").textContent = fraction < 1 ? `${text || "Loading the model"} ${Math.round(100 * fraction)} %` : "";
  }

  engine({ backend, threads }) {
    this.where = backend === "webgpu" ? "WebGPU" : `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`;
    byId("meter").textContent = "";
    byId("meter").title = this.where;
  }

  /** Not for every frame: figures that flicker cannot be read. */
  rate({ rate, milliseconds }) {
    if (rate === null || performance.now() - this.#shown < EVERY_MS) return;
    this.#shown = performance.now();
    const cost = milliseconds === null ? "" : ` · ${Math.round(milliseconds)} ms`;
    const where = make("span", { className: "where" }, this.where ? ` · ${this.where}` : "");
    byId("meter").replaceChildren(make("b", {}, `${rate.toFixed(rate < 10 ? 1 : 0)} FPS`), cost, where);
  }
}
