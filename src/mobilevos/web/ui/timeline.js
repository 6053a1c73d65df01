// The time line: a film strip, where each object is, where the user marked, the range, and where we are.
import { t } from "../texts/texts.js";
import { byId } from "./dom.js";
import { STATES } from "./objects.js";
import { Thumbnails } from "./thumbnails.js";

const SIDE = 10;
const TOP = 8;
const BAR = 5;
const GAP = 2;
const MOST_BARS = 5;
/** Below this score an object that was found is shown as uncertain. */
const SURE = 0.8;

/** Draws the time line and moves through the video by it. */
export class Timeline {
  #isDirty = false;
  #isLayerStale = true;
  #layer = new OffscreenCanvas(1, 1);
  #colours;

  constructor(source, project, player) {
    Object.assign(this, { source, project, player });
    this.canvas = byId("timeline");
    this.context = this.canvas.getContext("2d");
    this.thumbnails = new Thumbnails(source, () => !player.playing && !player.tracking, () => this.#renew());
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.#seek(event);
    }, { signal });
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.#seek(event), { signal });
    addEventListener("themechange", () => this.#renew(), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#renew(), { signal });
    this.resizing = new ResizeObserver(() => this.#renew());
    this.resizing.observe(this.canvas);
    player.addEventListener("show", () => this.invalidate());
    for (const event of ["change", "view"]) project.addEventListener(event, () => this.#renew());
    project.addEventListener("found", ({ detail }) => this.#found(detail));
  }

  close() {
    this.listening.abort();
    this.resizing.disconnect();
    this.thumbnails.close();
  }

  invalidate() {
    if (this.#isDirty) return;
    this.#isDirty = true;
    requestAnimationFrame(() => {
      this.#isDirty = false;
      if (!this.listening.signal.aborted) this.#draw();
    });
  }

  #renew() {
    this.#isLayerStale = true;
    this.invalidate();
  }

  get #width() {
    return this.canvas.clientWidth - 2 * SIDE;
  }

  get #strip() {
    const bars = Math.min(MOST_BARS, this.project.objects.length) * (BAR + GAP) + 8;
    return this.canvas.clientHeight - TOP - bars - 4;
  }

  /** Where a frame's time begins. */
  #x(index) {
    return SIDE + (this.#width * index) / Math.max(1, this.source.count);
  }

  #seek(event) {
    const box = this.canvas.getBoundingClientRect();
    this.player.seek(Math.floor(((event.clientX - box.left - SIDE) / this.#width) * this.source.count));
  }

  /** A frame's bars alone: tracking must not draw the whole line for each. */
  #found(index) {
    if (this.source.live) this.#isLayerStale = true;
    if (!this.#isLayerStale) this.#drawBars(this.#layer.getContext("2d"), index, this.project.entry(index), true);
    this.invalidate();
  }

  #draw() {
    const { canvas, context, source, player } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    const [pixelWidth, pixelHeight] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
      [canvas.width, canvas.height] = [pixelWidth, pixelHeight];
      this.#isLayerStale = true;
    }
    if (this.#isLayerStale) this.#drawLayer(pixelWidth, pixelHeight);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, pixelWidth, pixelHeight);
    context.drawImage(this.#layer, 0, 0);
    context.scale(devicePixelRatio, devicePixelRatio);
    this.#drawPlayhead(height);
    canvas.setAttribute("aria-valuemin", "1");
    canvas.setAttribute("aria-valuemax", String(source.count));
    canvas.setAttribute("aria-valuenow", String(player.index + 1));
    const absent = player.objects.filter(({ state }) => state !== "visible").map(({ id, state }) => `${this.project.about(id).name} ${STATES[state]}`);
    canvas.setAttribute("aria-valuetext", [t("frameOf", { number: player.index + 1, count: source.count }), ...absent].join(", "));
  }

  #drawPlayhead(height) {
    const { context } = this;
    const x = (this.#x(this.player.index) + this.#x(this.player.index + 1)) / 2;
    context.fillStyle = this.#colours.text;
    context.strokeStyle = this.#colours.panel;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(x - 6, 0, 12, 9, 3);
    context.roundRect(x - 1, 6, 2, height - 8, 1);
    context.stroke();
    context.fill();
  }

  #drawLayer(pixelWidth, pixelHeight) {
    this.#isLayerStale = false;
    this.#colours = Object.fromEntries(["text", "panel", "raised", "line", "warn", "danger", "accent"].map((name) => [name, resolved(this.canvas, `--${name}`)]));
    this.#layer = new OffscreenCanvas(pixelWidth, pixelHeight);
    const context = this.#layer.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    this.#drawStrip(context);
    const bars = Math.min(MOST_BARS, this.project.objects.length);
    context.fillStyle = this.#colours.raised;
    for (let row = 0; row < bars; row++) context.fillRect(SIDE, this.#barTop(row), this.#width, BAR);
    this.#drawAllBars(context, pixelWidth);
    this.#drawMarks(context);
    this.#drawRange(context);
  }

  #drawStrip(context) {
    const { source } = this;
    const height = this.#strip, width = this.#width;
    context.save();
    context.beginPath();
    context.roundRect(SIDE, TOP, width, height, 6);
    context.fillStyle = this.#colours.raised;
    context.fill();
    context.clip();
    const each = Math.max(24, (height * source.width) / source.height);
    const wanted = [];
    for (let x = 0; x < width && source.count; x += each) {
      const index = Math.min(source.count - 1, Math.floor(((x + each / 2) / width) * source.count));
      wanted.push(Math.max(0, index));
      const picture = this.thumbnails.near(index);
      if (picture) context.drawImage(picture, SIDE + x, TOP, each, height);
      context.fillStyle = "rgb(0 0 0 / 35%)";
      context.fillRect(SIDE + x + each - 1, TOP, 1, height);
    }
    context.restore();
    this.thumbnails.want(wanted);
  }

  /** Of the many frames of a long video that share a column of pixels, one is drawn, and one that is out of the ordinary. */
  #drawAllBars(context, pixelWidth) {
    const drawn = new Uint8Array(pixelWidth + 1);
    const scale = (this.#width / Math.max(1, this.source.count)) * devicePixelRatio;
    this.project.forEachFrame((index, entry) => {
      const kind = entry.objects.every(({ state, score }) => state === "visible" && score >= SURE) ? 1 : 2;
      const column = Math.floor(index * scale);
      if (drawn[column] >= kind) return;
      drawn[column] = kind;
      this.#drawBars(context, index, entry, false);
    });
  }

  #barTop(row) {
    return TOP + this.#strip + 9 + row * (BAR + GAP);
  }

  /** Presence of each object in a frame; paler where it is out of date, amber where it is uncertain, thin where it is not seen. */
  #drawBars(context, index, entry, isAlone) {
    const { project } = this;
    const left = this.#x(index), width = Math.max(1, this.#x(index + 1) - left + 0.3);
    project.objects.slice(0, MOST_BARS).forEach((id, row) => {
      const object = entry.objects.find((each) => each.id === id);
      if (isAlone) {
        context.fillStyle = this.#colours.raised;
        context.fillRect(left, this.#barTop(row), width, BAR);
      }
      if (!object) return;
      if (object.state !== "visible") {
        this.#drawAbsence(context, left, row, width, entry, object);
        return;
      }
      const isUnsure = object.score < SURE && entry.quality !== null;
      context.globalAlpha = entry.stale ? 0.35 : 1;
      context.fillStyle = isUnsure ? this.#colours.warn : project.about(id).colour;
      context.fillRect(left, this.#barTop(row) + (isUnsure ? 1 : 0), width, BAR - (isUnsure ? 2 : 0));
      context.globalAlpha = 1;
    });
  }

  /** A hidden object is a thread of its colour, a lost one a red line. */
  #drawAbsence(context, left, row, width, { stale }, { id, state }) {
    const isLost = state === "lost";
    context.globalAlpha = stale ? 0.35 : 1;
    context.fillStyle = isLost ? this.#colours.danger : this.project.about(id).colour;
    context.fillRect(left, this.#barTop(row) + 2, width, isLost ? 2 : 1);
    context.globalAlpha = 1;
  }

  /** Diamonds under the frames that the user marked. */
  #drawMarks(context) {
    context.fillStyle = this.#colours.text;
    const y = TOP + this.#strip + 4.5;
    for (const index of this.project.marked) {
      const x = (this.#x(index) + this.#x(index + 1)) / 2;
      context.beginPath();
      context.moveTo(x, y - 4);
      context.lineTo(x + 4, y);
      context.lineTo(x, y + 4);
      context.lineTo(x - 4, y);
      context.fill();
    }
  }

  /** What lies outside of the range is veiled. */
  #drawRange(context) {
    if (!this.project.range) return;
    const [first, last] = this.project.range;
    const [left, right] = [this.#x(first), this.#x(last + 1)];
    context.globalAlpha = 0.72;
    context.fillStyle = this.#colours.panel;
    context.fillRect(SIDE, TOP, left - SIDE, this.#strip);
    context.fillRect(right, TOP, SIDE + this.#width - right, this.#strip);
    context.globalAlpha = 1;
    context.fillStyle = this.#colours.accent;
    context.fillRect(left - 2, TOP, 3, this.#strip);
    context.fillRect(right - 1, TOP, 3, this.#strip);
  }
}

/** A colour variable of the style sheet as canvases understand it. */
function resolved(element, name) {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}
