// Mouse, pen and fingers on the picture: one selects and paints, two move and zoom, and a tap with two takes away.

const WHEEL_ZOOM = 0.0015;
/** A tap is no longer, in milliseconds, and moves no farther, in CSS pixels. */
const TAP_MS = 350;
const TAP_MOVE = 12;

/** Hands pointer events on a canvas to the editor's tool and the stage. */
export class PointerInput {
  #fingers = new Map(); // pointer id -> last event
  #painting = null; // pointer id
  #tap = null; // {event, time} of a second finger
  #waiting = []; // calls to the tool while playing comes to its end
  #isReady = true;

  constructor(canvas, editor) {
    this.editor = editor;
    this.stage = editor.stage;
    this.listening = new AbortController();
    const listen = (name, handle, more) =>
      canvas.addEventListener(name, handle, { signal: this.listening.signal, ...more });
    listen("pointerdown", (event) => this.#down(event, canvas));
    listen("pointermove", (event) => this.#move(event));
    listen("pointerup", (event) => this.#up(event));
    listen("pointercancel", (event) => this.#lost(event));
    listen("pointerleave", () => this.editor.tool.hover(null));
    listen("contextmenu", (event) => event.preventDefault());
    listen("wheel", (event) => this.#wheel(event), { passive: false });
  }

  close() {
    this.listening.abort();
  }

  #down(event, canvas) {
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, event);
    this.#tap = this.#fingers.size === 2 ? { event, time: event.timeStamp } : null;
    const isAway = event.altKey || event.button === 2;
    if (this.#fingers.size > 1) this.#breakOff();
    else if (event.button === 0 || (isAway && this.editor.tool.click)) {
      this.#painting = event.pointerId;
      this.#begin(this.stage.toFrame(event), isAway);
    }
  }

  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (this.#painting === event.pointerId) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) {
        const point = this.stage.toFrame(each);
        this.#tell((tool) => tool.move(point));
      }
    } else if (before) {
      this.#pinch(before, event);
    } else {
      this.editor.tool.hover(this.stage.toFrame(event));
    }
    if (before) this.#fingers.set(event.pointerId, event);
  }

  #up(event) {
    this.#fingers.delete(event.pointerId);
    const tap = this.#tap;
    if (tap?.event.pointerId === event.pointerId) {
      this.#tap = null;
      const moved = Math.hypot(event.clientX - tap.event.clientX, event.clientY - tap.event.clientY);
      if (event.timeStamp - tap.time < TAP_MS && moved < TAP_MOVE) this.editor.tool.click?.(this.stage.toFrame(event), false);
    }
    if (this.#painting !== event.pointerId) return;
    this.#painting = null;
    this.#tell((tool) => tool.up());
    if (event.pointerType === "touch") this.editor.tool.hover(null);
  }

  #lost(event) {
    this.#fingers.delete(event.pointerId);
    this.#breakOff();
  }

  #breakOff() {
    if (this.#painting === null) return;
    this.#painting = null;
    this.#waiting = [];
    this.editor.abandon();
  }

  /** While playing, a touch pauses first: the tool must paint into the frame that is then shown. */
  async #begin(point, alt) {
    const { player } = this.editor;
    this.#waiting = [(tool) => tool.down(point, { alt })];
    this.#isReady = false;
    await player.pause();
    this.#isReady = true;
    const calls = this.#waiting;
    this.#waiting = [];
    for (const call of player.frame ? calls : []) call(this.editor.tool);
  }

  #tell(call) {
    if (this.#isReady) call(this.editor.tool);
    else this.#waiting.push(call);
  }

  #pinch(before, now) {
    const other = [...this.#fingers].find(([id]) => id !== now.pointerId)?.[1];
    if (!other) {
      this.stage.zoomAt(now, 1, { x: now.clientX - before.clientX, y: now.clientY - before.clientY });
      return;
    }
    const spread = (event) => Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
    const centre = { clientX: (now.clientX + other.clientX) / 2, clientY: (now.clientY + other.clientY) / 2 };
    const moved = { x: (now.clientX - before.clientX) / 2, y: (now.clientY - before.clientY) / 2 };
    this.stage.zoomAt(centre, spread(now) / Math.max(1, spread(before)), moved);
  }

  #wheel(event) {
    event.preventDefault();
    this.stage.zoomAt(event, Math.exp(-WHEEL_ZOOM * event.deltaY));
  }
}
