/** Rectangles on grey, and a network that finds them by their colour: what golden_scenes.py has for Python. */

import { FrameReader } from "./engine/frame.js";

const COLOURS = [[220, 40, 40], [40, 60, 220], [40, 200, 40], [210, 200, 30], [30, 190, 210], [200, 40, 200]];

/** What browsers have. */
export class Picture {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
}
globalThis.ImageData = Picture;
const reader = new FrameReader();

/** A frame of the engine from (height, width, 3) RGB bytes. */
export function frameFromRgb(rgb, height, width) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) data[i * 4 + c] = rgb[i * 3 + c];
  return reader.read(new Picture(data, width, height));
}

function forPixels([height, width], [, , top, left, tall, wide], visit) {
  for (let y = Math.max(top, 0); y < Math.min(top + tall, height); y++) {
    for (let x = Math.max(left, 0); x < Math.min(left + wide, width); x++) visit(y * width + x);
  }
}

/** A frame of the engine; what comes later lies in front. */
export function frameOf(size, shapes) {
  const rgb = new Uint8Array(size[0] * size[1] * 3).fill(90);
  for (const shape of shapes) forPixels(size, shape, (i) => rgb.set(COLOURS[shape[1]], i * 3));
  return frameFromRgb(rgb, ...size);
}

/** Label map of what is seen of some objects. */
export function labelsOf(size, shapes, ids) {
  const labels = new Uint8Array(size[0] * size[1]);
  for (const shape of shapes) forPixels(size, shape, (i) => (labels[i] = ids.includes(shape[0]) ? shape[0] : 0));
  return labels;
}

/** An object is whatever has the mean colour that its masks have in memory. */
export class SceneNetwork {
  viewed = [];

  async query(pixels, height, width) {
    this.viewed.push([height, width]);
    return { pixels, height, width, key: { data: new Float32Array((height * width) / 256) } };
  }

  async read({ pixels, height, width }, { value, pixels: entries }, prior, count) {
    this.viewed.push([entries]);
    const [cells, columns] = [(height * width) / 16, width / 4];
    const odds = new Float64Array(count * cells);
    const together = new Float64Array(cells).fill(1);
    for (let k = 0; k < count; k++) {
      const [area, ...sums] = [0, 1, 2, 3].map((c) => {
        const row = value.subarray((k * 4 + c) * entries, (k * 4 + c + 1) * entries);
        return row.reduce((sum, each) => sum + each, 0);
      });
      const colour = sums.map((sum) => sum / Math.max(area, 1e-6));
      for (let i = 0; i < cells; i++) {
        const share = area > 0 ? shareOfCell(pixels, width, i, columns, colour) : 0;
        odds[k * cells + i] = 1000 ** (2 * share - 1) * (0.7 + 0.6 * prior[k * cells + i]);
        together[i] += odds[k * cells + i];
      }
    }
    return Float32Array.from(odds, (own, at) => own / together[at % cells]);
  }

  async memorise({ pixels, height, width }, masks, count) {
    this.viewed.push([]);
    const [rows, columns] = [height / 4, width / 4];
    const entries = (height * width) / 256;
    const value = new Float32Array(count * 4 * entries);
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < rows * columns; i++) {
        const entry = Math.floor(Math.floor(i / columns) / 4) * (columns / 4) + Math.floor((i % columns) / 4);
        const area = 16 * masks[k * rows * columns + i];
        const sums = [area, ...meanOfCell(pixels, width, i, columns).map((mean) => area * mean)];
        sums.forEach((sum, c) => (value[(k * 4 + c) * entries + entry] += sum));
      }
    }
    return value;
  }
}

/** Part of a cell's pixels that have a colour, but for 39 in each channel. */
function shareOfCell(pixels, width, cell, columns, [red, green, blue]) {
  const near = (value, mean) => value - mean < 40 && mean - value < 40;
  const start = (4 * Math.floor(cell / columns) * width + 4 * (cell % columns)) * 3;
  let alike = 0;
  for (let y = 0; y < 4; y++) {
    for (let at = start + y * width * 3, end = at + 12; at < end; at += 3) {
      if (near(pixels[at], red) && near(pixels[at + 1], green) && near(pixels[at + 2], blue)) alike++;
    }
  }
  return alike / 16;
}

function meanOfCell(pixels, width, cell, columns) {
  const start = (4 * Math.floor(cell / columns) * width + 4 * (cell % columns)) * 3;
  const sums = [0, 0, 0];
  for (let y = 0; y < 4; y++) for (let i = 0; i < 12; i++) sums[i % 3] += pixels[start + y * width * 3 + i] / 16;
  return sums;
}
