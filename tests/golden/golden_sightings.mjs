/** What the page's engine answers to cases of what was seen of a frame: what golden_sightings.py has for Python. */

import { Entangled, part } from "./engine/entangled.js";
import { Region } from "./engine/region.js";
import { Look, Sighting } from "./engine/sighting.js";
import { Track } from "./engine/track.js";
import { Whereabouts } from "./engine/whereabouts.js";
import { packed } from "./golden_packing.mjs";

export const sightings = {
  async whereabouts({ calls }) {
    const [ways, answers] = [new Whereabouts(), []];
    for (const [name, ...given] of calls) {
      if (name === "settle") {
        const seen = sightingOf(given[0]);
        const isChanged = await ways.settle(seen, knowing(seen, given[1]));
        answers.push([isChanged, told(seen, given[0])]);
      } else {
        ways[camel(name)](...given);
      }
    }
    return answers;
  },

  async entangled({ calls }) {
    const [pairs, answers] = [new Entangled(), []];
    for (const [name, ...given] of calls) {
      if (name === "meet") {
        const seen = sightingOf(given[1]);
        const groups = await pairs.meet(given[0].map(trackOf), seen, knowing(seen, given[2]));
        answers.push(groups.sort(([one], [two]) => one - two));
      } else if (name === "blurred") {
        answers.push([...pairs.blurred(given[0].map(trackOf), sightingOf(given[1]))].sort((one, two) => one - two));
      } else {
        pairs[camel(name)](...given);
      }
    }
    return answers;
  },

  async part({ group, tracks, seen, known }) {
    const now = sightingOf(seen);
    const { isChanged, shift } = await part(group, tracks.map(trackOf), now, knowing(now, known));
    return [isChanged, [shift.x, shift.y], told(now, seen)];
  },

  learn({ own, area, centre, crowded }) {
    const track = trackOf(own);
    track.learn(area, placeOf(centre), crowded);
    track.goOn();
    track.goOn({ x: 2, y: -3 });
    return [track.area, track.centre.x, track.centre.y, track.speed.x, track.speed.y, track.frames, track.doubts];
  },

  look_centre({ own, cells }) {
    const { x, y } = lookOf(own).centre(cells);
    return [x, y];
  },

  look_area: ({ own, mask }) => lookOf(own).area(mask),
  look_holds: ({ own, cells, place }) => lookOf(own).holds(cells, placeOf(place)),

  sighting_bring_home({ own, row, look }) {
    const seen = sightingOf(own);
    seen.bringHome(row, seen.looks[look]);
    return told(seen, own);
  },

  sighting_drop_object({ own, row }) {
    const seen = sightingOf(own);
    seen.dropObject(row);
    const looks = seen.looks.map(({ rows, masks, region }) => [rows, packed(masks, shapeIn(masks, region))]);
    return [seen.homes, looks];
  },

  sighting_bounds: ({ own, row }) => sightingOf(own).bounds(row),

  sighting_masks_in({ own, region }) {
    const to = new Region(...region);
    const masks = sightingOf(own).masksIn(to);
    return packed(masks, shapeIn(masks, to));
  },

  sighting_showing({ own, rows }) {
    const seen = sightingOf(own);
    return seen.showing(rows).map((look) => seen.looks.indexOf(look));
  },

  sighting_paint({ own, ids, frame_size: [height, width] }) {
    const labels = new Uint8Array(height * width);
    sightingOf(own).paint(ids, labels, width);
    return packed(labels, [height, width]);
  },

  sighting_soften({ own, rows, frame_size: [height, width] }) {
    const place = sightingOf(own).soften((row) => rows.includes(row));
    const whole = new Float32Array(height * width);
    place?.values.forEach((value, i) => {
      whole[(place.top + Math.floor(i / place.width)) * width + place.left + (i % place.width)] = value;
    });
    return packed(whole, [height, width]);
  },
};

const camel = (name) => name.replace(/_./g, ([, letter]) => letter.toUpperCase());
const placeOf = ([x, y]) => ({ x, y });

function trackOf(given) {
  if (!given) return null;
  const [area, centre, speed, frames, doubts] = given;
  return Object.assign(new Track(area, placeOf(centre)), { speed: placeOf(speed), frames, doubts });
}

export function sightingOf({ looks, homes }) {
  return new Sighting(looks.map(lookOf), [...homes]);
}

function lookOf([region, masks, rows]) {
  return new Look(new Region(...region), {}, masks.slice(), [...rows]);
}

export function shapeIn(masks, { cells, rows, columns }) {
  return [masks.length / cells, rows, columns];
}

/** Homes, and of each look the rows; and the masks, null if they are what was given. */
function told({ homes, looks }, given) {
  const shown = looks.map(({ rows, masks }, i) => {
    const before = given.looks[i][1];
    return [rows, masks.every((value, at) => value === before[at]) ? null : packed(masks, before.shape)];
  });
  return [homes, shown];
}

/** What permanent frames know in each look. */
function knowing({ looks }, known) {
  return (look) => known[looks.indexOf(look)];
}
