// Follow an object with ONNX Runtime in JavaScript: onnxruntime-node here, onnxruntime-web in a page (the same calls).
//
//   mobilevos export lite0 -o model/
//   npm install onnxruntime-node
//   node host.mjs model/ frames.rgb HEIGHT WIDTH mask.gray out.gray
//
// frames.rgb holds frames of HEIGHT x WIDTH (multiples of 16) RGB bytes one after the other, mask.gray the first frame's
// mask, 0 or 255; out.gray gets a mask at a quarter of the size for each frame. In a page, frames come from a canvas.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync, writeFileSync } from "node:fs";
import { classifiers, evidenceOf } from "../../src/mobilevos/web/engine/target_model.js";

// Found beside where the command is run, too.
const ort = createRequire(pathToFileURL(`${process.cwd()}/`))("onnxruntime-node");
const [folder, framesPath, heightText, widthText, maskPath, outPath] = process.argv.slice(2);
const height = Number(heightText), width = Number(widthText), rows = height / 4, columns = width / 4;

const open = (name) => ort.InferenceSession.create(`${folder}/${name}.onnx`);
const [query, read, memorise] = await Promise.all(["query", "read", "memorise"].map(open));
const pick = (session, values) =>
  Object.fromEntries(session.inputNames.filter((name) => name in values).map((name) => [name, values[name]]));

// [., channels, pixels of both] out of two tensors [., channels, pixels]: memory is the first and the previous frame.
function sideBySide(a, b) {
  const channels = a.dims[1], pixels = a.data.length / channels;
  const both = new Float32Array(2 * a.data.length);
  for (let channel = 0; channel < channels; channel++) {
    both.set(a.data.subarray(channel * pixels, (channel + 1) * pixels), 2 * channel * pixels);
    both.set(b.data.subarray(channel * pixels, (channel + 1) * pixels), (2 * channel + 1) * pixels);
  }
  return new ort.Tensor("float32", both, [1, channels, 2 * pixels]);
}

function shrunk(mask) {
  const small = new Float32Array(rows * columns);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) small[(y >> 2) * columns + (x >> 2)] += mask[y * width + x] / 255 / 16;
  return new ort.Tensor("float32", small, [1, rows, columns]);
}

const film = readFileSync(framesPath), size = height * width * 3, results = [], times = [];
let first, previous, masks, classifier;
for (let start = 0; start + size <= film.length; start += size) {
  const began = performance.now();
  const frame = new ort.Tensor("uint8", film.subarray(start, start + size), [1, height, width, 3]);
  const features = await query.run({ frame });
  const remember = async () =>
    ({ key: features.key, value: (await memorise.run({ ...pick(memorise, features), masks })).value });
  if (!first) {
    masks = shrunk(readFileSync(maskPath));
    first = previous = await remember();
    const found = classifiers([evidenceOf(features.descriptor, masks.data, { rows, columns })], 1);
    classifier = found && new ort.Tensor("float32", found, [1, found.length]);
  } else {
    const memory = {
      memory_key: sideBySide(first.key, previous.key),
      memory_value: sideBySide(first.value, previous.value),
      ...(classifier && { classifier }),
    };
    masks = (await read.run({ ...pick(read, features), ...memory, prior: masks })).probability;
    // A frame without the object would teach the memory that there is only background.
    if (masks.data.some((probability) => probability > 0.5)) previous = await remember();
  }
  times.push(performance.now() - began);
  results.push(Buffer.from(Uint8Array.from(masks.data, (probability) => (probability > 0.5 ? 255 : 0))));
}
writeFileSync(outPath, Buffer.concat(results));
const median = times.slice(1).sort((a, b) => a - b)[(times.length - 1) >> 1] ?? 0;
console.log(`${results.length} frames, median ${median.toFixed(1)} ms`);
