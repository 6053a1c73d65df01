/**
 * What the page's engine answers to each kind of case; golden_answers.py has the same for Python. It runs beside a copy of
 * the folder `engine`:
 *
 *     node replay.mjs VECTORS MODES > ANSWERS
 */

import { readFileSync } from "node:fs";
import { Attention } from "./engine/attention.js";
import { another, candidateOf, telling } from "./engine/candidates.js";
import { bodies, connected, grown, largePieces, pieces } from "./engine/cells.js";
import { Clock } from "./engine/clock.js";
import { corrected } from "./engine/correction.js";
import { InputError } from "./engine/errors.js";
import { groups } from "./engine/grouping.js";
import { inParts, withoutGhosts } from "./engine/ghosts.js";
import { hasLeapt, withoutFarParts } from "./engine/leaps.js";
import { Memory, recall } from "./engine/memory.js";
import { modeOf, rowsOf } from "./engine/modes.js";
import { withoutOthers } from "./engine/origin.js";
import { promptMaps } from "./engine/prompt_maps.js";
import { Region, around, boundingBox, wholeFrame } from "./engine/region.js";
import { inside, isRecognised, mayBeBack, without } from "./engine/returns.js";
import { MemoryFrame, Sighting, inSight, rowOf } from "./engine/sighting.js";
import { classifiers, evidenceOf } from "./engine/target_model.js";
import { Tracker } from "./engine/tracker.js";
import { candidateFrom, candidates, clickOf } from "./golden_candidates.mjs";
import { lines, packed, unpacked } from "./golden_packing.mjs";
import { perceptions } from "./golden_perception.mjs";
import { prompts } from "./golden_prompts.mjs";
import { SceneNetwork, frameFromRgb, frameOf, labelsOf } from "./golden_scenes.mjs";
import { searches } from "./golden_search.mjs";
import { sightings } from "./golden_sightings.mjs";

const [vectors, table] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const modes = rowsOf(JSON.parse(table), "lite0");

const values = ({ left, top, right, bottom, height, width }) => [left, top, right, bottom, height, width];
const sized = ([height, width]) => ({ height, width });

