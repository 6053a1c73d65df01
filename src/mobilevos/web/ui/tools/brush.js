// Painting and erasing with a round brush.
import { stroke } from "../raster.js";

/** A tool that paints the active object, or background. */
export class Brush {
  #last = null;
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
    this.#last = point;
    this.move(point);
  }

  move(point) {
    const { editor } = this;
    const id = this.idOf();
    stroke(editor.width, editor.height, this.#last, point, editor.brushSize / 2, (from, to) => editor.labels.fill(id, from, to));
    this.#last = this.#pointer = point;
    editor.repaint();
  }

  up() {
    this.#last = null;
    this.editor.commit();
  }

  cancel() {
    this.#last = null;
  }

  hover(point) {
    this.#pointer = point;
    this.editor.stage.invalidate();
  }

  marks(context) {
    if (!this.#pointer) return;
    const line = 1 / this.editor.stage.cssScale;
    for (const [colour, more] of [["rgb(0 0 0 / 60%)", line], ["white", 0]]) {
      context.beginPath();
      context.arc(this.#pointer.x, this.#pointer.y, this.editor.brushSize / 2 + more, 0, 2 * Math.PI);
      context.strokeStyle = colour;
      context.lineWidth = 1.2 * line;
      context.stroke();
    }
  }
}
