/** Look-alikes that meet. A port of mobilevos/engine/entangled.py, which says more. */

import { grown, insideOf, pieces } from "./cells.js";
import { inSight, rowOf } from "./sighting.js";
import { distance } from "./track.js";

const [MEET, PART] = [1.6, 4]; // objects meet when they are so near, in sides, and are apart when they are so far
const ALIKE = 0.1; // permanent frames know one of them for the other so well as for itself, at least
const LARGE = 0.3; // parts that have less of an object's usual area are no bodies
const [TOGETHER_LEAST, TOGETHER_MOST, OVER] = [0.8, 1.2, 0.3]; // all are in sight; or they are on one place
const RIM = 2; // cells around a body in which its mask fades out, and in which it may hold what is expected there
const PART_OF = 0.03; // less of a body than this is nobody's
const [FARTHER, NEAR] = [0.8, 1]; // a body is so much nearer to its owner, and so near at most, in sides
const [LOOKS, LEAST] = [0.5, 0.05]; // what looks count beside the place, in sides for e times the probability; its least
const [KNOWN, AS_WELL] = [0.15, 0.4]; // permanent frames know the owner in a body, and as well as whose mask was on it

/** Which objects of a video look alike and are near each other. */
export class Entangled {
  #alike = new Map(); // "row,row" to whether they look alike

