/** What other frames see of a hole, on a grid of cells: how much each is worth, and what in it does not belong there. */

import { pushPull } from "./pushpull.js";

const CELL = 4; // pixels
const MAJORITY = 3; // so many at least must agree or not on what is usual in a cell; of two frames, the surroundings are the third
const ODD = 40; // colours differ by more than this (of 0..255) from the usual if something else is there
const EDGE = 24; // neighbouring cells whose colours differ by less belong to the same thing
const [USUAL, STRANGE, BESIDE] = [1, 2, 3]; // what a view shows in a cell: in the hole, or beside it

/** For a `Filling` that has not begun yet and the `View`s that may be used for it. */
export class Looks {
  constructor(filling, views) {
    const { hole } = filling;
    Object.assign(this, { filling, hole });
    this.rows = Math.ceil(hole.height / CELL);
    this.columns = Math.ceil(hole.width / CELL);
    const cells = this.rows * this.columns;
    this.seen = new Map(views.map((view) => [view, new Uint8Array(cells)])); // or 0 for nothing
    const colours = new Map(views.map((view) => [view, new Float32Array(cells * 3)]));
    for (const view of views) this.#look(view, this.seen.get(view), colours.get(view));
    const smooth = this.#smooth();
    if (views.length >= MAJORITY - 1) this.#findOdd(views, colours, smooth);
    for (const view of views) this.#findFront(view, colours, smooth);
  }

  /** Pixels of what is still missing that a view shows, without what is odd. */
  worth(view) {
    const { colours } = this.filling;
    const seen = this.seen.get(view);
    let count = 0;
    this.#forEachCell((cell, pixel) => {
      if (seen[cell] === USUAL && !colours[pixel * 4 + 3]) count++;
    });
    return count * CELL * CELL;
  }

  /** Whether a view shows something else at a pixel of the hole's box. */
  isOdd(view, x, y) {
    return this.seen.get(view)[Math.floor(y / CELL) * this.columns + Math.floor(x / CELL)] === STRANGE;
  }

  /** Calls back with each cell of the hole and the pixel, of its box, in the cell's middle. */
  #forEachCell(use) {
    const { values } = this.hole;
    this.#forEachPlace((cell, pixel) => values[pixel] > 0 && use(cell, pixel));
  }

  /** The same with the cells around it. */
  #forEachPlace(use) {
    const { width, height } = this.hole;
    for (let row = 0, cell = 0; row < this.rows; row++) {
      const y = Math.min(height - 1, row * CELL + CELL / 2);
      for (let column = 0; column < this.columns; column++, cell++) {
        use(cell, y * width + Math.min(width - 1, column * CELL + CELL / 2));
      }
    }
  }

  #look({ frame, hidden, map }, seen, colours) {
    const { left, top, width, values } = this.hole;
    this.#forEachPlace((cell, pixel) => {
      const px = left + (pixel % width) + 0.5, py = top + Math.floor(pixel / width) + 0.5;
      const depth = map[6] * px + map[7] * py + map[8];
      const column = Math.floor((map[0] * px + map[1] * py + map[2]) / depth);
      const row = Math.floor((map[3] * px + map[4] * py + map[5]) / depth);
      const isInside = column > 0 && row > 0 && column < frame.width - 1 && row < frame.height - 1;
      const at = row * frame.width + column;
      if (!isInside || hidden[at]) return;
      seen[cell] = values[pixel] > 0 ? USUAL : BESIDE;
      for (let c = 0; c < 3; c++) colours[cell * 3 + c] = meanAround(frame, at, c);
    });
  }

  /** What most frames do not agree with is not background: something that passed by, or a shadow. */
  #findOdd(views, colours, smooth) {
    const odd = new Map(views.map((view) => [view, []]));
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
    for (const [view, cells] of odd) this.#mark(this.seen.get(view), cells);
  }

  /** Marks cells of the hole as odd, with those beside, which show the border of what is odd. */
  #mark(seen, cells) {
    for (const cell of cells) {
      for (const beside of [-1, 0, 1]) {
        const column = (cell % this.columns) + beside;
        if (column < 0 || column >= this.columns) continue;
        for (const at of [cell + beside - this.columns, cell + beside, cell + beside + this.columns]) if (seen[at] === USUAL) seen[at] = STRANGE;
      }
    }
  }

  /**
   * A thing in front of the background is elsewhere in another frame: beside the hole it differs from the frame that is
   * filled, and from there it goes on into the hole without an edge. Where most frames agree, it is the frame that is
   * filled where something is in front.
   */
  #findFront(view, colours, smooth) {
    const { columns } = this;
    const [seen, own] = [this.seen.get(view), colours.get(view)];
    const apart = (cell, others, at) => Math.max(...[0, 1, 2].map((c) => Math.abs(own[cell * 3 + c] - others[at + c])));
    const isUsual = (cell) => {
      const seeing = [...colours].filter(([other]) => this.seen.get(other)[cell]);
      const agreeing = seeing.filter(([, others]) => apart(cell, others, cell * 3) <= ODD).length;
      return seeing.length >= MAJORITY && 2 * agreeing > seeing.length;
    };
    const reached = new Set();
    for (let cell = 0; cell < seen.length; cell++) {
      if (seen[cell] === BESIDE && apart(cell, smooth, cell * 4) > ODD && !isUsual(cell)) reached.add(cell);
    }
    const front = [...reached];
    while (front.length) {
      const cell = front.pop();
      const column = cell % columns;
      const beside = [cell - columns, cell + columns, ...(column > 0 ? [cell - 1] : []), ...(column < columns - 1 ? [cell + 1] : [])];
      for (const next of beside) {
        if (!seen[next] || seen[next] === BESIDE || reached.has(next)) continue;
        if (apart(next, own, cell * 3) >= EDGE || apart(next, smooth, next * 4) <= ODD) continue;
        reached.add(next);
        front.push(next);
      }
    }
    this.#mark(seen, reached);
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

/** Of four pixels around one that is not at the border: in a fine texture, single pixels are others in every frame. */
function meanAround({ data, width }, pixel, c) {
  const above = (pixel - width) * 4 + c;
  const below = (pixel + width) * 4 + c;
  return (data[above - 4] + data[above + 4] + data[below - 4] + data[below + 4]) / 4;
}
