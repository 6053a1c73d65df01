// Everything about one open video: made when it is opened, gone when another one is.
import { Follower } from "../project/follower.js";
import { Player } from "../project/player.js";
import { Project } from "../project/project.js";
import { byId } from "./dom.js";
import { Editor } from "./editor.js";
import { startEffects } from "./effects.js";
import { openHelp } from "./help.js";
import { startKeyboard } from "./keyboard.js";
import { tellProblem } from "./messages.js";
import { startObjects } from "./objects.js";
import { PointerInput } from "./pointer.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";
import { startToolbar, TOOLS } from "./toolbar.js";
import { startTransport } from "./transport.js";

/** The workspace with a source of frames in it. */
export class Session {
  #listening = new AbortController();

  /**
   * @param source an opened source of frames
   * @param {Promise<Engine>} engine may still be loading
   * @param meter where the frame rate is shown
   */
  constructor(source, engine, meter) {
    this.source = source;
    this.engine = engine;
    this.project = new Project(source.width * source.height);
    this.follower = new Follower(engine, this.project, source);
    this.player = new Player(source, this.project, this.follower);
    this.stage = new Stage(byId("view"), source.width, source.height);
    this.editor = new Editor(this.player, this.project, this.stage, engine);
    this.pointer = new PointerInput(byId("view"), this.editor);
    this.timeline = new Timeline(source, this.project, this.player);
    const { player, project, editor, stage } = this;

    const remove = (id) => this.remove(id);
    startToolbar(editor, project);
    startObjects(project, player, remove);
    startEffects((effect) => this.setEffect(effect), tellProblem);
    const toggle = startTransport(player, source);
    startKeyboard({ editor, project, player, toggle, remove, help: openHelp }, this.#listening.signal);

    player.addEventListener("show", () => stage.show(player.frame, player.labels, player.image));
    player.addEventListener("rate", () => meter.rate(player));
    player.addEventListener("problem", ({ detail }) => tellProblem(detail));
    const showHint = () => this.#showHint();
    editor.addEventListener("tool", showHint);
    project.addEventListener("change", showHint);
    player.addEventListener("state", showHint);
    editor.addEventListener("busy", ({ detail }) => showBusy(detail));
    showHint();
  }

  /** Shows the first frame, with its masks if there are any yet. @param {Uint8Array} [labels] */
  async open(labels) {
    await this.player.seek(0);
    if (this.source.live && this.player.frame) this.#preview();
    if (labels) {
      this.player.labels.set(labels);
      this.player.commit();
    }
  }

  close() {
    this.#listening.abort();
    this.pointer.close();
    this.timeline.close();
    this.stage.close();
    this.player.close();
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

  /** Shows the frames with an effect of the engine. */
  setEffect(effect) {
    this.effect = effect.name;
    return this.#change("Preparing the effect…", (engine) => engine.setEffect(effect));
  }

  setMode(mode) {
    return this.#change("Changing the quality…", (engine) => engine.setMode(mode));
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
    await player.showEffect((this.effect ?? "none") !== "none");
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
}

function showBusy(text) {
  byId("busy").hidden = text === null;
  if (text) byId("busy-text").textContent = text;
}
