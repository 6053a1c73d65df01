// Everything about one open video: made when it is opened, gone when another one is.
import { aboutOutline, engineEffect, isPlain, removesAny } from "../project/effects.js";
import { Follower } from "../project/follower.js";
import { Keeper } from "../project/keeper.js";
import { Player } from "../project/player.js";
import { t } from "../texts/texts.js";
import { byId } from "./dom.js";
import { Editor } from "./editor.js";
import { startEffects } from "./effects.js";
import { openHelp } from "./help.js";
import { startKeyboard } from "./keyboard.js";
import { tellLost } from "./lost.js";
import { tellNotice, tellProblem } from "./messages.js";
import { LABELS } from "./modes.js";
import { startObjects } from "./objects.js";
import { PointerInput } from "./pointer.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";
import { startToolbar, TOOLS } from "./toolbar.js";
import { startTransport } from "./transport.js";

/** The workspace with a source of frames and a project in it. */
export class Session {
  #listening = new AbortController();
  #tellsTracking = false;
  #effect = null; // that the engine was told
  #untellQuality = () => {};

  /**
   * @param {{source: object, project: Project, id: string, isKept: boolean, fingerprint: Promise<string>}} document
   * @param {Promise<Engine>} engine may still be loading
   * @param {{meter: object, undo: () => void, save: () => void, remember: (id: string) => void, open: () => void}} page what belongs to no session
   */
  constructor({ source, project, id, isKept, fingerprint }, engine, page) {
    Object.assign(this, { source, project, id, fingerprint, engine });
    this.follower = new Follower(engine, project, source);
    this.player = new Player(source, project, this.follower);
    this.stage = new Stage(byId("view"), source.width, source.height, (object) => project.about(object), (object) => aboutOutline(project, object));
    this.editor = new Editor(this.player, project, this.stage, engine);
    this.pointer = new PointerInput(byId("view"), this.editor);
    this.timeline = new Timeline(source, project, this.player);
    this.keeper = new Keeper(isKept, this);
    const { player, editor, stage, keeper } = this;
    const { meter, undo, save, remember, open } = page;

    const remove = (object) => this.remove(object);
    startToolbar(editor, project, undo);
    startObjects(project, player, remove);
    startEffects(project, tellProblem);
    const transport = startTransport(player, source, project, stage);
    startKeyboard({ editor, project, player, transport, remove, undo, save, open, help: openHelp }, this.#listening.signal);

    const show = () => stage.show(player.frame, player.labels, player.image);
    player.addEventListener("show", show);
    for (const event of ["change", "view"]) project.addEventListener(event, () => stage.invalidate());
    player.addEventListener("rate", () => meter.rate(player));
    player.addEventListener("rate", () => this.#showTracking());
    player.addEventListener("state", () => this.#showTracking());
    player.addEventListener("tracked", ({ detail }) => {
      if (!tellLost(project, player) && !detail.count) tellNotice(t(detail.isBack ? "noneBefore" : "noneMissing"));
    });
    player.addEventListener("problem", ({ detail }) => {
      const untell = tellProblem(detail);
      if (!project.isMarked) project.addEventListener("change", untell, { once: true }); // that nothing was
    });
    const showHint = () => this.#showHint();
    editor.addEventListener("tool", showHint);
    project.addEventListener("change", showHint);
    player.addEventListener("state", showHint);
    editor.addEventListener("busy", ({ detail }) => showBusy(detail));
    const showKept = () => showKeeper(keeper, project);
    keeper.addEventListener("state", showKept);
    keeper.addEventListener("copy", () => {
      remember(this.id);
      tellNotice(t("keptAsCopy"));
    });
    project.addEventListener("change", showKept);
    showHint();
    showKept();
  }

  /** Shows the frame, with its masks if there are any yet. @param {Uint8Array} [labels] of the first frame */
  async open(labels, index = 0) {
    await this.player.seek(index);
    if (this.source.live && this.player.frame) this.#preview();
    if (labels) {
      this.player.labels.set(labels);
      this.player.commit();
    }
    for (const event of ["change", "view"]) this.project.addEventListener(event, () => this.#followEffects());
    this.#followEffects();
  }

  /** Ends the workspace; the source stays open. */
  async close() {
    this.#listening.abort();
    this.pointer.close();
    this.editor.close();
    this.timeline.close();
    this.stage.close();
    showBusy(null);
    this.player.close();
    await this.keeper.close();
  }

  /** Takes an object out of all frames and stops following it. */
  async remove(id) {
    await this.player.pause();
    await this.player.exclusively(async () => {
      this.project.removeObject(id);
      await this.follower.remove(id);
    });
    this.player.refresh();
  }

  /** Shows the frames with the project's effects, where they are other ones now. */
  #followEffects() {
    const { project } = this;
    const wanted = engineEffect(project);
    const isSame = wanted.background === this.#effect?.background && JSON.stringify(wanted) === JSON.stringify(this.#effect);
    if (isSame) return;
    const isFirst = this.#effect === null; // the engine may still have those of another video
    this.#effect = wanted;
    this.follower.looksAhead = removesAny(project);
    if (isFirst && isPlain(project)) {
      this.engine.then((engine) => engine.setEffect(wanted)).catch(() => {}); // that it cannot be loaded is told elsewhere
      return;
    }
    this.#change(t("preparingEffect"), (engine) => engine.setEffect(wanted));
  }

  /** Frames that were found in another mode are out of date then, and stay so until they are tracked again. */
  async setMode(mode) {
    this.#untellQuality();
    await this.#change(t("changingQuality"), async (engine) => {
      await engine.setMode(mode);
      this.project.quality = mode;
    });
    const stale = this.project.frames.filter(([, entry]) => entry.stale).length;
    if (!stale || this.source.live) return;
    this.#untellQuality = tellNotice(t("otherQuality", { count: stale }), { label: t("trackAgainIn", { mode: LABELS[mode] }), run: () => this.player.track() });
  }

  /** Changes the engine between two frames, and goes on playing if it did. */
  async #change(text, change) {
    const { player } = this;
    const wasPlaying = player.playing;
    await player.pause();
    showBusy(text);
    await player.exclusively(async () => {
      await change(await this.engine);
      this.follower.reset();
    });
    await player.showEffect(!isPlain(this.project));
    showBusy(null);
    if (wasPlaying) player.play();
  }

