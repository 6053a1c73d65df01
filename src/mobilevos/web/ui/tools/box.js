// A box around an object, which becomes its mask.

/** Smallest side of a box in pixels of the frame; less is a slip of the hand. */
const SMALLEST = 4;

export class Box {
  #from = null;
  #to = null;

  constructor(editor) {
    this.editor = editor;
  }

  get options() {
    return {};
  }

  down(point) {
    this.#from = this.#to = point;
  }

  move(point) {
    this.#to = point;
    this.editor.stage.invalidate();
  }

  up() {
    const box = this.#box();
    this.cancel();
    if (box.width < SMALLEST || box.height < SMALLEST) return;
    this.editor.findMask("Finding the object in the box…", (engine, frame) => engine.boxToMask(frame, box));
  }

  cancel() {
    this.#from = this.#to = null;
    this.editor.stage.invalidate();
  }

  hover() {}

  marks(context) {
    if (!this.#from) return;
    const { x, y, width, height } = this.#box();
    const pixel = 1 / this.editor.stage.cssScale;
    context.lineWidth = 3.5 * pixel;
    context.strokeStyle = "rgb(0 0 0 / 60%)";
    context.strokeRect(x, y, width, height);
    context.lineWidth = 1.6 * pixel;
    context.strokeStyle = "white";
    context.setLineDash([6 * pixel, 4 * pixel]);
    context.strokeRect(x, y, width, height);
    context.setLineDash([]);
  }

  /** The box in whole pixels, inside of the frame. */
  #box() {
    const { width, height } = this.editor;
    const within = (value, limit) => Math.min(limit, Math.max(0, Math.round(value)));
    const [left, right] = [this.#from.x, this.#to.x].sort((a, b) => a - b).map((x) => within(x, width));
    const [top, bottom] = [this.#from.y, this.#to.y].sort((a, b) => a - b).map((y) => within(y, height));
    return { x: left, y: top, width: right - left, height: bottom - top };
  }
}
