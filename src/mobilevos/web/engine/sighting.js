/** What was seen of a frame: a port of mobilevos/engine/sighting.py. */

import { inside } from "./returns.js";
import { evidenceOf } from "./target_model.js";

/** Whether anything of a mask is above 0.5. */
export function inSight(mask) {
  return mask.some((probability) => probability > 0.5);
}

/** What the network saw in a region, the masks (K, rows, columns) of all objects, and the rows that were looked for. */
export class Look {
  constructor(region, features, masks, rows) {
    Object.assign(this, { region, features, masks, rows });
  }

  /** The mask of the object in a row. */
  row(row) {
    return rowOf(this.masks, row, this.region.cells);
  }

  /** Pixels of the source frame that a mask's cell covers. */
  get cellArea() {
    const { boxHeight, boxWidth, cells } = this.region;
    return (boxHeight * boxWidth) / cells;
  }

  /** Pixels of the source frame where a mask is above 0.5. */
  area(mask) {
    return inside(mask).count * this.cellArea;
  }

  /** Middle {x, y} of some cells, at least one, in pixels of the source frame. */
  centre(cells) {
    const { left, top, boxWidth, boxHeight, rows, columns } = this.region;
    let [x, y, count] = [0, 0, 0];
    cells.forEach((isIn, i) => {
      if (!isIn) return;
      x += i % columns;
      y += Math.floor(i / columns);
      count++;
    });
    return { x: left + ((x / count + 0.5) * boxWidth) / columns, y: top + ((y / count + 0.5) * boxHeight) / rows };
  }

  /** Whether a place {x, y} of the source frame is in some cells. */
  holds(cells, { x, y }) {
    const { left, top, boxWidth, boxHeight, rows, columns } = this.region;
    const row = Math.floor(((y - top) * rows) / boxHeight);
    const column = Math.floor(((x - left) * columns) / boxWidth);
    return 0 <= row && row < rows && 0 <= column && column < columns && cells[row * columns + column] === 1;
  }

  /** Forget the object in a row. */
  dropObject(row) {
    this.masks = withoutRow(this.masks, row, this.masks.length / this.region.cells);
    this.rows = this.rows.filter((each) => each !== row).map((each) => each - (each > row ? 1 : 0));
  }
}

/** A look in memory: also its key (keySize, n) and the values (K, valueSize, n) of its objects. */
export class MemoryFrame extends Look {
  evidence = null; // for target models (K, D + 1, D + 2), of a look whose masks are known

  constructor(region, features, masks, rows, key, value) {
    super(region, features, masks, rows);
    Object.assign(this, { key, value });
  }

  /** Take the masks for known. */
  learn() {
    this.evidence = evidenceOf(this.features.descriptor, this.masks, this.region);
    return this;
  }

  /** Pixels of the memory, n. */
  get pixels() {
    return (this.region.height / 16) * (this.region.width / 16);
  }

  /** Forget the object in a row. */
  dropObject(row) {
    const count = this.masks.length / this.region.cells;
    this.value = withoutRow(this.value, row, count);
    this.evidence &&= withoutRow(this.evidence, row, count);
    super.dropObject(row);
  }
}

/** The looks at a frame; each object is followed in one of them, its home, and is only a rival in others. */
export class Sighting {
  /**
   * @param looks one or two.
   * @param homes of each object's row, the number of the look that it is followed in.
   */
  constructor(looks, homes) {
    Object.assign(this, { looks, homes });
  }

  /** The looks at some views, which have all objects between them. */
  static of(views, looks) {
    const homes = [];
    views.forEach(({ rows }, number) => rows.forEach((row) => (homes[row] = number)));
    return new Sighting(looks, homes);
  }

  /** [{region, rows}]: where was looked for whom. */
  get views() {
    return this.looks.map(({ region }, number) => ({ region, rows: this.followed(number) }));
  }

  /** Rows of the objects that are followed in a look. */
  followed(number) {
    return [...this.homes.keys()].filter((row) => this.homes[row] === number);
  }

  /** The look that an object is followed in. */
  home(row) {
    return this.looks[this.homes[row]];
  }