  /** The camera is shown live until the picture is touched: that frame is held, to be marked. */
  #preview() {
    const { player, project, source } = this;
    const { signal } = this.#listening;
    let held = false;
    byId("view").addEventListener("pointerdown", () => (held = true), { signal, capture: true });
    project.addEventListener("change", () => (held &&= project.isMarked));
    const next = async () => {
      if (signal.aborted) return;
      if (!held && !source.count) await player.lookLive();
      requestAnimationFrame(next);
    };
    next();
  }

  #showHint() {
    const hint = byId("hint");
    hint.hidden = this.project.isMarked || this.player.playing;
    hint.textContent = TOOLS[this.editor.toolName].hint;
  }

  #showTracking() {
    const { tracking } = this.player;
    if (tracking?.total) showBusy(t("tracking", { number: Math.min(tracking.done + 1, tracking.total), count: tracking.total }));
    else if (this.#tellsTracking) showBusy(null);
    this.#tellsTracking = Boolean(tracking?.total);
    if (this.#tellsTracking) this.#untellQuality();
  }
}

function showBusy(text) {
  byId("busy").hidden = text === null;
  byId("busy-text").textContent = text ?? "";
}

/** Whether what was done would be there after the page is closed. */
function showKeeper({ state }, { isMarked }) {
  const texts = { kept: "kept", keeping: "keeping", off: "notKept" };
  byId("kept").textContent = isMarked ? t(texts[state]) : "";
  byId("kept").className = `kept ${state}`;
}
