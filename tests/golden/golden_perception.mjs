/** What the page's engine answers to cases of the network at work with a memory, as golden_perception.py does in Python. */

import { Clock } from "./engine/clock.js";
import { Memory } from "./engine/memory.js";
import { Origin } from "./engine/origin.js";
import { Perception } from "./engine/perception.js";
import { Region } from "./engine/region.js";
import { Look, Sighting } from "./engine/sighting.js";
import { Surroundings } from "./engine/surroundings.js";
import { lines, packed } from "./golden_packing.mjs";
import { frameFromRgb } from "./golden_scenes.mjs";

const [HEIGHT, WIDTH] = [64, 96];
const WHOLE = [0, 0, WIDTH, HEIGHT, 64, 64];

/** A network that says what it is told, and notes what it is asked. */
class Oracle {
  answers = [];
  asked = [];

  async query(pixels, height, width) {
    this.asked.push([height, width, ...pixels.slice(0, 3)]);
    return featuresOf(0);
  }

  async memorise(_, masks, count) {
    return Float32Array.from({ length: 16 * count }, (_, i) => mean(lines(masks, masks.length / count)[Math.floor(i / 16)]));
  }

  async read(_, { key, value, classifier, pixels }, prior, count, { cells }) {
    const [keys, values] = [key, value].map((array) => rounded(array.filter((_, i) => i % 16 === 0)));
    const priors = rounded(lines(prior, cells).map(mean));
    this.asked.push([pixels, keys, values, priors, classifier && rounded(classifier)]);
    return this.answers.shift().slice(0, count * cells);
  }
}

const rounded = (numbers) => [...numbers].map((each) => Math.round(each * 1e4) / 1e4);
const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;

function featuresOf(number) {
  const data = Float32Array.from({ length: 64 }, (_, i) => (i * (0.5 + 0.1 * number)) / 63);
  return { key: { data: new Float32Array(16).fill(number) }, descriptor: { data } };
}

const lookOf = ([region, masks, rows, number]) => new Look(new Region(...region), featuresOf(number), masks.slice(), [...rows]);
const sightingOf = ([looks, homes]) => new Sighting(looks.map(lookOf), [...homes]);
const maskShape = ({ masks, region: { cells, rows, columns } }) => [masks.length / cells, rows, columns];
const shown = (look) => [look.rows, packed(look.masks, maskShape(look))];

async function remembered(atWork, given, isKnown) {
  const looks = [];
  for (const look of given[0].map(lookOf)) looks.push(await atWork.takenIn(look));
  if (isKnown) for (const look of looks) look.learn();
  return new Sighting(looks, [...given[1]]);
}

function told(look) {
  const values = rounded(lines(look.value, 16).map(([first]) => first));
  return [...shown(look), values, look.evidence && rounded(look.evidence)];
}

export const perceptions = {
  async origin({ given, answers, seen, lost }) {
    const network = new Oracle();
    const clock = new Clock();
    const { looks: [there] } = await remembered(new Perception(network, new Memory(), clock), [[given], [0]], true);
    network.answers = [...answers];
    const of = new Origin(network, clock, { given: async () => there });
    const look = lookOf(seen);
    const [, ...shape] = maskShape(look);
    if (lost === null) return [packed(await of.withoutStrangers(look), maskShape(look)), network.asked];
    return [packed(await of.ofLost(look, lost), shape), network.asked];
  },

  async surroundings({ kept }) {
    const network = new Oracle();
    const around = new Surroundings(new Perception(network, new Memory(), new Clock()), { everywhere: new Region(...WHOLE) });
    kept.forEach(([seen, isGiven], number) => {
      const frame = frameFromRgb(new Uint8Array(HEIGHT * WIDTH * 3).fill(number), HEIGHT, WIDTH);
      around.keep(frame, sightingOf(seen), isGiven);
    });
    const [looks, given] = [await around.looks(), await around.given()];
    const told = looks.map((look) => packed(look.masks, maskShape(look)));
    return [told, given !== null && looks.map((each) => each === given), network.asked];
  },

  async perception({ kept, recalled, answers, call: [name, ...given] }) {
    const [network, memory] = [new Oracle(), new Memory()];
    const atWork = new Perception(network, memory, new Clock());
    for (const seen of kept) memory.keep(await remembered(atWork, seen, true));
    for (const [seen, gone] of recalled) memory.recall(await remembered(atWork, seen, false), gone);
    Object.assign(network, { asked: [], answers: [...answers] });
    const called = {
      back: () => atWork.back(lookOf(given[0]), given[1], []),
      async without_ghosts() {
        const look = lookOf(given[0]);
        return packed(await atWork.withoutGhosts(look), maskShape(look));
      },
      find_earlier: async () => atWork.findEarlier(await remembered(atWork, given[0], true), given[1]),
      async see() {
        const frame = frameFromRgb(Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => i), HEIGHT, WIDTH);
        const views = given[0].map(([region, rows]) => ({ region: new Region(...region), rows }));
        const ready = given[3].map(lookOf);
        const now = await atWork.see(frame, views, sightingOf(given[1]), given[2], ready);
        const taken = now.looks.map((look) => (ready.includes(look) ? ready.indexOf(look) : null));
        return [now.homes, taken, now.looks.map(shown)];
      },
    };
    const found = (await called[name]()) ?? null;
    const homes = memory.permanent.map((seen) => seen.homes);
    return [found, network.asked, homes, found === null ? memory.lastingLooks.map(told) : []];
  },
};
