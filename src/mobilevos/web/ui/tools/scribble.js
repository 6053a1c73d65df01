// A rough scribble inside an object (and, where needed, outside of it), which becomes its mask.
import { copyOf } from "../../source/frames.js";
import { stroke } from "../raster.js";
import { t } from "../../texts/texts.js";

/** Width of a scribble in CSS pixels. */
const WIDTH = 8;

export class Scribble {
  #inside = null;
  #outside = null;
  #strokes = []; // to be drawn: {points, isInside}
  #isInside = true;

  constructor(editor) {
    this.editor = editor;
  }

  get options() {
    const choice = (label, isInside) => ({
      label,
      pressed: this.#isInside === isInside,
      run: () => {
        this.#isInside = isInside;
        this.editor.toolChanged();
      },
    });
    return { buttons: [choice(t("object"), true), choice(t("background"), false)] };
  }

  down(point) {
    this.#inside ??= new Uint8Array(this.editor.labels.length);
    this.#outside ??= new Uint8Array(this.editor.labels.length);
    this.#strokes.push({ points: [point], isInside: this.#isInside });
    this.move(point);
  }

  move(point) {
    const { editor } = this;
    const { points } = this.#strokes.at(-1);
    const [map, other] = this.#isInside ? [this.#inside, this.#outside] : [this.#outside, this.#inside];
    stroke(editor.width, editor.height, points.at(-1), point, WIDTH / 2 / editor.stage.cssScale, (from, to) => {
      map.fill(1, from, to);
      other.fill(0, from, to);
    });
    points.push(point);
    editor.stage.invalidate();
  }

  up() {
    const [inside, outside] = [this.#inside, this.#outside];
    if (!inside.some(Boolean)) return;
    this.editor.makeMask(t("findingUnderScribble"), 0, async (engine) => {
      return { mask: await engine.scribbleToMask(await copyOf(this.editor.player.frame), inside, outside) };
    });
  }

  /** Scribbles belong to one object in one frame. */
  cancel() {
    this.#inside = this.#outside = null;
    this.#strokes = [];
    this.editor.stage.invalidate();
  }

  hover() {}

  marks(context) {
    context.lineCap = context.lineJoin = "round";
    for (const { points, isInside } of this.#strokes) {
      context.beginPath();
      for (const { x, y } of points) context.lineTo(x, y);
      context.lineWidth = WIDTH / this.editor.stage.cssScale;
      context.strokeStyle = isInside ? "rgb(80 230 140 / 80%)" : "rgb(255 90 80 / 80%)";
      context.stroke();
    }
  }
}
