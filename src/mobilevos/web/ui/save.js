// The export dialog.
import { masksAsJson, masksAsZip } from "../export/masks.js";
import { cutoutPictures, cutoutVideo, effectVideo, matteVideo, overlayVideo } from "../export/video.js";
import { isPlain } from "../project/effects.js";
import { projectFile } from "../project/file.js";
import { t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";
import { tellNotice, tellProblem } from "./messages.js";
import { LABELS } from "./modes.js";

const PROJECT = { id: "project", label: t("project"), note: t("aboutProject"), ending: ".mobilevos", run: projectFile };
/** Of a film: MP4 where the browser writes it. */
const film = (what) => ({ type }) => `-${what}.${type === "video/mp4" ? "mp4" : "webm"}`;
const KINDS = [
  { id: "overlay", label: t("overlayVideo"), note: t("aboutOverlay"), ending: film("overlay"), run: overlayVideo },
  { id: "cutout", label: t("transparentVideo"), note: t("aboutTransparent"), ending: "-alpha.webm", run: cutoutVideo },
  { id: "matte", label: t("lumaMatte"), note: t("aboutMatte"), ending: film("matte"), run: matteVideo },
  { id: "pictures", label: t("cutouts"), note: t("aboutCutouts"), ending: "-cutouts.zip", run: cutoutPictures },
  { id: "zip", label: t("masksPng"), note: t("aboutMasksPng"), ending: "-masks.zip", run: masksAsZip },
  { id: "json", label: t("masksCoco"), note: t("aboutMasksCoco"), ending: "-masks.json", run: masksAsJson },
  PROJECT,
];
/** So long is worked before the page gets a rest, which would be the most of the time between tiny steps. */
const WORK_MS = 12;
const EFFECT = { id: "effect", label: t("effectVideo"), note: t("aboutEffectVideo"), ending: film("effect"), run: effectVideo };

/** Opens the dialog for a session; playing pauses. */
export async function openSave(session) {
  await session.player.pause();
  const dialog = byId("save-dialog");
  const close = make("button", { className: "quiet", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"));
  const { frames } = session.project;
  const kinds = isPlain(session.project) ? KINDS : [EFFECT, ...KINDS];
  const buttons = kinds.map((kind) =>
    make("button", { id: `save-${kind.id}`, onclick: () => save(session, kind, dialog) }, make("span", {}, kind.label, make("small", { textContent: kind.note }))),
  );
  const isStale = frames.some(([, { stale }]) => stale);
  const allow = (isAllowed) => buttons.forEach((button, at) => (button.disabled = !isAllowed && kinds[at] !== PROJECT));
  allow(frames.length && !isStale);
  const note = frames.length
    ? t("haveMasks", { count: frames.length, all: session.source.count })
    : t("noMasks");
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "save-title", textContent: t("export") }), close),
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
  const modes = others.map((mode) => LABELS[mode]).join(t("and"));
  const why = isOutrun ? (modes ? "trackedBoth" : "trackedOutrun") : "trackedOtherwise";
  const text = t(why, { count: stale.length, all: session.project.frames.length, modes, mode: LABELS[session.project.quality] });
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
  box.append(make("div", {}, make("button", { id: "track-again", className: "primary", textContent: t("trackAgain"), onclick: again }), make("button", { id: "save-anyway", textContent: t("exportAnyway"), onclick: accept })));
  return box;
}

/** Saves the project as one file. */
export function saveProject(session) {
  return save(session, PROJECT, byId("save-dialog"));
}

async function save(session, { label, ending, run }, dialog) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": t("progress") });
  const percent = make("output", { textContent: "0 %" });
  let cancelled = false;
  const cancel = () => (cancelled = true);
  dialog.addEventListener("close", cancel, { once: true });
  if (!dialog.open) dialog.showModal();
  dialog.replaceChildren(
    make("div", { className: "saving" }, make("h2", { id: "save-title" }, `${label} `, percent), bar, make("button", { textContent: t("cancel"), onclick: () => dialog.close() })),
  );
  let rested = -Infinity;
  const progress = async (fraction) => {
    if (cancelled) throw new Cancelled();
    if (performance.now() - rested < WORK_MS) return;
    bar.value = fraction;
    percent.textContent = `${Math.floor(100 * fraction)} %`;
    await new Promise((resolve) => setTimeout(resolve)); // the page stays alive between frames
    rested = performance.now();
  };
  try {
    await session.player.pause();
    const blob = await session.player.alone(() => run(session, progress));
    const name = typeof ending === "string" ? ending : ending(blob);
    download(blob, `${session.source.name.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N} ._()-]/gu, "_")}${name}`);
    dialog.removeEventListener("close", cancel);
    dialog.close();
    tellNotice(t("saved", { what: label, size: sizeText(blob.size) }));
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
