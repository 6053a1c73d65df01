// The first screen: ways to bring a video in.
import { labelsOfImage } from "../project/palette.js";
import { openCamera } from "../source/camera.js";
import { openImages } from "../source/images.js";
import { openVideo } from "../source/video_file.js";
import { byId } from "./dom.js";
import { tellProblem } from "./messages.js";

/** The sample clip and the masks of its first frame. */
async function openSample() {
  const [clip, mask] = await Promise.all(["sample/clip.webm", "sample/mask.png"].map(fetchBlob));
  const labels = labelsOfImage(await createImageBitmap(mask, { colorSpaceConversion: "none" }));
  return { source: await openVideo(new File([clip], "Two fish (sample)")), labels };
}

async function fetchBlob(path) {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) throw new Error("The sample cannot be fetched; check the connection, or choose a video of your own.");
  return answer.blob();
}

/** Opens what was chosen or dropped: one video, or pictures. */
async function openFiles(files) {
  if (!files.length) throw new Error("There is nothing in it that can be opened; choose a video, or pictures.");
  const isPicture = (file) => file.type.startsWith("image/");
  return { source: files.some(isPicture) ? await openImages(files) : await openVideo(files[0]) };
}

/** All files of a drop, folders opened. */
async function dropped(transfer) {
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

/**
 * Listens to the first screen and to drops anywhere.
 * @param {(opened: {source: object, labels?: Uint8Array}) => void} opened
 */
export function startWelcome(opened) {
  let turn = 0;
  const open = async (opening) => {
    const mine = ++turn;
    document.body.classList.add("opening");
    try {
      const result = await opening();
      if (mine === turn) opened(result);
      else result.source.close(); // something else was chosen meanwhile
    } catch (error) {
      tellProblem(error);
    }
    document.body.classList.remove("opening");
  };
  byId("open-sample").onclick = () => open(openSample);
  byId("open-camera").onclick = () => open(async () => ({ source: await openCamera() }));
  const chooser = (button, input) => {
    byId(button).onclick = () => byId(input).click();
    byId(input).onchange = ({ target }) => {
      const files = [...target.files];
      target.value = "";
      open(() => openFiles(files));
    };
  };
  chooser("open-video", "video-file");
  chooser("open-images", "image-files");
  chooser("open-folder", "image-folder");

  const isOver = (over) => document.body.classList.toggle("dropping", over);
  addEventListener("dragover", (event) => (event.preventDefault(), isOver(true)));
  addEventListener("dragleave", (event) => !event.relatedTarget && isOver(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    isOver(false);
    const files = dropped(event.dataTransfer);
    open(async () => openFiles(await files));
  });
}
