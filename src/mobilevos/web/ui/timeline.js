// The time line: which frames have masks, where the user marked, and where we are.
import { byId } from "./dom.js";

const BAR = { top: 18, height: 8 };

/** Draws the time line and moves through the video by it. */
export class Timeline {
  #dirty = false;

  constructor(source, project, player) {
    Object.assign(this, { source, project, player });
    this.canvas = byId("timeline");
    this.context = this.canvas.getContext("2d");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.#seek(event);
    }, { signal });
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.#seek(event), { signal });
    addEventListener("themechange", () => this.invalidate(), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.invalidate(), { signal });
    this.resizing = new ResizeObserver(() => this.invalidate());
    this.resizing.observe(this.canvas);
    player.addEventListener("show", () => this.invalidate());
    project.addEventListener("change", () => this.invalidate());
  }

  close() {
    this.listening.abort();
    this.resizing.disconnect();
  }

  invalidate() {
    if (this.#dirty) return;
    this.#dirty = true;
    requestAnimationFrame(() => {
      this.#dirty = false;
      this.#draw();
    });
  }

  get #last() {
    return Math.max(1, this.source.count - 1);
  }

  #seek(event) {
    const box = this.canvas.getBoundingClientRect();
    this.player.seek(Math.round(((event.clientX - box.left - 8) / (box.width - 16)) * this.#last));
  }

  #draw() {
    const { canvas, context, source, project, player } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    [canvas.width, canvas.height] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    context.scale(devicePixelRatio, devicePixelRatio);
    const x = (index) => 8 + ((width - 16) * index) / this.#last;

    context.fillStyle = resolved(canvas, "--line");
    context.beginPath();
    context.roundRect(8, BAR.top, width - 16, BAR.height, 4);
    context.fill();
    context.save();
    context.clip();
    const frameWidth = Math.max(1, (width - 16) / this.#last);
    for (const isStale of [false, true]) {
      context.fillStyle = resolved(canvas, "--accent");
      context.globalAlpha = isStale ? 0.3 : 0.8;
      context.beginPath();
      project.forEachFrame((index, stale) => {
        if (stale === isStale) context.rect(x(index) - frameWidth / 2, BAR.top, frameWidth + 0.5, BAR.height);
      });
      context.fill();
    }
    context.restore();

    context.fillStyle = resolved(canvas, "--text");
    for (const index of project.marked) {
      context.beginPath();
      context.moveTo(x(index), BAR.top + BAR.height + 3);
      context.lineTo(x(index) - 5, BAR.top + BAR.height + 11);
      context.lineTo(x(index) + 5, BAR.top + BAR.height + 11);
      context.fill();
    }
    context.beginPath();
    context.arc(x(player.index), BAR.top + BAR.height / 2, 8, 0, 2 * Math.PI);
    context.fill();

    canvas.setAttribute("aria-valuemin", "1");
    canvas.setAttribute("aria-valuemax", String(source.count));
    canvas.setAttribute("aria-valuenow", String(player.index + 1));
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
