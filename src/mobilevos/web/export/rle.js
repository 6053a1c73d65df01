// COCO run-length encoding, the same as the Python package writes: mobilevos.video.rle.

/** COCO's compressed string of run lengths: 5 bits a character, differences to the run two before from the fourth on. */
function compressed(runs) {
  let text = "";
  runs.forEach((run, at) => {
    let rest = at > 2 ? run - runs[at - 2] : run;
    for (let more = true; more; ) {
      const group = rest & 31;
      rest >>= 5;
      more = group & 16 ? rest !== -1 : rest !== 0;
      text += String.fromCharCode(group + (more ? 32 : 0) + 48);
    }
  });
  return text;
}

/**
 * One object of a label map as a COCO annotation's parts.
 * @param {Uint8Array} labels width * height
 * @returns {{segmentation: {size: number[], counts: string}, area: number, bbox: number[]}} undefined if it is not there
 */
export function encodeObject(labels, width, height, id) {
  const first = labels.indexOf(id);
  if (first < 0) return undefined;
  const top = Math.floor(first / width), bottom = Math.floor(labels.lastIndexOf(id) / width);
  let left = width, right = 0, area = 0;
  const runs = [];
  let start = 0, inside = false;
  const change = (at) => {
    runs.push(at - start);
    start = at;
    inside = !inside;
  };
  for (let x = 0; x < width; x++) {
    if (inside && top > 0) change(x * height); // the last column's run reached its end
    for (let y = top; y <= bottom; y++) {
      const is = labels[y * width + x] === id;
      if (is !== inside) change(x * height + y);
      if (!is) continue;
      area++;
      if (x < left) left = x;
      right = x;
    }
    if (inside && bottom + 1 < height) change(x * height + bottom + 1);
  }
  runs.push(width * height - start);
  return {
    segmentation: { size: [height, width], counts: compressed(runs) },
    area,
    bbox: [left, top, right + 1 - left, bottom + 1 - top],
  };
}
