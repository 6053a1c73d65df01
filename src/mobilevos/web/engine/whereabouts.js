/**
 * Where each object should be, so that who looks alike is told apart by place. A port of mobilevos/engine/whereabouts.py, which
 * says more.
 */

import { grown, largePieces } from "./cells.js";
import { rowOf } from "./sighting.js";

const LARGE = 0.3; // parts of a mask that have less of the largest one's area are no bodies
const [WHOLE_LEAST, WHOLE_MOST] = [0.5, 2]; // a body has so many times an object's usual area
const BOTH = 1.5; // a mask on two bodies has so many times the usual area, at least
const [NEAR, FARTHER] = [1, 0.8]; // how near the own body is to the expected place, and others farther; root of the area
const KNOWN = 0.5; // the permanent frames know the own body at least so well as they know the other
const ALIKE = 0.4; // they know another object in it so well as the one whose mask is on it, at least; or it is expected
const GONE = 0.4; // less than so much of its usual area is as good as nothing
const FRAMES = 3; // so many frames tell how an object moves
const [USUAL_LEAST, USUAL_MOST, UNUSUAL] = [0.75, 1.25, 25]; // masks that are on their object alone; others after frames
const [LEAP, LEAPT] = [0.6, 3]; // so far from the expected place an object is only believed after so many frames
const FADING = 2; // cells around a body in which its mask fades out
const [LASTING, STEADY, SLOWING] = [0.8, 0.7, 0.98]; // of the usual area, of the speed, and of an unseen speed

class Track {
  speed = { x: 0, y: 0 };
  frames = 1;
  doubts = 0;

  constructor(area, centre) {
    Object.assign(this, { area, centre });
  }

  get expected() {
    return { x: this.centre.x + this.speed.x, y: this.centre.y + this.speed.y };
  }

  get side() {
    return Math.sqrt(this.area);
  }

  mayBeAt(centre) {
    return this.frames === 1 || distance(centre, this.expected) <= LEAP * this.side;
  }

  learn(area, centre) {
    const moved = { x: centre.x - this.centre.x, y: centre.y - this.centre.y };
    const mean = (old, now) => STEADY * old + (1 - STEADY) * now;
    this.speed = this.frames === 1 ? moved : { x: mean(this.speed.x, moved.x), y: mean(this.speed.y, moved.y) };
    this.area = LASTING * this.area + (1 - LASTING) * area;
    this.centre = centre;
    this.frames++;
    this.doubts = 0;
  }

  goOn() {
    this.centre = this.expected;
    this.speed = { x: SLOWING * this.speed.x, y: SLOWING * this.speed.y };
  }
}

/** Of all objects of a video, by their rows. */
export class Whereabouts {
  #tracks = [];

  /** An object's mask was corrected: where it was before says nothing. */
  forget(row) {
    this.#tracks[row] = null;
  }

  /** Forget an object; those after it move up. */
  dropObject(row) {
    this.#tracks.splice(row, 1);
  }

  /**
   * Leave every mask on one body, and learn where the objects are. Called once a frame; whether anything was changed.
   * @param recognised masks of a look by the permanent frames alone.
   */
  async settle(seen, recognised) {
    while (this.#tracks.length < seen.homes.length) this.#tracks.push(null);
    let isChanged = false;
    for (const row of seen.homes.keys()) isChanged = (await this.#keepOne(row, seen, recognised)) || isChanged;
    this.#follow(seen);
    return isChanged;
  }

  async #keepOne(row, seen, recognised) {
    const track = this.#tracks[row];
    const look = seen.home(row);
    const inside = insideOf(look.row(row));
    if (!track || track.frames < FRAMES || look.area(inside) < BOTH * track.area) return false;
    const { rows, columns, cells } = look.region;
    const bodies = largePieces(inside, LARGE, rows, columns)
      .filter((part) => look.area(part) >= WHOLE_LEAST * track.area)
      .map((part) => ({ part, away: distance(centreOf(part, look), track.expected) / track.side }));
    if (bodies.length < 2) return false;
    const own = bodies.reduce((best, body) => (body.away < best.away ? body : best));
    if (own.away > NEAR || look.area(own.part) > WHOLE_MOST * track.area) return false;
    const known = await recognised(look);
    const ofKnown = (part, of = row) => meanIn(part, rowOf(known, of, cells));
    const isOther = ({ part, away }) => away - own.away >= FARTHER && ofKnown(own.part) >= KNOWN * ofKnown(part);
    const others = bodies.filter(isOther);
    for (const { part } of others) {
      const kept = grown(own.part, rows, columns, 1);
      const fading = grown(part, rows, columns, FADING).map((isNear, i) => (isNear && !kept[i] ? 1 : 0));
      const owner = this.#owner(part, row, seen, ofKnown);
      const mask = look.row(row);
      if (owner >= 0) {
        for (const other of seen.looks) if (other !== look) other.row(owner).fill(0);
        const found = look.row(owner);
        for (let i = 0; i < cells; i++) found[i] = fading[i] ? Math.max(mask[i], found[i]) : 0;
        seen.homes[owner] = seen.homes[row];
        look.rows = [...new Set([...look.rows, owner])].sort((a, b) => a - b);
      }
      for (let i = 0; i < cells; i++) if (fading[i]) mask[i] = 0;
    }
    return others.length > 0;
  }

  /** Row of the nearest object out of sight to which a body in the mask of another may belong; -1 if there is none. */
  #owner(body, row, seen, ofKnown) {
    const look = seen.home(row);
    const area = look.area(body);
    let [nearest, least] = [-1, Infinity];
    this.#tracks.forEach((track, other) => {
      if (!track || seen.home(other).area(seen.mask(other)) > GONE * track.area) return;
      const fits = WHOLE_LEAST * track.area <= area && area <= WHOLE_MOST * track.area;
      const away = distance(centreOf(body, look), track.expected);
      const isAlike = ofKnown(body, other) >= ALIKE * ofKnown(body);
      if (other === row || !fits || !(isAlike || away <= NEAR * track.side)) return;
      if (away < least) [nearest, least] = [other, away];
    });
    return nearest;
  }

  /** Learn from what can be believed; the others go on as before. */
  #follow(seen) {
    this.#tracks.forEach((track, row) => {
      const look = seen.home(row);
      const inside = insideOf(look.row(row));
      if (!inside.includes(1)) return track?.goOn();
      const [area, centre] = [look.area(inside), centreOf(inside, look)];
      const isUsual = track && USUAL_LEAST <= area / track.area && area / track.area <= USUAL_MOST;
      if (isUsual && track.mayBeAt(centre)) track.learn(area, centre);
      else if (!track || track.doubts >= (isUsual ? LEAPT : UNUSUAL)) this.#tracks[row] = new Track(area, centre);
      else {
        track.goOn();
        track.doubts++;
      }
    });
  }
}

function insideOf(mask) {
  return Uint8Array.from(mask, (probability) => (probability > 0.5 ? 1 : 0));
}

function meanIn(cells, mask) {
  let [sum, count] = [0, 0];
  cells.forEach((isIn, i) => isIn && ((sum += mask[i]), count++));
  return sum / count;
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/** {x, y} in pixels of the source. */
function centreOf(cells, { region }) {
  const { left, top, boxWidth, boxHeight, rows, columns } = region;
  let [x, y, count] = [0, 0, 0];
  cells.forEach((isIn, i) => {
    if (!isIn) return;
    x += i % columns;
    y += Math.floor(i / columns);
    count++;
  });
  return { x: left + ((x / count + 0.5) * boxWidth) / columns, y: top + ((y / count + 0.5) * boxHeight) / rows };
}
