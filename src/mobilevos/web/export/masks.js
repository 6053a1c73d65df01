// Masks of all frames as files: PNG in a ZIP, or COCO JSON.
import { idsOf } from "../project/labels.js";
import { BlobSink } from "./sink.js";
import { encodePng } from "./png.js";
import { encodeObject } from "./rle.js";
import { ZipWriter } from "./zip.js";

/**
 * @param {{source: object, project: object}} session
 * @param {(fraction: number) => Promise<void>} progress called after each frame; rejects when the user cancels
 * @returns {Promise<Blob>} masks/STEM.png, one per frame
 */
export async function masksAsZip({ source, project }, progress) {
  const zip = new ZipWriter();
  const { frames } = project;
  for (const [at, [index]] of frames.entries()) {
    zip.add(`masks/${source.stem(index)}.png`, await encodePng(project.labels(index), source.width, source.height));
    await progress((at + 1) / frames.length);
  }
  return zip.finish();
}

/**
 * COCO images, annotations and categories, as `mobilevos segment --outputs rle` writes them: image_id is the frame's
 * index, category_id the object's id.
 */
export async function masksAsJson({ source, project }, progress) {
  const { width, height } = source;
  const annotations = new BlobSink(), images = new BlobSink();
  const { frames } = project;
  const seen = new Set();
  let count = 0;
  annotations.write('{"annotations": [');
  for (const [at, [index, { mask }]] of frames.entries()) {
    const labels = project.labels(index);
    for (const id of idsOf(mask)) {
      const found = { id: ++count, image_id: index, category_id: id, ...encodeObject(labels, width, height, id), iscrowd: 0 };
      annotations.write(`${count > 1 ? ",\n" : "\n"}${JSON.stringify(found)}`);
      seen.add(id);
    }
    images.write(`${at ? ",\n" : "\n"}${JSON.stringify({ id: index, file_name: source.stem(index), width, height })}`);
    await progress((at + 1) / frames.length);
  }
  const categories = [...seen].sort((a, b) => a - b).map((id) => ({ id, name: project.about(id).name }));
  const end = `\n],\n"categories": ${JSON.stringify(categories)}}\n`;
  return new Blob([annotations.blob(), '\n],\n"images": [', images.blob(), end], { type: "application/json" });
}