  /** Follow an object in a look from now on; what other looks have of it is gone. */
  bringHome(row, look) {
    this.looks.forEach((other, number) => {
      if (other === look) this.homes[row] = number;
      else other.row(row).fill(0);
    });
    look.rows = [...new Set([...look.rows, row])].sort((a, b) => a - b);
  }

  /** Probabilities of an object. */
  mask(row) {
    return this.home(row).row(row);
  }

  /** Bounds of an object, null if it is not seen. */
  bounds(row) {
    return this.home(row).region.boundsInSource(this.mask(row));
  }

  /** Masks (K, cells) as a region shows them; 0 where was not looked. */
  masksIn(region) {
    const { looks } = this;
    if (looks.length === 1) return looks[0].region.transfer(looks[0].masks, region);
    const masks = new Float32Array(this.homes.length * region.cells);
    for (const row of this.homes.keys()) masks.set(this.maskIn(row, region), row * region.cells);
    return masks;
  }

  /** Mask of an object as a region shows it; 0 where was not looked for it. */
  maskIn(row, region) {
    return this.home(row).region.transfer(this.mask(row), region);
  }

  /** The looks in which any of some objects are in sight; all of them if there is none. */
  showing(rows) {
    if (this.looks.length === 1) return this.looks;
    const found = this.looks.filter((look) => rows.some((row) => inSight(look.row(row))));
    return found.length ? found : this.looks;
  }

  /** Paint the objects into a label map that is 0 so far; what two looks claim stays with the first. */
  paint(ids, labels, width) {
    this.looks.forEach(({ region, masks }, number) => {
      const painted = number ? new Uint8Array(labels.length) : labels;
      region.paint(masks, ids, painted, width);
      if (this.looks.length === 1) return;
      const own = new Uint8Array(256);
      for (const row of this.followed(number)) own[ids[row]] = ids[row];
      for (let y = region.top; y < region.bottom; y++) {
        const end = y * width + region.right;
        for (let i = y * width + region.left; i < end; i++) labels[i] = number ? labels[i] || own[painted[i]] : own[labels[i]];
      }
    });
  }

  /** Soft mask of the wanted objects as `Region.soften` gives it; where two looks overlap, the greater probability counts. */
  soften(isWanted) {
    const places = this.looks.map((look, number) => {
      const own = this.followed(number).filter(isWanted).map((row) => look.row(row));
      const masks = new Float32Array(own.length * look.region.cells);
      own.forEach((mask, i) => masks.set(mask, i * look.region.cells));
      return look.region.soften(masks);
    });
    return places.reduce(together);
  }

  /** Forget an object. */
  dropObject(row) {
    this.homes.splice(row, 1);
    for (const look of this.looks) look.dropObject(row);
  }
}

/** Two soft masks in the box around both. */
function together(one, two) {
  if (!one || !two) return one ?? two;
  const [left, top] = [Math.min(one.left, two.left), Math.min(one.top, two.top)];
  const width = Math.max(one.left + one.width, two.left + two.width) - left;
  const height = Math.max(one.top + one.height, two.top + two.height) - top;
  const values = new Float32Array(width * height);
  for (const place of [one, two]) {
    for (let y = 0, from = 0; y < place.height; y++) {
      let to = (place.top - top + y) * width + place.left - left;
      for (let x = 0; x < place.width; x++, from++, to++) values[to] = Math.max(values[to], place.values[from]);
    }
  }
  return { left, top, width, height, values };
}

/** Row `row` of masks (K, cells), not copied. */
export function rowOf(masks, row, cells) {
  return masks.subarray(row * cells, (row + 1) * cells);
}

/** Some rows, each of `size` numbers, side by side. */
export function rowsOf(array, rows, size) {
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, i) => out.set(rowOf(array, row, size), i * size));
  return out;
}

/** An array of `count` rows without one of them. */
export function withoutRow(array, row, count) {
  const size = array.length / count;
  const out = new Float32Array(array.length - size);
  out.set(array.subarray(0, row * size));
  out.set(array.subarray((row + 1) * size), row * size);
  return out;
}
