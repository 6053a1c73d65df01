// Objects drawn over their frame: lightly filled, with a bright outline that is as sharp as the screen.
import { outlines } from "./outline.js";

const FILL_ALPHA = 0.32;
const LINE = 2;

/** Turns label maps into shapes, once for each, and draws them. */
export class Overlay {
  #labels = null;
  #paths = new Map();

  constructor(width, height) {
    Object.assign(this, { width, height });
  }

  /** The label map is another one, or was painted into. */
  renew(labels) {
    this.#labels = labels;
    this.#paths = null;
  }

  /**
   * @param context set to the frame's coordinates: (0, 0) is the corner of the first pixel
   * @param {number} pixel size of a pixel of the screen in these coordinates
   * @param {(id: number) => {colour: string, hidden: boolean}} about
   */
  draw(context, pixel, about) {
    this.#paths ??= outlines(this.#labels, this.width, this.height);
    context.lineJoin = "round";
    for (const [id, path] of this.#paths) {
      const { colour, hidden } = about(id);
      if (hidden) continue;
      context.globalAlpha = FILL_ALPHA;
      context.fillStyle = colour;
      context.fill(path, "evenodd");
      context.globalAlpha = 0.55;
      context.strokeStyle = "black";
      context.lineWidth = (LINE + 1.5) * pixel;
      context.stroke(path);
      context.globalAlpha = 1;
      context.strokeStyle = colour;
      context.lineWidth = LINE * pixel;
      context.stroke(path);
    }
  }

  /** All objects as one path, to be filled by the even-odd rule. */
  get shape() {
    this.#paths ??= outlines(this.#labels, this.width, this.height);
    const shape = new Path2D();
    for (const path of this.#paths.values()) shape.addPath(path);
    return shape;
  }

  /** White objects on black, as compositing programs want them. */
  drawMatte(context, about) {
    this.#paths ??= outlines(this.#labels, this.width, this.height);
    context.fillStyle = "black";
    context.fillRect(0, 0, this.width, this.height);
    context.fillStyle = "white";
    for (const [id, path] of this.#paths) if (!about(id).hidden) context.fill(path, "evenodd");
  }
}
