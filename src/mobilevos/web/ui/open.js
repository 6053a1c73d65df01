// From files, the camera or the sample to frames.
import { readMask } from "../project/mask_image.js";
import { openCamera } from "../source/camera.js";
import { openImages } from "../source/images.js";
import { fetchBlob } from "../source/parts.js";
import { openVideo } from "../source/video_file.js";
import { t } from "../texts/texts.js";

export const SAMPLE = t("sampleName");

export { openCamera };

/** The sample clip and the masks of its first frame. */
export async function openSample() {
  const [clip, mask] = await Promise.all(["sample/clip.webm", "sample/mask.png"].map(fetchBlob));
  const { labels } = await readMask(mask);
  return { source: await openVideo(new File([clip], SAMPLE)), labels };
}

/** One video, or pictures. @param {File[]} files */
export async function openMedia(files) {
  if (!files.length) throw new Error(t("nothingToOpen"));
  return files.some(({ type }) => type.startsWith("image/")) ? openImages(files) : openVideo(files[0]);
}

/** All files of a drop, folders opened. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 a time
      if (!batch.length) return;
      for (const inside of batch) await walk(inside);
    }
  };
  for (const entry of entries) await walk(entry);
  return files;
}
