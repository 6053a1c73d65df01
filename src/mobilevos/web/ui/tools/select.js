// Selecting by clicks and boxes: what is under the pointer becomes the object's mask.
import { copyOf } from "../../source/frames.js";
import { t } from "../../texts/texts.js";

/** Farther than this, in CSS pixels, a press is a box and no click. */
const SLIP = 6;
/** Milliseconds after which a mask that is not there yet is waited for in sight of the user. */
const PATIENCE = 400;

export class Select {
  #begun = null; // {index, active, entry}: what the engine was told of last
  #others = null; // label map of the other objects then: what a mask took of them comes back when it is corrected
  #said = []; // clicks and boxes since then
  #answer = null;
  #from = null;
  #to = null;
  #isPositive = true;
  #adds = true;
  #preparing = null;
  #refused = -1; // index of a frame that could not be prepared

  constructor(editor) {
    this.editor = editor;
  }

  get options() {
    const choice = (label, adds) => ({ label, pressed: this.#adds === adds, run: () => this.#change(() => (this.#adds = adds)) });
    const more = this.#answer?.candidates > 1 ? [{ label: t("another", { number: this.#answer.chosen + 1, count: this.#answer.candidates }), run: () => this.#next() }] : [];
    return { buttons: [choice(t("add"), true), choice(t("remove"), false), ...more] };
  }

  /** Whether the engine has seen the frame, so that a click is answered at once. */
  get isReady() {
    return this.#isBegun() && !this.#preparing;
  }

  /** Lets the engine see the frame before the first click, when there is time. */
  prepare() {
    const { player, project } = this.editor;
    if (player.playing || player.tracking || player.source.live || !player.frame || this.#isBegun()) return;
    const { index } = player;
    if (index === this.#refused) return;
    this.#preparing ??= player
      .alone(async () => {
        if (player.index !== index || player.playing) return;
        const engine = await this.editor.engine;
        await this.#begin(engine);
        await engine.promptClick(player.source.width / 2, player.source.height / 2);
        await engine.promptUndo();
        this.#begun.entry = project.entry(index);
      })
      .catch(() => ([this.#begun, this.#refused] = [null, index])) // the click itself will say what is wrong
      .finally(() => (this.#preparing = null));
  }

  down(point, { alt = false } = {}) {
    this.#from = this.#to = point;
    this.#isPositive = this.#adds && !alt;
  }

  move(point) {
    this.#to = point;
    this.editor.stage.invalidate();
  }

  up() {
    const [from, box] = [this.#from, this.#box()];
    this.#from = this.#to = null;
    if (!from) return;
    if (box) this.#say((engine) => engine.promptBox(box), { box });
    else this.click(from, this.#isPositive);
  }

  /** @param {boolean} isPositive whether the pixel is the object's, or not */
  click(point, isPositive) {
    const { width, height } = this.editor;
    const [x, y] = [Math.round(point.x), Math.round(point.y)];
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    this.#say((engine) => engine.promptClick(x, y, isPositive), { x, y, positive: isPositive });
  }

  cancel() {
    this.#from = this.#to = null;
    this.editor.stage.invalidate();
  }

  hover() {}

  marks(context) {
    const { stage } = this.editor;
    const pixel = 1 / stage.cssScale;
    const dragged = this.#from && this.#box();
    if (dragged) drawBox(context, dragged, pixel);
    if (!this.#isBegun()) return;
    for (const { x, y, positive, box } of this.#said) {
      if (box) {
        drawBox(context, box, pixel);
        continue;
      }
      context.beginPath();
      context.arc(x, y, 6 * pixel, 0, 2 * Math.PI);
      context.fillStyle = positive ? "#1b9e5a" : "#c8322b";
      context.fill();
      context.lineWidth = 1.6 * pixel;
      context.strokeStyle = "white";
      context.stroke();
      context.beginPath();
      context.moveTo(x - 3 * pixel, y);
      context.lineTo(x + 3 * pixel, y);
      if (positive) {
        context.moveTo(x, y - 3 * pixel);
        context.lineTo(x, y + 3 * pixel);
      }
      context.stroke();
    }
  }

  /** Whether what the engine was told is still what is shown. */
  #isBegun() {
    const { player, project } = this.editor;
    const { index, active, entry } = this.#begun ?? {};
    return index === player.index && active === project.active && entry === project.entry(index);
  }

  async #begin(engine) {
    const { player, project, labels } = this.editor;
    const { active } = project;
    const mask = labels.map((id) => (id === active ? 1 : 0));
    await engine.prompt(await copyOf(player.frame), mask.some(Boolean) ? mask : null);
    this.#begun = { index: player.index, active, entry: project.entry(player.index) };
    this.#others = labels.map((id) => (id === active ? 0 : id));
    this.#said = [];
    this.#answer = null;
  }

  async #say(tell, said) {
    const { editor } = this;
    await editor.makeMask(t("findingObject"), PATIENCE, async (engine) => {
      if (!this.#isBegun()) await this.#begin(engine);
      const isAlone = said?.positive === false && !this.#said.length && !editor.labels.includes(editor.active);
      if (isAlone) throw new Error(t("clickFirst"));
      this.#answer = await tell(engine);
      if (said) {
        this.#said.push(said);
        if (this.#others.some(Boolean)) this.#answer = await engine.promptSpare(this.#others);
      }
      return { mask: this.#answer.labels, others: this.#others, prompt: { clicks: [...this.#said] } };
    });
    if (this.#begun) this.#begun.entry = editor.project.entry(this.#begun.index);
    editor.toolChanged();
  }

  #next() {
    const { candidates, chosen } = this.#answer;
    this.#say((engine) => engine.promptChoose((chosen + 1) % candidates), null);
  }

  #change(set) {
    set();
    this.editor.toolChanged();
  }

  /** The box that is drawn, in whole pixels inside of the frame; null while it is a click. */
  #box() {
    const { stage, width, height } = this.editor;
    const [from, to] = [this.#from, this.#to];
    if (!from || Math.hypot(to.x - from.x, to.y - from.y) * stage.cssScale < SLIP) return null;
    const within = (value, limit) => Math.min(limit, Math.max(0, Math.round(value)));
    const [left, right] = [from.x, to.x].sort((a, b) => a - b).map((x) => within(x, width));
    const [top, bottom] = [from.y, to.y].sort((a, b) => a - b).map((y) => within(y, height));
    return right - left > 1 && bottom - top > 1 ? { x: left, y: top, width: right - left, height: bottom - top } : null;
  }
}

function drawBox(context, { x, y, width, height }, pixel) {
  context.lineWidth = 3.5 * pixel;
  context.strokeStyle = "rgb(0 0 0 / 60%)";
  context.strokeRect(x, y, width, height);
  context.lineWidth = 1.6 * pixel;
  context.strokeStyle = "white";
  context.setLineDash([6 * pixel, 4 * pixel]);
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
}
