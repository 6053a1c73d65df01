/** Where an object goes. A port of mobilevos/engine/track.py, which says more. */

const STEADY_AFTER = 3; // so many frames tell how an object moves
const [WHOLE_LEAST, WHOLE_MOST] = [0.5, 2]; // a body has so many times an object's usual area
const [USUAL_LEAST, USUAL_MOST] = [0.75, 1.25]; // a mask of so many times the usual area is on its object alone
const [FULL_LEAST, FULL_MOST] = [0.9, 1.15]; // and one of so many times that nothing hides in part
const GONE = 0.4; // less than so much of its usual area is as good as nothing
const LEAP = 0.6; // so far from the expected place, in sides, an object is only believed after some frames
const [LASTING, STEADY, SLOWING] = [0.8, 0.7, 0.98]; // of the usual area, of the speed, and of an unseen speed

/** What is known of an object's ways: area in pixels, centre {x, y} in px of the source. */
export class Track {
  speed = { x: 0, y: 0 };
  frames = 1; // in which it was seen by itself
  doubts = 0; // frames since in which it seems to be somewhere or something else

  constructor(area, centre) {
    Object.assign(this, { area, centre });
  }

  /** Where it should be next. */
  get expected() {
    return { x: this.centre.x + this.speed.x, y: this.centre.y + this.speed.y };
  }

  /** Square root of the area, px. */
  get side() {
    return Math.sqrt(this.area);
  }

  /** Whether enough was seen to tell how it moves. */
  get isKnown() {
    return this.frames >= STEADY_AFTER;
  }

  /** How far a place is from the expected one, in sides. */
  away(place) {
    return distance(place, this.expected) / this.side;
  }

  /** Whether a body of so many pixels may be the object. */
  isWhole(area) {
    return WHOLE_LEAST <= area / this.area && area / this.area <= WHOLE_MOST;
  }

  /** Whether so many pixels are enough for the object to be among them. */
  isIn(area) {
    return area >= WHOLE_LEAST * this.area;
  }

  /** Whether so many pixels are too few to be in sight. */
  isGone(area) {
    return area <= GONE * this.area;
  }

  /** Whether a mask of so many pixels is on the object alone. */
  isUsual(area) {
    return USUAL_LEAST <= area / this.area && area / this.area <= USUAL_MOST;
  }

  /** Whether the object can have come there; nothing is known of its pace at first. */
  mayBeAt(centre) {
    return this.frames === 1 || this.away(centre) <= LEAP;
  }

  /** Take in a place at which the object is by itself; in a crowd, its pace only if nobody hides a part of it. */
  learn(area, centre, isCrowded) {
    const moved = { x: centre.x - this.centre.x, y: centre.y - this.centre.y };
    const mean = (old, now) => STEADY * old + (1 - STEADY) * now;
    if (!isCrowded || (FULL_LEAST <= area / this.area && area / this.area <= FULL_MOST)) {
      this.speed = this.frames === 1 ? moved : { x: mean(this.speed.x, moved.x), y: mean(this.speed.y, moved.y) };
    }
    this.area = LASTING * this.area + (1 - LASTING) * area;
    this.centre = centre;
    this.frames++;
    this.doubts = 0;
  }

  /** Move on as before, and by so much besides. */
  goOn(shift = { x: 0, y: 0 }) {
    const { x, y } = this.expected;
    this.centre = { x: x + shift.x, y: y + shift.y };
    this.speed = { x: SLOWING * this.speed.x, y: SLOWING * this.speed.y };
  }
}

export function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
