/** What stands behind the cut-out objects: the blurred frame, a picture, or a colour. RGBA pixels (height, width, 4). */

import { averaged, between, boxBlur } from "./raster.js";

const BLUR = 1 / 30; // standard deviation of the blur, in units of the frame's shorter side

/** The frame without its objects, blurred: what the objects hide does not glow around them. */
export function blurred(frame, alpha) {
  const { width, height, data } = frame;
  const factor = Math.max(1, Math.round(Math.min(width, height) / 120));
  const opacity = new Float32Array(width * height);
  for (let y = 0; y < (alpha?.height ?? 0); y++) {
    const row = alpha.values.subarray(y * alpha.width, (y + 1) * alpha.width);
    opacity.set(row, (alpha.top + y) * width + alpha.left);
  }
  const weight = averaged({ data: opacity, start: 0, step: 1, stride: width, height, width }, factor);
  weight.values = weight.values.map((share) => 1.001 - share);
  const { rows, columns } = weight;
  // Three box filters are close to a Gaussian, whose variance is the sum of theirs.
  const radius = Math.max(1, Math.round((BLUR * Math.min(width, height)) / factor));
  const smooth = (plane) => [0, 1, 2].reduce((from) => boxBlur(from, rows, columns, radius), plane);
  const total = smooth(weight.values);
  const colours = [0, 1, 2].map((channel) => {
    const plane = averaged({ ...frame.crop(0, 0, width, height), start: channel }, factor).values;
    return smooth(plane.map((value, i) => value * weight.values[i])).map((value, i) => value / total[i]);
  });
  const across = between(width, factor, columns);
  const down = between(height, factor, rows);
  const out = new Uint8ClampedArray(data.length);
  for (let y = 0, to = 0; y < height; y++) {
    const upper = down.low[y] * columns;
    const lower = down.high[y] * columns;
    const partY = down.part[y];
    for (let x = 0; x < width; x++, to += 4) {
      const left = across.low[x];
      const right = across.high[x];
      const partX = across.part[x];
      for (let channel = 0; channel < 3; channel++) {
        const plane = colours[channel];
        const above = plane[upper + left] + (plane[upper + right] - plane[upper + left]) * partX;
        const below = plane[lower + left] + (plane[lower + right] - plane[lower + left]) * partX;
        out[to + channel] = above + (below - above) * partY;
      }
      out[to + 3] = 255;
    }
  }
  return out;
}

/** A picture that covers the frame, or a CSS colour; drawn once for each size. */
export class Backdrop {
  #pixels = null;

  constructor(picture, colour) {
    Object.assign(this, { picture, colour });
  }

  pixels(width, height) {
    if (this.#pixels?.width !== width || this.#pixels.height !== height) this.#pixels = this.#drawn(width, height);
    return this.#pixels.data;
  }

  #drawn(width, height) {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.fillStyle = this.colour ?? "#000";
    context.fillRect(0, 0, width, height);
    if (this.picture) {
      const scale = Math.max(width / this.picture.width, height / this.picture.height);
      const shown = [this.picture.width * scale, this.picture.height * scale];
      context.drawImage(this.picture, (width - shown[0]) / 2, (height - shown[1]) / 2, ...shown);
    }
    return context.getImageData(0, 0, width, height);
  }
}
