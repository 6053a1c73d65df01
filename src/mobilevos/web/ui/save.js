// The export dialog.
import { masksAsJson, masksAsZip } from "../export/masks.js";
import { cutoutPictures, cutoutVideo, effectVideo, matteVideo, overlayVideo } from "../export/video.js";
import { isPlain } from "../project/effects.js";
import { projectFile } from "../project/file.js";
import { byId, icon, make } from "./dom.js";
import { tellNotice, tellProblem } from "./messages.js";
import { LABELS } from "./modes.js";

const PROJECT = { id: "project", label: "Project", note: "Masks, marks and names, to open here again or to give to mobilevos segment", ending: ".mobilevos", run: projectFile };
/** Of a film: MP4 where the browser writes it. */
const film = (what) => ({ type }) => `-${what}.${type === "video/mp4" ? "mp4" : "webm"}`;
const KINDS = [
  { id: "overlay", label: "Overlay video", note: "The frames with the objects tinted, with their sound", ending: film("overlay"), run: overlayVideo },
  { id: "cutout", label: "Transparent video", note: "The objects alone with an alpha channel, WebM", ending: "-alpha.webm", run: cutoutVideo },
  { id: "matte", label: "Luma matte", note: "White objects on black, for compositing", ending: film("matte"), run: matteVideo },
  { id: "pictures", label: "Cut-outs, PNG in a ZIP", note: "One transparent picture per frame", ending: "-cutouts.zip", run: cutoutPictures },
  { id: "zip", label: "Masks, PNG in a ZIP", note: "One palette PNG per frame; pixel values are object ids", ending: "-masks.zip", run: masksAsZip },
  { id: "json", label: "Masks, COCO RLE", note: "One JSON file with all frames and objects", ending: "-masks.json", run: masksAsJson },
  PROJECT,
];
const EFFECT = { id: "effect", label: "Video with the effect", note: "As it is shown now; every frame is worked out anew", ending: film("effect"), run: effectVideo };

/** Opens the dialog for a session; playing pauses. */
export async function openSave(session) {
  await session.player.pause();
  const dialog = byId("save-dialog");
  const close = make("button", { className: "quiet", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"));
  const { frames } = session.project;
  const kinds = isPlain(session.project) ? KINDS : [EFFECT, ...KINDS];
  const buttons = kinds.map((kind) =>
    make("button", { id: `save-${kind.id}`, onclick: () => save(session, kind, dialog) }, make("span", {}, kind.label, make("small", { textContent: kind.note }))),
  );
  const isStale = frames.some(([, { stale }]) => stale);
  const allow = (isAllowed) => buttons.forEach((button, at) => (button.disabled = !isAllowed && kinds[at] !== PROJECT));
  allow(frames.length && !isStale);
  const note = frames.length
    ? `${frames.length} of ${session.source.count} frames have masks.`
    : "There are no masks yet: mark an object and track it first.";
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "save-title", textContent: "Export" }), close),
    ...(isStale ? [warning(session, dialog, () => allow(true))] : []),
    make("div", { className: "save-list" }, ...buttons),
    make("p", { className: "note", textContent: note }),
  );
  if (!dialog.open) dialog.showModal();
}

/** What is out of date, and the choice between finding it anew and saving it nevertheless. */
function warning(session, dialog, allow) {
  const stale = session.project.frames.filter(([, entry]) => entry.stale);
  const isOutrun = stale.some(([, { outrun }]) => outrun);
  const others = [...new Set(stale.map(([, { quality }]) => quality))].filter((mode) => mode && mode !== session.project.quality);
  const why = [isOutrun ? "before your last correction" : "", others.length ? `in ${others.map((mode) => LABELS[mode]).join(" and ")}, not in ${LABELS[session.project.quality]}` : ""];
  const text = `${stale.length} of ${session.project.frames.length} frames were tracked ${why.filter(Boolean).join(" and ")}.`;
  const again = async () => {
    dialog.close();
    await session.player.track();
    if (!session.project.frames.some(([, entry]) => entry.stale)) openSave(session);
  };
  const box = make("div", { className: "warning", role: "note" }, make("span", { textContent: text }));
  const accept = () => {
    allow();
    box.querySelector("div").remove();
  };
  box.append(make("div", {}, make("button", { id: "track-again", className: "primary", textContent: "Track again", onclick: again }), make("button", { id: "save-anyway", textContent: "Export as they are", onclick: accept })));
  return box;
}

/** Saves the project as one file. */
export function saveProject(session) {
  return save(session, PROJECT, byId("save-dialog"));
}

async function save(session, { label, ending, run }, dialog) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const percent = make("output", { textContent: "0 %" });
  let cancelled = false;
  const cancel = () => (cancelled = true);
  dialog.addEventListener("close", cancel, { once: true });
  if (!dialog.open) dialog.showModal();
  dialog.replaceChildren(
    make("div", { className: "saving" }, make("h2", { id: "save-title" }, `${label} `, percent), bar, make("button", { textContent: "Cancel", onclick: () => dialog.close() })),
  );
  const progress = async (fraction) => {
    if (cancelled) throw new Cancelled();
    bar.value = fraction;
    percent.textContent = `${Math.floor(100 * fraction)} %`;
    await new Promise((resolve) => setTimeout(resolve)); // the page stays alive between frames
  };
  try {
    await session.player.pause();
    const blob = await session.player.alone(() => run(session, progress));
    const name = typeof ending === "string" ? ending : ending(blob);
    download(blob, `${session.source.name.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N} ._()-]/gu, "_")}${name}`);
    dialog.removeEventListener("close", cancel);
    dialog.close();
    tellNotice(`Saved: ${label.toLowerCase()}, ${sizeText(blob.size)}.`);
  } catch (error) {
    dialog.close();
    if (!(error instanceof Cancelled)) tellProblem(error);
  }
  if (session.player.recompute) session.player.showEffect(true);
}

const sizeText = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

class Cancelled extends Error {}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = make("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
