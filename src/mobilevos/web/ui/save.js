// The export dialog.
import { masksAsJson, masksAsZip } from "../export/masks.js";
import { cutoutVideo, effectVideo, overlayVideo } from "../export/video.js";
import { byId, icon, make } from "./dom.js";
import { tellNotice, tellProblem } from "./messages.js";

const KINDS = [
  { id: "zip", label: "Masks, PNG in a ZIP", note: "One palette PNG per frame; pixel values are object ids", ending: "-masks.zip", run: masksAsZip },
  { id: "json", label: "Masks, COCO RLE", note: "One JSON file with all frames and objects", ending: "-masks.json", run: masksAsJson },
  { id: "overlay", label: "Overlay video", note: "The frames with the objects tinted, WebM", ending: "-overlay.webm", run: overlayVideo },
  { id: "cutout", label: "Transparent video", note: "The objects alone with an alpha channel, WebM", ending: "-alpha.webm", run: cutoutVideo },
];
const EFFECT = { id: "effect", label: "Video with the effect", note: "As it is shown now; every frame is worked out anew", ending: "-effect.webm", run: effectVideo };

/** Opens the dialog for a session; playing pauses. */
export async function openSave(session) {
  await session.player.pause();
  const dialog = byId("save-dialog");
  const close = make("button", { className: "quiet", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"));
  const { frames } = session.project;
  const stale = frames.filter(([, { stale: isStale }]) => isStale).length;
  const kinds = (session.effect ?? "none") === "none" ? KINDS : [...KINDS, EFFECT];
  const buttons = kinds.map((kind) =>
    make("button", { id: `save-${kind.id}`, disabled: !frames.length, onclick: () => save(session, kind, dialog) }, make("span", {}, kind.label, make("small", { textContent: kind.note }))),
  );
  const note = !frames.length
    ? "There are no masks yet: mark an object and press play first."
    : `${frames.length} of ${session.source.count} frames have masks.${stale ? ` ${stale} of them were found before your last correction; play over them to bring them up to date.` : ""}`;
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "save-title", textContent: "Export" }), close),
    make("div", { className: "save-list" }, ...buttons),
    make("p", { className: "note", textContent: note }),
  );
  dialog.showModal();
}

async function save(session, { label, ending, run }, dialog) {
  const bar = make("progress", { max: 1, value: 0 });
  let cancelled = false;
  const cancel = () => (cancelled = true);
  dialog.addEventListener("close", cancel, { once: true });
  dialog.replaceChildren(
    make("div", { className: "saving" }, make("h2", { id: "save-title", textContent: label }), bar, make("button", { textContent: "Cancel", onclick: () => dialog.close() })),
  );
  const progress = async (fraction) => {
    if (cancelled) throw new Cancelled();
    bar.value = fraction;
    await new Promise((resolve) => setTimeout(resolve)); // the page stays alive between frames
  };
  try {
    const blob = await session.player.alone(() => run(session, progress));
    download(blob, `${session.source.name.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N} ._()-]/gu, "_")}${ending}`);
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
