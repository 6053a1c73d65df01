// What the tools work on: the shown frame's label map, the active object, the brush.
import { t } from "../texts/texts.js";
import { Brush } from "./tools/brush.js";
import { Polygon } from "./tools/polygon.js";
import { Scribble } from "./tools/scribble.js";
import { Select } from "./tools/select.js";

const SMALLEST_BRUSH = 2;
/** Largest brush, as a share of the frame's longer side. */
const LARGEST_BRUSH = 0.3;
const FIRST_BRUSH = 0.05;
const PREPARE_AFTER = 250;

/** Events: "tool" (another tool, or its options changed), "busy" (detail: text, or null when done). */
export class Editor extends EventTarget {
  #soon;

  constructor(player, project, stage, engine) {
    super();
    Object.assign(this, { player, project, stage, engine });
    this.width = stage.width;
    this.height = stage.height;
    this.largestBrush = Math.round(LARGEST_BRUSH * Math.max(this.width, this.height));
    this.brushSize = Math.max(8, Math.round(FIRST_BRUSH * Math.max(this.width, this.height)));
    this.tools = {
      select: new Select(this),
      brush: new Brush(this, () => this.active),
      eraser: new Brush(this, () => 0),
      polygon: new Polygon(this),
      scribble: new Scribble(this),
    };
    this.choose("select");
    project.addEventListener("travel", () => this.cancel());
    let shown = player.index;
    player.addEventListener("show", () => {
      if (player.index !== shown) this.cancel();
      shown = player.index;
      this.#prepareSoon();
    });
    player.addEventListener("state", () => this.#prepareSoon());
  }

  get active() {
    return this.project.active;
  }

  get labels() {
    return this.player.labels;
  }

  get tool() {
    return this.tools[this.toolName];
  }

  choose(name) {
    if (this.toolName) this.tool.cancel();
    this.toolName = name;
    this.stage.drawMarks = (context) => this.tool.marks(context);
    this.#prepareSoon();
    this.toolChanged();
  }

  resizeBrush(size) {
    this.brushSize = Math.round(Math.min(this.largestBrush, Math.max(SMALLEST_BRUSH, size)));
    this.toolChanged();
  }

  /** Takes back what is not finished. */
  cancel() {
    this.tool.cancel();
  }

  /** A gesture was broken off: what it painted goes. */
  abandon() {
    this.tool.cancel();
    this.player.refresh();
  }

  commit() {
    this.player.commit();
  }

  /**
   * Makes a mask that the engine finds the active object's mask in this frame.
   * @param {string} text shown while it takes longer than `patience` milliseconds
   * @param {(engine: Engine) => Promise<{mask: Uint8Array, others?: Uint8Array, prompt?: object}>} find `others` is the label map of
   *   the other objects, if it is not as it is shown
   */
  async makeMask(text, patience, find) {
    const { active } = this;
    const late = setTimeout(() => this.#busy(text), patience);
    await this.player.exclusively(async () => {
      const { mask, others = this.labels, prompt } = await find(await this.engine);
      if (!mask.some(Boolean)) throw new Error(t("noneFound"));
      for (let at = 0; at < mask.length; at++) {
        const other = others[at] === active ? 0 : others[at];
        this.labels[at] = mask[at] ? active : other;
      }
      this.player.commit(prompt);
    });
    clearTimeout(late);
    this.#busy(null);
  }

  toolChanged() {
    this.stage.invalidate();
    this.dispatchEvent(new Event("tool"));
  }

  /** Once the frame has stood still for a moment. */
  #prepareSoon() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.tool.prepare?.(), PREPARE_AFTER);
  }

  close() {
    clearTimeout(this.#soon);
  }

  #busy(text) {
    this.dispatchEvent(new CustomEvent("busy", { detail: text }));
  }
}
