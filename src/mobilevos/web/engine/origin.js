/** What the parts of a mask were in the frame that was given: a port of mobilevos/engine/origin.py, which says more. */

import { bodies, grown, insideOf, largePieces } from "./cells.js";
import { rowOf, rowsOf } from "./sighting.js";
import { classifiers } from "./target_model.js";

const LEAST_PART = 0.05; // of the largest part; smaller ones are not asked about, and go with any other
const THIN = 2; // cells; parts that hang together by twice as many are told apart
const LEAST_OWN = 0.5; // part of what a part was that must have been the object, in a look at everything
const LEAST_OWN_HERE = 0.2; // and in one in which something may be missing, whose pixels then choose whoever is there
const NEAR = 1; // cells that it may be away from the object
const LEAST_SURE = 0.5; // part of the object that one part must have been, to speak against others beside it
const MOST_CHOSEN = 0.125; // mean probability with which the object's pixels choose those, at most
const LEAST_ELSEWHERE = 0.2; // part of the share of the object that they claim, of what chooses them elsewhere
const RIM = 2; // cells around a part in which its mask fades out

/** Of what is seen of one video's objects. */
export class Origin {
  #network;
  #clock;
  #surroundings;

  /** @param surroundings knows the given frame. */
  constructor(network, clock, surroundings) {
    this.#network = network;
    this.#clock = clock;
    this.#surroundings = surroundings;
  }

  /** Masks (K, cells) of objects in sight, without parts that were something else. */
  async withoutStrangers(look) {
    const masks = look.masks.slice();
    const { rows, columns } = look.region;
    for (const row of look.rows) {
      const parts = bodies(insideOf(look.row(row)), THIN, LEAST_PART, rows, columns);
      const scene = parts.length > 1 && (await this.#surroundings.given());
      if (scene) masks.set(await this.#own(look, row, parts, scene, false), row * look.region.cells);
    }
    return masks;
  }

  /** The mask of an object that is looked for, without parts that were something else. */
  async ofLost(look, row) {
    const scene = await this.#surroundings.given();
    return scene ? this.#own(look, row, partsOf(look, row), scene, look.region.equals(scene.region)) : look.row(row);
  }

  async #own(look, row, parts, scene, isEverything) {
    const were = await this.#were(look, row, parts, scene);
    return withoutOthers(look.row(row), parts, were, scene.row(row), isEverything, look.region, scene.region);
  }

  /** Probabilities, each (scene's cells), of the parts of an object's mask in a scene. */
  async #were(look, row, parts, scene) {
    const { region } = look;
    const mask = look.row(row);
    const rivals = look.rows.filter((other) => other !== row);
    const whose = [...parts.map(() => row), ...rivals];
    const seen = rowsOf(look.masks, whose, region.cells);
    parts.forEach((part, i) => {
      const rim = withRim(part, mask, region);
      seen.set(mask.map((value, at) => value * rim[at]), i * region.cells);
    });
    const key = look.features.key.data;
    const value = await this.#clock.time("memorise", () =>
      this.#network.memorise(look.features, seen, whose.length, region),
    );
    const count = scene.masks.length / scene.region.cells;
    const models = classifiers([scene.evidence], count);
    const classifier = models && rowsOf(models, whose, models.length / count);
    const memory = { key, value, classifier, pixels: region.cells / 16 };
    const nowhere = new Float32Array(whose.length * scene.region.cells);
    const found = await this.#clock.time("read", () =>
      this.#network.read(scene.features, memory, nowhere, whose.length, scene.region),
    );
    return parts.map((_, i) => rowOf(found, i, scene.region.cells));
  }
}

function partsOf(look, row) {
  return largePieces(insideOf(look.row(row)), LEAST_PART, look.region.rows, look.region.columns);
}

/**
 * A mask in a region without those of its parts that were mostly something else than the object, by masks in a scene's
 * region. Unless the look shows everything, only beside one that surely was the object.
 */
export function withoutOthers(mask, parts, were, was, isEverything, region, scene) {
  const body = insideOf(was);
  const near = grown(body, scene.rows, scene.columns, NEAR);
  const whole = sum(body);
  const sizes = parts.map(sum);
  const together = sum(sizes);
  const judged = were.map((each, number) => {
    const found = insideOf(each);
    const area = sum(found);
    const own = sum(found.map((isIn, i) => isIn & near[i]));
    if (isEverything) return { isOther: own < LEAST_OWN * area };
    const isFew = own < LEAST_OWN_HERE * area;
    const chosen = sum(each.map((value, i) => (body[i] ? value : 0))) / whole;
    const claimed = (whole * sizes[number]) / together;
    const isOther = isFew && chosen <= MOST_CHOSEN && area - own >= LEAST_ELSEWHERE * claimed;
    return { isOther, isSure: !isFew && own > LEAST_SURE * whole };
  });
  if (!isEverything && !judged.some(({ isSure }) => isSure)) return mask;
  if (!judged.some(({ isOther }) => isOther)) return mask;
  const kept = parts.filter((_, i) => !judged[i].isOther).map((part) => withRim(part, mask, region));
  return mask.map((value, i) => (kept.some((part) => part[i]) ? value : 0));
}

/** A part of a mask and where that fades out around it, without what is near of other parts. */
function withRim(part, mask, { rows, columns }) {
  return grown(part, rows, columns, RIM).map((isIn, i) => (part[i] || mask[i] <= 0.5 ? isIn : 0));
}

const sum = (cells) => cells.reduce((total, isIn) => total + isIn, 0);
