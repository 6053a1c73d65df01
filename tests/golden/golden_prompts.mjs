/** What the page's engine answers to cases of clicks and boxes: what golden_prompts.py has for Python. */

import { candidateOf } from "./engine/candidates.js";
import { keeping } from "./engine/correction.js";
import { InputError } from "./engine/errors.js";
import { Looks } from "./engine/looks.js";
import { Prompt } from "./engine/prompt.js";
import { promptMaps } from "./engine/prompt_maps.js";
import { Region } from "./engine/region.js";
import { clickOf } from "./golden_candidates.mjs";
import { packed } from "./golden_packing.mjs";
import { frameFromRgb } from "./golden_scenes.mjs";

/** Draws boxes where a frame has the colours that `coloured` gives to their pixels. */
class Painter {
  #size;
  #boxes;

  constructor(size) {
    this.#size = size;
  }

  begin(answers) {
    [this.answers, this.viewed, this.shown] = [[...answers], [], []];
  }

  async query(pixels, height, width) {
    this.viewed.push([height, width, ...pixels.slice(0, 3), ...pixels.slice(-3)]);
    return { pixels, width };
  }

  async prompt({ pixels, width }, maps, { rows, columns }) {
    const turned = pixels[0] > pixels[3 * (width - 1)];
    if (!turned) this.#boxes = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    const [across, down] = [new Float32Array(4 * columns), new Float32Array(4 * rows)];
    maps.forEach((value, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const there = Math.floor(row / rows) * columns + column;
      [across[there], down[row]] = [Math.max(across[there], value), Math.max(down[row], value)];
    });
    this.shown.push([packed(across, [4, columns]), packed(down, [4, rows])]);
    const logits = this.#boxes.flatMap(([box]) =>
      this.#parts(pixels, width, rows, columns, box).map((part, i) => 12 * part - 6 - (i % columns < columns / 2 ? 0 : 3)),
    );
    const quality = this.#boxes.map(([, own]) => own - (turned ? 0.05 : 0));
    return { logits: Float32Array.from(logits), quality: Float32Array.from(quality) };
  }

  /** How much of each cell has the colours of a box. */
  #parts(pixels, width, rows, columns, box) {
    const [height, across] = this.#size;
    const [left, top, right, bottom] = box.map((at, i) => Math.floor((255 * at) / (i % 2 ? height : across)));
    const parts = Array(rows * columns).fill(0);
    for (let y = 0, i = 0; y < 4 * rows; y++) {
      for (let x = 0; x < width; x++, i += 3) {
        const [red, green] = [pixels[i], pixels[i + 1]];
        const isInside = left <= red && red < right && top <= green && green < bottom;
        if (isInside) parts[Math.floor(y / 4) * columns + Math.floor(x / 4)] += 1 / 16;
      }
    }
    return parts;
  }
}

function coloured([height, width]) {
  const rgb = new Uint8Array(height * width * 3).fill(90);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      rgb[i] = Math.floor((255 * (2 * x + 1)) / (2 * width));
      rgb[i + 1] = Math.floor((255 * (2 * y + 1)) / (2 * height));
    }
  }
  return frameFromRgb(rgb, height, width);
}

export const prompts = {
  async prompt({ size, mask, calls }) {
    const painter = new Painter(size);
    const prompt = new Prompt(painter, coloured(size), mask);
    const told = [];
    for (const [name, answers, ...given] of calls) {
      painter.begin(answers);
      if (name === "box") given.splice(0, 4, Object.fromEntries(["x", "y", "width", "height"].map((side, i) => [side, given[i]])));
      try {
        const { labels, candidates, chosen, confidence } = await prompt[name](...given);
        told.push([packed(labels, size), candidates, chosen, confidence, painter.viewed, painter.shown]);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        told.push("refused");
      }
    }
    return told;
  },

  async looks({ size, answers, calls }) {
    const painter = new Painter(size);
    const looks = new Looks(painter, coloured(size));
    const told = [];
    for (const [given, bothWays] of calls) {
      const region = new Region(...given);
      const clicks = [[2.5, 3.5, true], [9.5, 1.5, false]].map(clickOf);
      const maps = promptMaps(region.rows, region.columns, clicks, [1, 2, 9.5, 8], null);
      painter.begin(answers);
      const { logits, quality } = await looks.ask(region, maps, bothWays);
      const likely = packed(logits.map((value) => 1 / (1 + Math.exp(-value))), [quality.length, region.rows, region.columns]);
      told.push([likely, [...quality], painter.viewed, painter.shown]);
    }
    return told;
  },

  correction_keeping({ mask, region, odds, clicks }) {
    const [drawn, [rows, columns]] = [candidateOf(new Region(...region), odds, 0.5, []), mask.shape];
    const after = new Uint8Array(rows * columns);
    drawn.region.paint(drawn.mask, [1], after, columns);
    const kept = keeping(mask, columns, drawn, after, clicks.map(clickOf));
    return kept === drawn ? null : packed(kept.pixels, mask.shape);
  },
};
