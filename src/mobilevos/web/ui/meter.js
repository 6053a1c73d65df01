// How fast it runs, and on what.
import { t } from "../texts/texts.js";
import { byId, make } from "./dom.js";

const EVERY_MS = 250;

/** Shows how far the engine is loaded as a line, then the frame rate. */
export class Meter {
  #shown = 0;

  /** @param {number} fraction 0..1 @param {string} text what is being loaded */
  loading(fraction, text) {
    const bar = byId("loading");
    bar.hidden = fraction >= 1;
    bar.value = fraction;
    bar.title = text;
  }

  engine({ backend, threads }) {
    this.where = backend === "webgpu" ? "WebGPU" : t("threads", { count: threads });
    this.loading(1, "");
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