const kinds = {
  ...sightings,
  ...candidates,
  ...perceptions,
  ...prompts,
  ...searches,

  region_around: ({ bounds, frame, size, margin, least, enlarged }) =>
    values(around([bounds], frame[1], frame[0], size, margin, sized(least), undefined, enlarged)),

  region_everywhere: ({ frame, size, enlarged }) => values(wholeFrame(frame[1], frame[0], size, enlarged)),

  region_compared({ region, other, bounds }) {
    const [one, two] = [new Region(...region), new Region(...other)];
    return [one.resembles(two), one.holds(bounds), one.equals(two)];
  },

  around: ({ bounds, frame_size: [height, width], size, margin, least, zoom, enlarged }) =>
    values(around([bounds], width, height, size, margin, least && sized(least), zoom, enlarged)),

  region_resembles: ({ own, other }) => new Region(...own).resembles(new Region(...other)),

  region_bounds_in_source({ own: [left, top, right, bottom], mask }) {
    const [rows, columns] = mask.shape;
    const seen = new Region(left, top, right, bottom, 4 * rows, 4 * columns);
    const arePixels = rows === seen.boxHeight && columns === seen.boxWidth;
    const labels = mask.map((probability) => (probability > 0.5 ? 7 : 0));
    return [seen.boundsInSource(mask), arePixels ? seen.boundsOfLabel(labels, 7) : null];
  },

  bounds_of({ mask }) {
    const { left, top, right, bottom } = boundingBox(mask, ...mask.shape, 0) ?? {};
    return bottom ? [left, top, right, bottom] : null;
  },

  region_bounds: ({ region, mask }) => new Region(...region).boundsInSource(mask),

  view({ region, frame }) {
    const [height, width] = frame.shape;
    return packed(new Region(...region).view(frameFromRgb(frame, height, width)), [region[4], region[5], 3]);
  },

  view_of_masks({ region, labels, ids }) {
    const seen = new Region(...region);
    return packed(seen.viewMasks(labels, labels.shape[1], ids), [ids.length, seen.rows, seen.columns]);
  },

  transfer({ region, target, masks }) {
    const to = new Region(...target);
    return packed(new Region(...region).transfer(masks, to), [masks.shape[0], to.rows, to.columns]);
  },

  paint({ region, masks, ids }) {
    const [left, top, right, bottom, ...seen] = region;
    const [height, width] = [bottom - top, right - left];
    const labels = new Uint8Array(height * width);
    new Region(0, 0, width, height, ...seen).paint(masks, ids, labels, width);
    // Painted into a larger map, it comes to lie where the region does.
    const whole = new Uint8Array(bottom * (right + 3));
    new Region(...region).paint(masks, ids, whole, right + 3);
    const shifted = labels.every((id, i) => whole[(top + Math.floor(i / width)) * (right + 3) + left + (i % width)] === id);
    return shifted ? packed(labels, [height, width]) : "shifted";
  },

  soften({ region, masks }) {
    const [left, top, right, bottom] = region;
    const [height, width] = [bottom - top, right - left];
    const whole = new Float32Array(height * width);
    const place = new Region(...region).soften(masks);
    if (place && place.height * place.width !== place.values.length) return "of another size";
    place?.values.forEach((value, i) => {
      const [y, x] = [place.top - top + Math.floor(i / place.width), place.left - left + (i % place.width)];
      whole[y * width + x] = value;
    });
    return packed(whole, [height, width]);
  },

  ghosts({ mask, recognised }) {
    const columns = mask.shape[1];
    return [inParts(mask, columns), packed(withoutGhosts(mask, recognised, columns), mask.shape)];
  },

  returns({ masks, recognised, whole, rows }) {
    const cells = masks.shape[1] * masks.shape[2];
    const [mask, ...others] = [...Array(masks.shape[0]).keys()].map((row) => rowOf(masks, row, cells));
    const isKnown = inside(mask).count > 0 && isRecognised(mask, recognised);
    return [mayBeBack(mask, whole, others), isKnown, packed(without(masks, rows, cells), masks.shape)];
  },

  target_model({ descriptors, masks }) {
    const [objects, rows, columns] = masks.shape;
    const size = descriptors.length / 2;
    const evidence = [0, 1].map((i) =>
      evidenceOf({ data: descriptors.subarray(i * size, (i + 1) * size) }, masks, { rows, columns }),
    );
    const found = classifiers(evidence, objects);
    const n = found.length / objects;
    return [...Array(objects).keys()].map((k) => [...found.subarray(k * n, (k + 1) * n)]);
  },

  correction({ mask, region, drawn, click: [x, y, positive] }) {
    return packed(corrected(mask, mask.shape[1], drawnIn(region, drawn, 0.5), { x, y, positive }), mask.shape);
  },

  telling({ frame, found }) {
    const candidates = found.map(({ region, mask, quality }) => drawnIn(region, mask, quality));
    const canvas = wholeFrame(frame[1], frame[0], 288);
    const other = another(candidates, canvas);
    const kept = telling(candidates[0], candidates.slice(1), canvas).map((each) => candidates.indexOf(each));
    return [kept, other ? candidates.indexOf(other) : null];
  },

  corrected: ({ mask, drawn, click: [x, y, positive] }) =>
    packed(corrected(mask, mask.shape[1], candidateFrom(drawn), { x, y, positive }), mask.shape),

  grown: ({ mask, cells }) => packed(grown(mask, ...mask.shape, cells), mask.shape),
  connected: ({ mask, start }) => packed(connected(mask, start, ...mask.shape), mask.shape),
  pieces: ({ mask }) => [...pieces(mask, ...mask.shape)].map((piece) => packed(piece, mask.shape)),
  large_pieces: ({ mask, share }) =>
    largePieces(mask, share, ...mask.shape).map((piece) => packed(piece, mask.shape)),
  bodies({ mask, thin, share }) {
    const found = bodies(mask, thin, share, ...mask.shape).sort((a, b) => a.indexOf(1) - b.indexOf(1));
    return found.map((body) => packed(body, mask.shape));
  },

  in_parts: ({ mask }) => inParts(mask, mask.shape[1]),
  without_ghosts: ({ mask, recognised }) => packed(withoutGhosts(mask, recognised, mask.shape[1]), mask.shape),

  has_leapt: ({ mask, before }) => hasLeapt(mask, before, ...mask.shape),
  without_far_parts: ({ mask, before, area }) => packed(withoutFarParts(mask, before, area, ...mask.shape), mask.shape),

  without_others({ mask, parts, were, was, everything }) {
    const [there, region] = [was, mask].map(({ shape: [rows, columns] }) => ({ rows, columns }));
    const each = lines(were, was.length).map((line) => Float32Array.from(line));
    return packed(withoutOthers(mask, parts, each, was, everything, region, there), mask.shape);
  },

  in_sight: ({ mask }) => inSight(mask),
  may_be_back: ({ mask, whole, others }) => mayBeBack(mask, whole, lines(others, mask.length)),
  is_recognised: ({ mask, recognised }) => isRecognised(mask, recognised),
  without: ({ masks, rows }) => packed(without(masks, rows, masks.length / masks.shape[0]), masks.shape),

  prompt_maps({ grid: [rows, columns], clicks, box, mask }) {
    return packed(promptMaps(rows, columns, clicks.map(clickOf), box, mask), [4, rows, columns]);
  },

  memory({ calls }) {
    const memory = new Memory();
    let objects = 3;
    for (const [name, number, gone] of calls) {
      if (name === "drop") {
        memory.dropObject(number);
        objects--;
      } else if (name === "keep") {
        memory.keep(remembered(number, objects));
      } else {
        memory.recall(remembered(number, objects), gone);
      }
    }
    const all = [...Array(objects).keys()];
    const told = [all, ...all.map((row) => [row])].map((rows) => {
      const { key, value, pixels, classifier } = recall(memory.showing(rows, rows));
      const lasting = recall(memory.lastingShowing(rows));
      const values = lines(value, pixels);
      const byObject = all.map((row) => values.slice(2 * row, 2 * row + 2));
      return [lines(key, pixels), byObject, lines(lasting.key, lasting.pixels), memory.greatestArea(rows[0]), lines(classifier, 1)];
    });
    const isWhole = memory.showsAll(memory.frames.at(-1));
    return [memory.lastingLooks.map(({ key }) => key[0]), ...told, isWhole];
  },

  async mode_table({ models, model }) {
    const rows = rowsOf({ ...JSON.parse(table), models }, model);
    if ((await refusing(async () => modeOf(rows, "nobody's"))) !== "refused") return "not refused";
    return Object.fromEntries(Object.keys(rows).map((name) => [name, modeOf(rows, name)]));
  },

  attention({ mode, frame, places, missing, before, unremembered }) {
    const attention = new Attention(modes[mode], frame[1], frame[0]);
    const seen = viewsOf(before);
    const plan = attention.plan(places, missing, seen, unremembered);
    return [plan.search, plan.remember, toldViews(plan.views), toldViews(attention.changed(places, seen))];
  },

  attention_plan({ own, places, missing, before, unremembered }) {
    const { search, remember, views } = attentionOf(own).plan(places, missing, viewsOf(before), unremembered);
    return [search, remember, toldViews(views)];
  },

  attention_changed: ({ own, places, before }) => toldViews(attentionOf(own).changed(places, viewsOf(before))),

  groups({ places, before }) {
    const region = (bounds) => {
      const seen = bounds.some(Boolean) ? bounds.filter(Boolean) : [[0, 0, 1e6, 1e6]];
      const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => seen.map((each) => each[side]));
      const box = [Math.min(...left), Math.min(...top), Math.max(...right), Math.max(...bottom)];
      return new Region(...box.map((at) => Math.trunc(10 * at)), 1000, 1000);
    };
    return groups(places, region, before);
  },

  async life({ mode, size, calls }) {
    const network = new SceneNetwork();
    const tracker = new Tracker(network, modes[mode], new Clock());
    const told = [];
    for (const [name, ...given] of calls) {
      network.viewed = [];
      const called = {
        start: () => tracker.start(frameOf(size, given[0]), labelsOf(size, ...given)),
        step: () => tracker.step(frameOf(size, given[0])),
        step_in: () => tracker.step(frameOf(...given)),
        add: () => tracker.add(labelsOf(size, ...given)),
        remove: () => tracker.remove(given[0]),
      }[name];
      const labels = await refusing(async () => called());
      if (labels === "refused") {
        told.push(labels);
        continue;
      }
      const isArea = ({ id, area }) => name === "remove" || area === labels.filter((label) => label === id).length;
      const objects = tracker.objects.map((each) => [each.id, each.state, Math.round(each.score * 1000) / 1000, isArea(each)]);
      objects.sort(([one], [two]) => one - two);
      told.push([name === "remove" ? null : packed(labels, size), objects, network.viewed]);
    }
    return told;
  },
};

