/** Label maps, Uint8Array, as runs of pixels of one id: four pixels are looked at at a time, as most are like their neighbours. */

/** A function (at, end) -> the first place after `at` with another id than is there, at most `end`. */
export function runsIn(labels) {
  const aligned = labels.byteOffset % 4 ? labels.slice() : labels;
  const fours = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
  return (at, end) => {
    const id = aligned[at];
    while (at < end && at % 4 && aligned[at] === id) at++;
    if (at % 4) return at;
    const same = Math.imul(id, 0x01010101) >>> 0;
    let four = at >> 2;
    for (const last = end >> 2; four < last && fours[four] === same; ) four++;
    for (at = four << 2; at < end && aligned[at] === id; ) at++;
    return at;
  };
}
