// Outlining an object corner by corner.
import { polygon } from "../raster.js";
import { t } from "../../texts/texts.js";

/** How near to the first corner, in CSS pixels, a click closes the outline. */
const CLOSING_DISTANCE = 12;

export class Polygon {
  #corners = [];
  #pointer = null;

  constructor(editor) {
    this.editor = editor;
  }

  get options() {
    const ready = this.#corners.length >= 3;
    const open = this.#corners.length > 0;
    return {
      buttons: [
        { label: t("fill"), disabled: !ready, run: () => this.finish() },
        { label: t("cancel"), disabled: !open, run: () => this.cancel() },
      ],
    };
  }

  down(point) {
    const [first] = this.#corners;
    const near = first && Math.hypot(point.x - first.x, point.y - first.y) * this.editor.stage.cssScale < CLOSING_DISTANCE;
    if (near && this.#corners.length >= 3) this.finish();
    else this.#change([...this.#corners, point]);
  }

  move() {}
  up() {}

  /** Fills the outline with the active object. */
  finish() {
    if (this.#corners.length < 3) return;
    const { editor } = this;
    polygon(editor.width, editor.height, this.#corners, (from, to) => editor.labels.fill(editor.active, from, to));
    this.#change([]);
    editor.commit();
  }

  /** Takes the newest corner back. */
  back() {
    this.#change(this.#corners.slice(0, -1));
  }

  cancel() {
    this.#change([]);
  }

  hover(point) {
    this.#pointer = point;
    if (this.#corners.length) this.editor.stage.invalidate();
  }

  marks(context) {
    if (!this.#corners.length) return;
    const pixel = 1 / this.editor.stage.cssScale;
    context.beginPath();
    for (const { x, y } of [...this.#corners, ...(this.#pointer ? [this.#pointer] : [])]) context.lineTo(x, y);
    context.closePath();
    context.fillStyle = "rgb(255 255 255 / 15%)";
    context.fill();
    context.lineWidth = 3.5 * pixel;
    context.strokeStyle = "rgb(0 0 0 / 60%)";
    context.stroke();
    context.lineWidth = 1.6 * pixel;
    context.strokeStyle = "white";
    context.stroke();
    this.#corners.forEach(({ x, y }, at) => {
      context.beginPath();
      context.arc(x, y, (at ? 4 : 6) * pixel, 0, 2 * Math.PI);
      context.fillStyle = "white";
      context.fill();
      context.strokeStyle = "rgb(0 0 0 / 60%)";
      context.stroke();
    });
  }

  #change(corners) {
    this.#corners = corners;
    this.editor.toolChanged();
  }
}
