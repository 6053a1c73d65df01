// Painting and erasing with a round brush.
import { stroke } from "../raster.js";

/** A tool that paints the active object, or background. */
export class Brush {
  #points = []; // of the stroke that is under way, which is drawn over the picture and becomes pixels at its end
  #pointer = null;

  /**
   * @param editor what all tools work on
   * @param {() => number} idOf the id that is painted
   */
  constructor(editor, idOf) {
    Object.assign(this, { editor, idOf });
  }

  /** Options shown while the tool is chosen. */
  get options() {
    return { size: true };
  }

  down(point) {
    this.#points = [point];
    this.hover(point);
  }

  move(point) {
    this.#points.push(point);
    this.hover(point);
  }

  up() {
    const { editor } = this;
    const id = this.idOf();
    const points = this.#points;
    points.forEach((point, at) => {
      const from = points[Math.max(0, at - 1)];
      stroke(editor.width, editor.height, from, point, editor.brushSize / 2, (start, end) => editor.labels.fill(id, start, end));
    });
    this.#points = [];
    if (points.length) editor.commit();
  }

  cancel() {
    this.#points = [];
  }

  hover(point) {
    this.#pointer = point;
    this.editor.stage.invalidate();
  }

  marks(context) {
    const { editor } = this;
    const id = this.idOf();
    if (this.#points.length) {
      context.beginPath();
      for (const { x, y } of [this.#points[0], ...this.#points]) context.lineTo(x, y);
      context.lineCap = context.lineJoin = "round";
      context.lineWidth = editor.brushSize;
      context.globalAlpha = 0.6;
      context.strokeStyle = id ? editor.project.about(id).colour : "white";
      context.stroke();
      context.globalAlpha = 1;
    }
    if (!this.#pointer) return;
    const line = 1 / editor.stage.cssScale;
    for (const [colour, more] of [["rgb(0 0 0 / 60%)", line], ["white", 0]]) {
      context.beginPath();
      context.arc(this.#pointer.x, this.#pointer.y, editor.brushSize / 2 + more, 0, 2 * Math.PI);
      context.strokeStyle = colour;
      context.lineWidth = 1.2 * line;
      context.stroke();
    }
  }
}
