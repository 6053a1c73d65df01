// Masks from files, as marks of their frames.
import { masksOfJson } from "../export/unrle.js";
import { readMask } from "../project/mask_image.js";
import { t } from "../texts/texts.js";

/** The frame whose name a file's name is: its stem, or in a video its number. */
function indexOfName(source, name) {
  const stem = name.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
  for (let index = 0; index < source.count; index++) if (source.stem(index) === stem) return index;
  const number = /^\d+$/.test(stem) ? Number(stem) : NaN;
  return number < source.count ? number : undefined;
}

/** Whether pictures may be masks of these frames: PNG, and each named as a frame. */
export function mayBeMasks(files, source) {
  return files.every((file) => /\.png$/i.test(file.name) && (files.length === 1 || indexOfName(source, file.name) !== undefined));
}

/**
 * Takes masks from PNG files or COCO JSON.
 * @param {File[]} files @param session the open video @returns {Promise<number>} how many frames were given
 */
export async function importMasks(files, { source, project, player }) {
  await player.pause();
  const json = files.find(({ name }) => name.toLowerCase().endsWith(".json"));
  const frames = json ? await fromJson(json, source) : await fromImages(files, source, player.index);
  if (![...frames.values()].some((labels) => labels.some(Boolean))) {
    throw new Error(t("masksEmpty"));
  }
  project.give(frames);
  player.refresh();
  await player.seek(frames.has(player.index) ? player.index : Math.min(...frames.keys()));
  return frames.size;
}

async function fromJson(file, source) {
  let coco;
  try {
    coco = JSON.parse(await file.text());
  } catch {
    throw new Error(t("jsonDamaged", file));
  }
  const { width, height, count } = source;
  const indexOf = ({ id, file_name: name }) => (name ? indexOfName(source, name) : undefined) ?? (id < count ? id : undefined);
  return masksOfJson(coco, { width, height, indexOf });
}

async function fromImages(files, source, shown) {
  const frames = new Map();
  for (const file of files) {
    const { labels, width, height } = await readMask(file).catch((error) => {
      throw new Error(t("noMask", { name: file.name, reason: error.message }));
    });
    if (width !== source.width || height !== source.height) {
      throw new Error(t("maskSize", { name: file.name, width, height, frameWidth: source.width, frameHeight: source.height }));
    }
    frames.set(indexOfName(source, file.name) ?? shown, labels);
  }
  return frames;
}
