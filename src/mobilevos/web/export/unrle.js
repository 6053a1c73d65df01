// Masks out of COCO JSON: what `rle.js` and the Python package write, and annotators' uncompressed runs.

import { t } from "../texts/texts.js";

/** Run lengths of COCO's compressed string. */
function runsOf(text) {
  const runs = [];
  for (let at = 0; at < text.length; ) {
    let value = 0, shift = 0, group;
    do {
      group = text.charCodeAt(at++) - 48;
      value |= (group & 31) << shift;
      shift += 5;
    } while (group & 32);
    if (group & 16) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs;
}

/**
 * @param {object} coco with images and annotations
 * @param {{width: number, height: number, indexOf: (image: {id: number, file_name?: string}) => number | undefined}} frames
 * @returns {Map<number, Uint8Array>} label maps by frame; where objects overlap, the later one is seen
 * @throws {Error} no annotations that fit these frames
 */
export function masksOfJson(coco, { width, height, indexOf }) {
  if (!Array.isArray(coco?.annotations)) throw new Error(t("noCoco"));
  const images = new Map((coco.images ?? []).map((image) => [image.id, image]));
  const frames = new Map();
  for (const { image_id: id, category_id: object, segmentation } of coco.annotations) {
    const index = indexOf(images.get(id) ?? { id });
    if (index === undefined) throw new Error(t("cocoFrame", { id }));
    if (!segmentation?.counts) throw new Error(t("cocoPolygons"));
    if (segmentation.size[0] !== height || segmentation.size[1] !== width) {
      throw new Error(t("cocoSize", { width: segmentation.size[1], height: segmentation.size[0], frameWidth: width, frameHeight: height }));
    }
    if (!frames.has(index)) frames.set(index, new Uint8Array(width * height));
    paint(frames.get(index), segmentation.counts, object, width, height);
  }
  return frames;
}

/** COCO counts pixels column by column. */
function paint(labels, counts, id, width, height) {
  let at = 0, isInside = false;
  for (const run of typeof counts === "string" ? runsOf(counts) : counts) {
    if (isInside) {
      for (let n = at; n < at + run; n++) labels[(n % height) * width + Math.floor(n / height)] = id;
    }
    at += run;
    isInside = !isInside;
  }
}
