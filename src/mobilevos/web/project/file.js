// Projects as text: what docs/project.md describes. The same records stand in project files and in what is kept on the device.
import { BlobSink } from "../export/sink.js";
import { ZipWriter } from "../export/zip.js";
import { unzip } from "../export/unzip.js";
import { t } from "../texts/texts.js";
import { EFFECTS, OWN, PLAIN } from "./effects.js";
import { packRuns, runsOf } from "./labels.js";

const FORMAT = "mobilevos project";
const VERSION = 1;
const NAME = "project.json";

/** One frame's record. */
export function frameRecord(index, { mask, objects, erased, quality, outrun }, given) {
  return { frame: index, given, quality, outrun, erased, objects, runs: runsOf(mask) };
}

/** Everything but the frames' masks. */
export function headRecord(project, source, fingerprint) {
  return {
    format: FORMAT,
    version: VERSION,
    video: {
      name: source.name,
      fingerprint,
      width: source.width,
      height: source.height,
      frames: source.count,
      fps: Number(source.fps.toFixed(3)),
    },
    quality: project.quality,
    effect: { name: project.effect.name, color: project.effect.color },
    in: project.range?.[0] ?? null,
    out: project.range?.[1] ?? null,
    active: project.active,
    objects: project.objects.map((id) => ({ id, ...project.about(id) })),
    prompts: project.prompts.map(([frame, object, prompt]) => ({ frame, object, ...prompt })),
  };
}

/** What `Project` keeps of a frame, from its record. */
export function entryOf({ runs, objects, erased = [], quality = null, outrun = false }) {
  return { mask: packRuns(runs), objects, erased, quality, outrun, stale: outrun };
}

/** A state of `Project`, from records. @param {object} head @param {Iterable<object>} frames */
export function stateOf(head, frames) {
  const masks = new Map(), marked = new Set();
  for (const record of frames) {
    masks.set(record.frame, entryOf(record));
    if (record.given) marked.add(record.frame);
  }
  const known = head.objects.map(({ id }) => id);
  return {
    objects: known.length ? known : [1],
    active: known.includes(head.active) ? head.active : (known[0] ?? 1),
    about: new Map(head.objects.map(({ id, name, colour, hidden = false, effect }) => [id, { name, colour, hidden, effect: OWN.includes(effect) ? effect : null }])),
    effect: EFFECTS.includes(head.effect?.name) ? { ...PLAIN, ...head.effect } : PLAIN,
    prompts: new Map((head.prompts ?? []).map(({ frame, object, ...prompt }) => [`${frame} ${object}`, prompt])),
    range: Number.isInteger(head.in) && Number.isInteger(head.out) ? [head.in, head.out] : null,
    masks,
    marked,
  };
}

/** The project as a file that can be kept, sent and opened again. @returns {Promise<Blob>} */
export async function projectFile({ project, source, fingerprint }, progress = async () => {}) {
  const { frames } = project;
  const head = JSON.stringify(headRecord(project, source, await fingerprint), null, 1).slice(0, -2);
  const text = new BlobSink();
  text.write(`${head},\n "masks": [`);
  for (const [at, [index, entry]] of frames.entries()) {
    text.write(`${at ? "," : ""}\n  ${JSON.stringify(frameRecord(index, entry, project.isMarkedAt(index)))}`);
    await progress((at + 1) / frames.length);
  }
  text.write("\n ]\n}\n");
  const zip = new ZipWriter();
  await zip.addCompressed(NAME, text.blob());
  return zip.finish("application/x-mobilevos");
}

/**
 * @param {File} file
 * @returns {Promise<{head: object, state: object}>}
 * @throws {Error} no project file, or one of a newer version
 */
export async function readProjectFile(file) {
  let head;
  try {
    head = JSON.parse(await new Response(await unzip(file, NAME)).text());
    if (head.format !== FORMAT) throw new Error("another format");
  } catch {
    throw new Error(t("projectDamaged", file));
  }
  if (head.version > VERSION) throw new Error(t("projectNewer", file));
  const { width, height } = head.video;
  try {
    return { head, state: stateOf(head, checked(head, width * height)) };
  } catch {
    throw new Error(t("projectIncomplete", file));
  }
}

function checked({ masks }, pixels) {
  for (const { runs } of masks) {
    let sum = 0;
    for (let at = 0; at < runs.length; at += 2) sum += runs[at];
    if (sum !== pixels || runs.length % 2) throw new Error("incomplete");
  }
  return masks;
}

/** Whether a file is a project, by its name. */
export const isProject = ({ name }) => name.toLowerCase().endsWith(".mobilevos");
