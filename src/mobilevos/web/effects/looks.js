/** What other frames see of a hole, on a grid of cells: how much each is worth, and what in it does not belong there. */

import { pushPull } from "./pushpull.js";

const CELL = 4; // pixels
const MAJORITY = 3; // so many at least must agree or not on what is usual in a cell; of two frames, the surroundings are the third
const ODD = 40; // colours differ by more than this (of 0..255) from the usual if something else is there

/** For a `Filling` that has not begun yet and the `View`s that may be used for it. */
export class Looks {
  constructor(filling, views) {
    const { hole } = filling;
    Object.assign(this, { filling, hole });
    this.rows = Math.ceil(hole.height / CELL);
    this.columns = Math.ceil(hole.width / CELL);
    const cells = this.rows * this.columns;
    this.seen = new Map(views.map((view) => [view, new Uint8Array(cells)])); // 1: the usual, 2: something odd
    const colours = new Map(views.map((view) => [view, new Float32Array(cells * 3)]));
    for (const view of views) this.#look(view, this.seen.get(view), colours.get(view));
    if (views.length >= MAJORITY - 1) this.#findOdd(views, colours);
  }

  /** Pixels of what is still missing that a view shows, without what is odd. */
  worth(view) {
    const { colours } = this.filling;
    const seen = this.seen.get(view);
    let count = 0;
    this.#forEachCell((cell, pixel) => {
      if (seen[cell] === 1 && !colours[pixel * 4 + 3]) count++;
    });
    return count * CELL * CELL;
  }

  /** Whether a view shows something else at a pixel of the hole's box. */
  isOdd(view, x, y) {
    return this.seen.get(view)[Math.floor(y / CELL) * this.columns + Math.floor(x / CELL)] === 2;
  }

  /** Calls back with each cell of the hole and the pixel, of its box, in the cell's middle. */
  #forEachCell(use) {
    const { width, height, values } = this.hole;
    for (let row = 0, cell = 0; row < this.rows; row++) {
      const y = Math.min(height - 1, row * CELL + CELL / 2);
      for (let column = 0; column < this.columns; column++, cell++) {
        const pixel = y * width + Math.min(width - 1, column * CELL + CELL / 2);
        if (values[pixel] > 0) use(cell, pixel);
      }
    }
  }

  #look({ frame, hidden, map }, seen, colours) {
    const { left, top, width } = this.hole;
    this.#forEachCell((cell, pixel) => {
      const px = left + (pixel % width) + 0.5, py = top + Math.floor(pixel / width) + 0.5;
      const depth = map[6] * px + map[7] * py + map[8];
      const column = Math.floor((map[0] * px + map[1] * py + map[2]) / depth);
      const row = Math.floor((map[3] * px + map[4] * py + map[5]) / depth);
      const isInside = column > 0 && row > 0 && column < frame.width - 1 && row < frame.height - 1;
      const at = row * frame.width + column;
      if (!isInside || hidden[at]) return;
      seen[cell] = 1;
      for (let c = 0; c < 3; c++) colours[cell * 3 + c] = frame.data[at * 4 + c];
    });
  }

  /** What most frames do not agree with is not background: something that passed by, or a shadow. */
  #findOdd(views, colours) {
    const odd = new Map(views.map((view) => [view, []]));
    const smooth = this.#smooth();
    this.#forEachCell((cell) => {
      const seeing = views.filter((view) => this.seen.get(view)[cell]);
      if (seeing.length < MAJORITY - 1) return;
      const usual = [0, 1, 2].map((c) => {
        const votes = seeing.map((view) => colours.get(view)[cell * 3 + c]);
        if (votes.length < MAJORITY) votes.push(smooth[cell * 4 + c]);
        return votes.sort((a, b) => a - b)[votes.length >> 1];
      });
      for (const view of seeing) {
        if (usual.some((value, c) => Math.abs(colours.get(view)[cell * 3 + c] - value) > ODD)) odd.get(view).push(cell);
      }
    });
    // Its border is in the cells beside.
    for (const [view, cells] of odd) {
      const seen = this.seen.get(view);
      for (const cell of cells) {
        for (const beside of [-1, 0, 1]) {
          const column = (cell % this.columns) + beside;
          if (column < 0 || column >= this.columns) continue;
          for (const at of [cell + beside - this.columns, cell + beside, cell + beside + this.columns]) if (seen[at]) seen[at] = 2;
        }
      }
    }
  }

  /** (rows, columns, 4): colours that go on smoothly from around the hole. */
  #smooth() {
    const { rows, columns, hole, filling } = this;
    const cells = new Float32Array(rows * columns * 4);
    for (let row = 0, cell = 0; row < rows; row++) {
      const y = Math.min(hole.height - 1, row * CELL + CELL / 2);
      for (let column = 0; column < columns; column++, cell++) {
        const at = (y * hole.width + Math.min(hole.width - 1, column * CELL + CELL / 2)) * 4;
        for (let c = 0; c < 4; c++) cells[cell * 4 + c] = filling.colours[at + c];
      }
    }
    return pushPull(cells, rows, columns);
  }
}