  /** Forget an object; those after it move up. */
  dropObject(row) {
    const left = [...this.#alike].filter(([pair]) => !rowsOf(pair).includes(row));
    this.#alike = new Map(left.map(([pair, alike]) => [`${rowsOf(pair).map((each) => each - (each > row ? 1 : 0))}`, alike]));
  }

  /** Rows of look-alikes that are near each other, in groups. */
  async meet(tracks, seen, recognised) {
    const near = nearPairs(tracks);
    const pairs = new Set(near.map(({ rows }) => `${rows}`));
    for (const pair of [...this.#alike.keys()]) if (!pairs.has(pair)) this.#alike.delete(pair);
    const unknown = near.filter(({ rows }) => !this.#alike.has(`${rows}`));
    const hidden = notWhole(unknown, tracks, seen);
    let groups = [];
    for (const { rows, gap } of near) {
      const pair = `${rows}`;
      if (!this.#alike.has(pair) && gap <= MEET && rows.some((row) => hidden.has(row))) {
        const [one, other] = rows;
        const isAlike = (await isTakenFor(one, other, seen, recognised)) || (await isTakenFor(other, one, seen, recognised));
        this.#alike.set(pair, isAlike);
      }
      if (!this.#alike.get(pair)) continue;
      const isJoined = (group) => group.some((row) => rows.includes(row));
      const joined = groups.filter(isJoined);
      groups = [...groups.filter((group) => !isJoined(group)), [...new Set([...rows, ...joined.flat()])]];
    }
    return groups.map((group) => group.sort((a, b) => a - b));
  }

  /** Rows of look-alikes that are so near each other that one may hide the other, and are not both seen whole. */
  blurred(tracks, seen) {
    if (![...this.#alike.values()].includes(true)) return new Set();
    const met = nearPairs(tracks).filter(({ rows, gap }) => this.#alike.get(`${rows}`) && gap <= MEET);
    const hidden = notWhole(met, tracks, seen);
    return new Set(met.flatMap(({ rows }) => (rows.some((row) => hidden.has(row)) ? rows : [])));
  }
}

/**
 * Give the bodies of some look-alikes to whom they are expected of.
 * @param group rows of the objects.
 * @returns whether anything was changed, and by how much, {x, y}, all of them are elsewhere than was expected.
 */
export async function part(group, tracks, seen, recognised) {
  const bodies = bodiesOf(group, tracks, seen);
  const shift = common(group, tracks, bodies);
  let isChanged = false;
  for (const body of bodies) {
    const { look } = body;
    const { rows, columns } = look.region;
    const held = group.filter((row) => seen.home(row) === look);
    const owner = await ownerOf(body, held, group, tracks, shift, recognised);
    if (owner === undefined || (seen.home(owner) !== look && inSight(seen.mask(owner)))) continue;
    const others = bodies.filter((other) => other.look === look && other !== body);
    const fading = grown(body.cells, rows, columns, RIM);
    fading.forEach((isNear, i) => {
      if (!isNear || others.some((other) => other.cells[i])) return;
      const most = Math.max(...held.map((row) => look.row(row)[i]));
      for (const row of held) look.row(row)[i] = 0;
      look.row(owner)[i] = most;
    });
    seen.bringHome(owner, look);
    isChanged = true;
  }
  return { isChanged, shift };
}

function bodiesOf(group, tracks, seen) {
  const least = LARGE * Math.min(...group.map((row) => tracks[row].area));
  return seen.looks
    .flatMap((look) => {
      const held = group.filter((row) => seen.home(row) === look).map((row) => look.row(row));
      if (!held.length) return [];
      const { rows, columns } = look.region;
      const any = held[0].map((_, i) => Math.max(...held.map((mask) => mask[i])));
      return [...pieces(insideOf(any), rows, columns)].map((cells) => {
        return { look, cells, area: look.area(cells), centre: look.centre(cells) };
      });
    })
    .filter(({ area }) => area >= least);
}

/** By how much all objects together are elsewhere than expected, if all of them can be seen. */
function common(group, tracks, bodies) {
  const own = group.map((row) => tracks[row]);
  const seen = sumOf(bodies, ({ area }) => area);
  const usual = sumOf(own, ({ area }) => area);
  const middle = meanPlace(own, ({ expected }) => expected);
  const areOne = own.every((track) => track.away(middle) < OVER);
  const areTogether = TOGETHER_LEAST <= seen / usual && seen / usual <= TOGETHER_MOST;
  if (!bodies.length || !(areOne || areTogether)) return { x: 0, y: 0 };
  const place = meanPlace(bodies, ({ centre }) => centre);
  const isFar = distance(place, middle) > Math.min(...own.map(({ side }) => side));
  return isFar ? { x: 0, y: 0 } : { x: place.x - middle.x, y: place.y - middle.y };
}

/** Row of the object that a body is to be given to, undefined if it stays as it is. */
async function ownerOf({ look, cells, area, centre }, held, group, tracks, shift, recognised) {
  const shares = sharesOf(look, cells, held);
  const total = sumOf([...shares.values()], (share) => share);
  const masked = held.filter((row) => shares.get(row) > PART_OF * total);
  const place = { x: centre.x - shift.x, y: centre.y - shift.y };
  const away = new Map(group.map((row) => [row, tracks[row].away(place)]));
  if (masked.length === 1 && masked[0] === leastOf(away)) return undefined;
  if (held.filter((row) => tracks[row].isIn((area * shares.get(row)) / total)).length > 1) return undefined; // two that touch
  const looks = await recognised(look);
  const { rows, columns, cells: size } = look.region;
  const sure = new Map(group.map((row) => [row, meanIn(cells, rowOf(looks, row, size))]));
  const cost = new Map(group.map((row) => [row, away.get(row) - LOOKS * Math.log(sure.get(row) + LEAST)]));
  const owner = leastOf(cost);
  const rim = grown(cells, rows, columns, RIM);
  const isExpected = ({ expected }) => look.holds(rim, { x: expected.x + shift.x, y: expected.y + shift.y });
  if (group.some((row) => row !== owner && isExpected(tracks[row]))) return undefined;
  if (away.get(owner) > NEAR || sure.get(owner) < KNOWN || !tracks[owner].isWhole(area)) return undefined;
  const others = masked.filter((row) => row !== owner);
  const isClear = (row) => cost.get(row) - cost.get(owner) >= FARTHER && sure.get(owner) >= AS_WELL * sure.get(row);
  return others.length && others.every(isClear) ? owner : undefined;
}

/** Cells of a body by whose mask is surest in them. */
function sharesOf(look, cells, held) {
  const shares = new Map(held.map((row) => [row, 0]));
  const masks = held.map((row) => look.row(row));
  cells.forEach((isIn, i) => {
    if (!isIn) return;
    const best = masks.reduce((most, mask, at) => (mask[i] > masks[most][i] ? at : most), 0);
    shares.set(held[best], shares.get(held[best]) + 1);
  });
  return shares;
}

/** Whether permanent frames know another object in the body of one. */
async function isTakenFor(row, other, seen, recognised) {
  const look = seen.home(row);
  if (!inSight(look.row(row))) return false;
  const body = insideOf(look.row(row));
  const known = await recognised(look);
  const { cells } = look.region;
  return meanIn(body, rowOf(known, other, cells)) >= ALIKE * meanIn(body, rowOf(known, row, cells));
}

/** Pairs of rows that are not apart, and how far each is from the other, in sides. */
function nearPairs(tracks) {
  const known = [...tracks.keys()].filter((row) => tracks[row]?.isKnown);
  const pairs = known.flatMap((one, i) => known.slice(i + 1).map((other) => [one, other]));
  return pairs.map((rows) => ({ rows, gap: gapOf(tracks, rows) })).filter(({ gap }) => gap <= PART);
}

function rowsOf(pair) {
  return pair.split(",").map(Number);
}

function gapOf(tracks, [a, b]) {
  const [one, other] = [tracks[a], tracks[b]];
  return (distance(one.expected, other.expected) / (one.side + other.side)) * 2;
}

/** Rows in some pairs whose masks are not of their usual size. */
function notWhole(pairs, tracks, seen) {
  const rows = [...new Set(pairs.flatMap((pair) => pair.rows))];
  return new Set(rows.filter((row) => !tracks[row].isUsual(seen.home(row).area(seen.mask(row)))));
}

function sumOf(all, value) {
  return all.reduce((sum, each) => sum + value(each), 0);
}

/** Mean of places {x, y}, weighted by area. */
function meanPlace(all, place) {
  const total = sumOf(all, ({ area }) => area);
  const along = (axis) => sumOf(all, (each) => each.area * place(each)[axis]) / total;
  return { x: along("x"), y: along("y") };
}

function leastOf(values) {
  return [...values].reduce((best, each) => (each[1] < best[1] ? each : best))[0];
}

/** Mean of a mask in some cells. */
export function meanIn(cells, mask) {
  let [sum, count] = [0, 0];
  cells.forEach((isIn, i) => isIn && ((sum += mask[i]), count++));
  return sum / count;
}
