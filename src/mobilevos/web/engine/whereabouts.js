/**
 * Where each object should be, so that who looks alike is told apart by place. A port of mobilevos/engine/whereabouts.py, which
 * says more.
 */

import { grown, insideOf, largePieces } from "./cells.js";
import { Entangled, meanIn, part } from "./entangled.js";
import { rowOf } from "./sighting.js";
import { Track } from "./track.js";

const LARGE = 0.3; // parts of a mask that have less of the largest one's area are no bodies
const BOTH = 1.5; // a mask on two bodies has so many times the usual area, at least
const [NEAR, FARTHER] = [1, 0.8]; // how near the own body is to the expected place, and others farther, in sides
const KNOWN = 0.5; // the permanent frames know the own body at least so well as they know the other
const ALIKE = 0.4; // they know another object in it so well as the one whose mask is on it, at least; or it is expected
const [LEAPT, UNUSUAL] = [3, 25]; // an object is believed in an unexpected place, or size, after so many frames
const FADING = 2; // cells around a body in which its mask fades out

/** Of all objects of a video, by their rows. */
export class Whereabouts {
  #tracks = [];
  #entangled = new Entangled();

  /** An object's mask was corrected: where it was before says nothing, and who met it is asked again. */
  forget(row) {
    this.#tracks[row] = null;
  }

  /** Forget an object; those after it move up. */
  dropObject(row) {
    this.#tracks.splice(row, 1);
    this.#entangled.dropObject(row);
  }

  /**
   * Leave every mask on one body, and learn where the objects are. Called once a frame; whether anything was changed.
   * @param recognised masks of a look by the permanent frames alone.
   */
  async settle(seen, recognised) {
    while (this.#tracks.length < seen.homes.length) this.#tracks.push(null);
    const shifts = new Map();
    let isChanged = false;
    for (const group of await this.#entangled.meet(this.#tracks, seen, recognised)) {
      const parted = await part(group, this.#tracks, seen, recognised);
      for (const row of group) shifts.set(row, parted.shift);
      isChanged ||= parted.isChanged;
    }
    for (const row of seen.homes.keys()) isChanged = (await this.#keepOne(row, seen, recognised)) || isChanged;
    this.#follow(seen, shifts);
    return isChanged;
  }

  async #keepOne(row, seen, recognised) {
    const track = this.#tracks[row];
    const look = seen.home(row);
    const inside = insideOf(look.row(row));
    if (!track?.isKnown || look.area(inside) < BOTH * track.area) return false;
    const { rows, columns, cells } = look.region;
    const bodies = largePieces(inside, LARGE, rows, columns)
      .filter((body) => track.isIn(look.area(body)))
      .map((body) => ({ body, away: track.away(look.centre(body)) }));
    if (bodies.length < 2) return false;
    const own = bodies.reduce((best, each) => (each.away < best.away ? each : best));
    if (own.away > NEAR || !track.isWhole(look.area(own.body))) return false;
    const known = await recognised(look);
    const ofKnown = (body, of = row) => meanIn(body, rowOf(known, of, cells));
    const isOther = ({ body, away }) => away - own.away >= FARTHER && ofKnown(own.body) >= KNOWN * ofKnown(body);
    const others = bodies.filter(isOther);
    for (const { body } of others) {
      const kept = grown(own.body, rows, columns, 1);
      const fading = grown(body, rows, columns, FADING).map((isNear, i) => (isNear && !kept[i] ? 1 : 0));
      const owner = this.#owner(body, row, seen, ofKnown);
      const mask = look.row(row);
      if (owner !== undefined) {
        look.row(owner).forEach((own, i, found) => (found[i] = fading[i] ? Math.max(mask[i], own) : 0));
        seen.bringHome(owner, look);
      }
      mask.forEach((_, i) => fading[i] && (mask[i] = 0));
    }
    return others.length > 0;
  }

  /** Row of the nearest object out of sight to which a body in the mask of another may belong, undefined without one. */
  #owner(body, row, seen, ofKnown) {
    const look = seen.home(row);
    let nearest;
    let least = Infinity;
    this.#tracks.forEach((track, other) => {
      if (!track?.isGone(seen.home(other).area(seen.mask(other)))) return;
      const away = track.away(look.centre(body));
      const isAlike = ofKnown(body, other) >= ALIKE * ofKnown(body);
      if (other === row || !track.isWhole(look.area(body)) || !(isAlike || away <= NEAR)) return;
      if (away * track.side < least) [nearest, least] = [other, away * track.side];
    });
    return nearest;
  }

  /** Learn from what can be believed; the others go on as before, but for what look-alikes do together. */
  #follow(seen, shifts) {
    const blurred = this.#entangled.blurred(this.#tracks, seen);
    this.#tracks.forEach((track, row) => {
      const look = seen.home(row);
      const inside = insideOf(look.row(row));
      if (blurred.has(row) && track.doubts < UNUSUAL) {
        track.goOn(shifts.get(row));
        track.doubts++;
        return;
      }
      if (!inside.includes(1)) return track?.goOn();
      const [area, centre] = [look.area(inside), look.centre(inside)];
      const isUsual = track?.isUsual(area);
      if (isUsual && track.mayBeAt(centre)) track.learn(area, centre, shifts.has(row));
      else if (!track || track.doubts >= (isUsual ? LEAPT : UNUSUAL)) this.#tracks[row] = new Track(area, centre);
      else {
        track.goOn();
        track.doubts++;
      }
    });
  }
}
