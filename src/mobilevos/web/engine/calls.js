/** What the engine's worker does when its client calls. */

import { makeEffect } from "../effects/effect.js";
import { Clock } from "./clock.js";
import { InputError } from "./errors.js";
import { FrameReader } from "./frame.js";
import { loadPrompter } from "./loading.js";
import { modeOf } from "./modes.js";
import { Prompt } from "./prompt.js";
import { scribbleToMask } from "./selection.js";
import { Tracker } from "./tracker.js";

const clock = new Clock();
const frames = new FrameReader();
let loaded; // {network, modes, backend, threads}
let tracker;
let prompter; // a promise of the network with a prompt head, once it is needed
let prompt; // of the object that is selected
let labels; // of the newest frame
let effect = null;
let wantedEffect = { name: "none" };

/** By name, with their parameters; to be called one after the other. */
export const calls = {
  /** @param {Promise<{network, modes, backend, threads}>} given.loading as of `loadNetwork` */
  async load({ mode, loading }) {
    loaded = await loading;
    tracker = new Tracker(loaded.network, modeOf(loaded.modes, mode), clock);
    return { modes: loaded.modes, backend: loaded.backend, threads: loaded.threads };
  },

  async start({ frame, labels }) {
    effect = makeEffect(wantedEffect); // what it remembers is of another video
    return answer(async () => tracker.start(read(frame), labels));
  },

  async step({ frame }) {
    return answer(async () => tracker.step(read(frame)));
  },

  async add({ labels }) {
    const before = tracker.objects.length;
    return answer(async () => {
      const changed = await tracker.add(labels);
      // It remembers frames in which it took a new object for background.
      if (tracker.objects.length > before) effect = makeEffect(wantedEffect);
      return changed;
    });
  },

  async remove({ id }) {
    return answer(() => tracker.remove(id));
  },

  async setMode({ mode }) {
    await tracker.setMode(modeOf(loaded.modes, mode), labels);
  },

  /** The newest frame with the effect, if there is one. */
  async setEffect({ effect: wanted }) {
    effect = makeEffect(wanted);
    wantedEffect = wanted;
    return tracker.started ? answer(() => labels) : null;
  },

  /** Frames that are to come, for an effect that looks ahead; the newest frame again, with what they show. */
  async foresee({ coming }) {
    for (const { frame, labels: given, ahead } of coming) effect?.foresee?.(frames.read(frame), given, ahead);
    return answer(() => labels);
  },

  async prompt({ frame, mask }) {
    prompt = await promptOn(frame, mask);
    return prompt.answer;
  },

  async promptClick({ x, y, positive }) {
    return prompting().click(x, y, positive);
  },

  async promptBox({ box }) {
    return prompting().box(box);
  },

  async promptChoose({ candidate }) {
    return prompting().choose(candidate);
  },

  async promptSpare({ others }) {
    return prompting().spare(others);
  },

  async promptUndo() {
    return prompting().undo();
  },

  async boxToMask({ frame, box }) {
    return (await (await promptOn(frame)).box(box)).labels;
  },

  async scribbleToMask({ frame, inside, outside }) {
    return scribbleToMask(loaded.network, frames.read(frame), inside, outside);
  },
};

async function promptOn(frame, mask = null) {
  const picture = frames.read(frame);
  prompter ??= loadPrompter(loaded);
  prompter.catch(() => (prompter = undefined)); // the next call tries again
  return new Prompt(await prompter, picture, mask);
}

function prompting() {
  if (!prompt) throw new InputError("nothingSelected");
  return prompt;
}

function read(frame) {
  return clock.time("pixels", () => frames.read(frame));
}

async function answer(work) {
  const began = performance.now();
  labels = await work();
  const { width, height } = tracker.frame;
  const result = { labels: labels.slice(), width, height, objects: tracker.objects };
  if (effect) {
    result.image = clock.time("effect", () => effect(tracker.frame, (isWanted) => tracker.soften(isWanted)));
  }
  return { ...result, milliseconds: performance.now() - began, stages: clock.take() };
}

/** What becomes the caller's of a call's result: the label map of a frame, which would be copied twice otherwise, and its image. */
export function handedOver(result) {
  return result?.stages ? [result.labels.buffer, result.image].filter(Boolean) : [];
}
