// The picture: frame, masks and the tool's marks, at the sharpness of the screen, zoomed and moved by the user.
import { Overlay } from "./overlay.js";

const LARGEST_ZOOM = 16;
const MARGIN = 8;

export class Stage {
  #dirty = false;
  #zoom = 1;
  #shift = { x: 0, y: 0 };

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} width of the frames @param {number} height of the frames
   * @param {(id: number) => {colour: string, hidden: boolean}} about how an object is shown
   * @param {(id: number) => {colour: string, hidden: boolean}} aboutOutline how it is where effects are shown
   */
  constructor(canvas, width, height, about, aboutOutline) {
    Object.assign(this, { canvas, width, height, about, aboutOutline });
    this.context = canvas.getContext("2d");
    this.overlay = new Overlay(width, height);
    this.frame = this.image = null;
    /** "objects", "matte" or "original". */
    this.view = "objects";
    /** Draws the tool's marks, in the frame's coordinates. */
    this.drawMarks = () => {};
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(canvas);
    this.#resize();
  }

  close() {
    this.resizing.disconnect();
    this.frame = this.image = null;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.draw = () => {};
  }

  /** Shows a frame with its label map, or the image in which an effect replaced both. */
  show(frame, labels, image) {
    Object.assign(this, { frame, image });
    this.overlay.renew(labels);
    this.invalidate();
  }

  /** What is shown: the frame with its "objects" (or the effect), their "matte", or the "original" frame. */
  look(view) {
    this.view = view;
    this.invalidate();
  }

  /** Draws before the next picture of the screen. */
  invalidate() {
    if (this.#dirty) return;
    this.#dirty = true;
    requestAnimationFrame(() => {
      this.#dirty = false;
      this.draw();
    });
  }

  /** Screen pixels per pixel of the frame. */
  get scale() {
    const { width, height } = this.canvas;
    const margin = 2 * MARGIN * devicePixelRatio;
    return this.#zoom * Math.min((width - margin) / this.width, (height - margin) / this.height);
  }

  /** CSS pixels per pixel of the frame. */
  get cssScale() {
    return this.scale / devicePixelRatio;
  }

  /** A point of the window in the frame's coordinates: (0, 0) is the centre of the first pixel. */
  toFrame({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const { left, top } = this.#origin();
    return {
      x: ((clientX - box.left) * devicePixelRatio - left) / this.scale - 0.5,
      y: ((clientY - box.top) * devicePixelRatio - top) / this.scale - 0.5,
    };
  }

  /** Zooms about a point of the window, and moves by so many CSS pixels. */
  zoomAt(point, factor, moved = { x: 0, y: 0 }) {
    const fixed = this.toFrame(point);
    this.#zoom = Math.min(LARGEST_ZOOM, Math.max(1, this.#zoom * factor));
    const now = this.toFrame(point);
    this.#shift.x += (now.x - fixed.x) * this.scale + moved.x * devicePixelRatio;
    this.#shift.y += (now.y - fixed.y) * this.scale + moved.y * devicePixelRatio;
    if (this.#zoom === 1) this.#shift = { x: 0, y: 0 };
    this.#keepInSight();
    this.invalidate();
  }

  draw() {
    const { context, canvas } = this;
    const { left, top } = this.#origin();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!this.frame) return;
    context.setTransform(this.scale, 0, 0, this.scale, left, top);
    context.imageSmoothingQuality = "medium";
    if (this.view === "matte") {
      this.overlay.drawMatte(context, this.about);
    } else if (this.image && this.view === "objects") {
      this.#drawChequers();
      context.drawImage(this.image, 0, 0, this.width, this.height);
      this.overlay.draw(context, 1 / this.cssScale, this.aboutOutline);
    } else {
      context.drawImage(this.frame, 0, 0, this.width, this.height);
      if (this.view === "objects") this.overlay.draw(context, 1 / this.cssScale, this.about);
    }
    context.translate(0.5, 0.5);
    this.drawMarks(context);
  }

  /** What shows through a transparent picture. */
  #drawChequers() {
    const side = 8 / this.cssScale;
    const { context } = this;
    context.fillStyle = "#d5d9df";
    context.fillRect(0, 0, this.width, this.height);
    context.fillStyle = "#b9c0ca";
    context.beginPath();
    for (let row = 0; row * side < this.height; row++) {
      for (let column = row % 2; column * side < this.width; column += 2) {
        const [x, y] = [column * side, row * side];
        context.rect(x, y, Math.min(side, this.width - x), Math.min(side, this.height - y));
      }
    }
    context.fill();
  }

  #origin() {
    return {
      left: (this.canvas.width - this.width * this.scale) / 2 + this.#shift.x,
      top: (this.canvas.height - this.height * this.scale) / 2 + this.#shift.y,
    };
  }

  #keepInSight() {
    const limit = (size, room) => Math.max(0, (size * this.scale - room) / 2) + 0.25 * room * (this.#zoom > 1);
    const x = limit(this.width, this.canvas.width), y = limit(this.height, this.canvas.height);
    this.#shift.x = Math.min(x, Math.max(-x, this.#shift.x));
    this.#shift.y = Math.min(y, Math.max(-y, this.#shift.y));
  }

  #resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    this.#keepInSight();
    this.draw();
  }
}
