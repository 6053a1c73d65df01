// Objects drawn over their frame: tinted in their palette colour, with a brighter border.
import { PALETTE } from "../project/palette.js";

const TINT_ALPHA = 128;
const little = ([r, g, b], alpha) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
const TINT = Uint32Array.from(PALETTE, (rgb, id) => (id ? little(rgb, TINT_ALPHA) : 0));
const BORDER = Uint32Array.from(PALETTE, (rgb) => little(rgb.map((value) => Math.min(2 * value, 255)), 255));

/** Turns label maps into transparent pictures to be laid over the frame. */
export class Overlay {
  constructor(width, height) {
    this.canvas = new OffscreenCanvas(width, height);
    this.context = this.canvas.getContext("2d");
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** @param {Uint8Array} labels width * height */
  draw(labels) {
    const { pixels } = this;
    const { width } = this.canvas;
    const last = labels.length - 1;
    for (let at = 0; at <= last; at++) {
      const id = labels[at];
      if (id === 0) {
        pixels[at] = 0;
        continue;
      }
      const x = at % width;
      const isBorder =
        (x > 0 && labels[at - 1] !== id) ||
        (x < width - 1 && labels[at + 1] !== id) ||
        (at >= width && labels[at - width] !== id) ||
        (at + width <= last && labels[at + width] !== id);
      pixels[at] = isBorder ? BORDER[id] : TINT[id];
    }
    this.context.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}