const attentionOf = ({ mode, frame: [height, width] }) => new Attention(mode, width, height);
const viewsOf = (given) => given.map(([region, rows]) => ({ region: new Region(...region), rows }));
const toldViews = (views) => views.map(({ region, rows }) => [values(region), rows]);

function drawnIn(region, shares, quality) {
  return candidateOf(new Region(...region), shares.map((share) => 12 * share - 6), quality, []);
}

/** Looks whose numbers say whose they are; their sizes and who is in sight differ. */
function remembered(number, objects) {
  const looks = [...Array(1 + (number % 2)).keys()].map((each) => {
    const [cells, name] = [1 + ((number + each) % 3), 10 * number + each];
    const fill = (size, make) =>
      Float32Array.from({ length: objects * size }, (_, i) => make(name + 100 * Math.floor(i / size), i % size));
    const look = new MemoryFrame(
      new Region(0, 0, 16 * cells, 20, 16, 16 * cells),
      {},
      fill(16 * cells, (row, i) => (row % 7 > 3 && Math.floor(i / (4 * cells)) <= name % 4 ? 1 : 0)),
      [...Array(objects).keys()],
      new Float32Array(2 * cells).fill(name),
      fill(2 * cells, (row) => row),
    );
    look.evidence = fill(2, (row, i) => (i ? row : 1 + name));
    return look;
  });
  return new Sighting(looks, [...Array(objects).keys()].map((row) => row % looks.length));
}

async function refusing(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError) return "refused";
    throw error;
  }
}

for (const line of vectors.trimEnd().split("\n")) {
  const { kind, given } = JSON.parse(line);
  console.log(JSON.stringify((await kinds[kind](unpacked(given))) ?? null));
}
