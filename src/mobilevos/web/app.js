// Starts the page: first screen, engine, workspace.
import { isProject, readProjectFile } from "./project/file.js";
import { fingerprintOf, keptMedia, keptProject, keptProjects, newId } from "./project/keeper.js";
import { Project } from "./project/project.js";
import { ask } from "./ui/ask.js";
import { byId } from "./ui/dom.js";
import { engine, loaded, meter, mode, retryEngine } from "./ui/engine.js";
import { openHelp } from "./ui/help.js";
import { moveHero } from "./ui/hero.js";
import { importMasks, mayBeMasks } from "./ui/import.js";
import { hide, tellNotice, tellProblem } from "./ui/messages.js";
import { startModes } from "./ui/modes.js";
import { startOffline } from "./ui/offline.js";
import { openCamera, openMedia, openSample, SAMPLE } from "./ui/open.js";
import { openSave, saveProject } from "./ui/save.js";
import { Session } from "./ui/session.js";
import { Unreachable } from "./source/parts.js";
import { startTheme } from "./ui/theme.js";
import { showRecent, startWelcome } from "./ui/welcome.js";
import { t } from "./texts/texts.js";

const OPENED = "mobilevos.opened";
let session = null;
let previous = null; // the document that was open before this one
let waiting = null; // a project file whose video is still to be chosen
let quality = mode;
let chooseMode = () => {};
let turn = 0;

/** Shows that something is being opened, and opens it unless something else was chosen meanwhile. */
async function opening(work) {
  const mine = ++turn;
  document.body.classList.add("opening");
  try {
    const found = await work();
    if (found && mine === turn) await open(found);
    else found?.source.close();
  } catch (error) {
    if (mine === turn) tellProblem(error, error instanceof Unreachable ? { label: t("tryAgain"), run: () => (retryEngine(), opening(work)) } : undefined);
  }
  if (mine === turn) document.body.classList.remove("opening");
}

/** Opens frames with a project, which is a new one if none is given. */
async function open({ source, labels, kept, id, project, isReturn = false }) {
  const left = session;
  await close();
  hide();
  if (!isReturn) {
    previous?.source.close();
    previous = left && !left.source.live ? { source: left.source, project: left.project.again(), id: left.id, fingerprint: left.fingerprint, index: left.player.index } : null;
    if (left?.source.live) left.source.close();
  }
  const fingerprint = fingerprintOf(source.files);
  const isKept = Boolean(id); // else everything in it is new on this device
  id ??= newId();
  if (!project) project = new Project(source.width * source.height);
  if (kept) project.restore(kept.state);
  project.quality = quality;
  session = new Session({ source, project, id, isKept, fingerprint }, engine, { meter, undo, save, remember, open: () => byId("any-file").click() });
  globalThis.mobilevos = session; // for the browser's console, and for tests
  remember(id);
  show(true);
  byId("title").textContent = `${source.name} · ${source.width} × ${source.height}`;
  if (!source.exact) tellNotice(t("inexact"));
  else if (previous?.project.isMarked && !isReturn) tellNotice(t("isOpen", source), { label: t("backTo", previous.source), run: goBack });
  await session.open(labels);
  if (kept?.head.quality) loaded.then(() => session?.id === id && chooseMode(kept.head.quality)); // the engine may come later
  byId("view").focus({ preventScroll: true });
}

async function close() {
  const left = session;
  session = null;
  await left?.close();
}

/** Undo: the newest edit; before the first one, the video that was open before. */
function undo() {
  if (session.project.canUndo || !previous) session.project.undo();
  else goBack();
}

function goBack() {
  const back = previous;
  previous = null;
  const { source, project, id, fingerprint } = session;
  opening(async () => ({ ...back, isReturn: true })).then(() => {
    previous = { source, project: project.again(), id, fingerprint };
  });
}

function save() {
  saveProject(session);
}

/** Files of any kind: frames, masks or a project. */
async function openFiles(chosen) {
  const files = await chosen;
  const project = files.find(isProject);
  if (project) return opening(() => withProject(project, files.filter((file) => file !== project)));
  if (session && (await areMasks(files))) {
    try {
      const count = await importMasks(files, session);
      tellNotice(t("masksTaken", { count }));
    } catch (error) {
      tellProblem(error);
    }
    return undefined;
  }
  if (session?.project.isMarked && !(await mayLeave(files))) return undefined;
  return opening(() => withFiles(files));
}

/** Whether files are masks of the open video; where both can be meant, the user says so. */
async function areMasks(files) {
  if (files.some(({ name }) => /\.json$/i.test(name))) return true;
  if (!files.length || !mayBeMasks(files, session.source)) return false;
  const answers = [{ label: t("useAsMasks"), value: "masks" }, { label: t("openAsFrames"), value: "frames" }];
  return (await ask({ title: t("masksOrFrames"), text: t("picturesFit", session.source), answers })) === "masks";
}

function mayLeave(files) {
  const name = files.length === 1 ? files[0].name : t("fileCount", { count: files.length });
  const text = t(session.source.live ? "cameraIsLost" : "workIsKept", session.source);
  return ask({ title: t("openOne", { name }), text, answers: [{ label: t("open"), value: true }] });
}

/** Frames, with the work that was done on them before. */
async function withFiles(files) {
  const source = await openMedia(files);
  const fingerprint = await fingerprintOf(source.files);
  const fits = (head) => head.video.width === source.width && head.video.height === source.height && head.video.frames === source.count;
  if (waiting && fits(waiting.head)) {
    const kept = waiting;
    waiting = null;
    return { source, kept };
  }
  const before = (await keptProjects()).find(({ head }) => head.video.fingerprint === fingerprint && fits(head));
  const kept = before && (await keptProject(before.id));
  if (kept) setTimeout(() => tellNotice(t("workIsBack"), { label: t("beginAnew"), run: () => opening(async () => ({ source: await openMedia(files) })) }));
  return { source, kept, id: kept ? before.id : undefined };
}

/** A project file, for the open video, one that comes with it, one that is kept, or one that the user has to choose. */
async function withProject(file, others) {
  const kept = await readProjectFile(file);
  const { video } = kept.head;
  if (others.length) {
    waiting = kept;
    return withFiles(others);
  }
  const isOpen = session && session.source.width === video.width && session.source.height === video.height && session.source.count === video.frames;
  if (isOpen) {
    session.project.replaceBy(kept.state);
    session.player.refresh();
    tellNotice(t("isOpen", file));
    return null;
  }
  const before = (await keptProjects()).find(({ head }) => head.video.fingerprint === video.fingerprint);
  const media = before ? await keptMedia(before.id) : [];
  if (media.length) return { source: await openMedia(media), kept };
  waiting = kept;
  tellNotice(t("belongsTo", { file: file.name, video: video.name }), { label: t("chooseNamed", video), run: () => byId("video-file").click() });
  return null;
}

/** A project that is kept on this device. */
async function reopen(id) {
  const kept = await keptProject(id);
  if (!kept) return null;
  const media = await keptMedia(id);
  if (media.length) return { source: await openMedia(media), kept, id };
  if (kept.head.video.name === SAMPLE) return { source: (await openSample()).source, kept, id };
  waiting = kept;
  tellNotice(t("framesNotKept", kept.head.video), { label: t("chooseFile"), run: () => byId("video-file").click() });
  return null;
}

/** The open project's id lasts as long as the tab, so that a reload brings it back. */
function remember(id) {
  try {
    if (id) sessionStorage.setItem(OPENED, id);
    else sessionStorage.removeItem(OPENED);
  } catch {
    // blocked: the first screen offers it then
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(OPENED);
  } catch {
    return null;
  }
}

function show(isWork) {
  byId("welcome").hidden = isWork;
  byId("work").hidden = byId("title").hidden = byId("save").hidden = byId("open").hidden = !isWork;
  document.body.classList.toggle("work-open", isWork);
  moveHero(!isWork);
  if (!isWork) showRecent((id) => opening(() => reopen(id)));
}

/** Whether work would be gone with the session. */
function isAtRisk() {
  return Boolean(session?.project.isMarked) && (session.source.live || session.keeper.state === "off");
}

function mayGo() {
  const text = t(session.source.live ? "cameraIsLost" : "workIsLost", session.source);
  return ask({ title: t("leaveOne", session.source), text, answers: [{ label: t("leave"), value: true }] });
}

async function goHome() {
  if (!session || (isAtRisk() && !(await mayGo()))) return;
  session.source.close();
  await close();
  remember(null);
  byId("title").textContent = byId("kept").textContent = "";
  show(false);
}

addEventListener("beforeunload", (event) => {
  if (isAtRisk()) event.preventDefault();
});
startTheme(byId("theme"));
byId("help").onclick = openHelp;
byId("save").onclick = () => openSave(session);
byId("home").onclick = goHome;
startWelcome({ sample: () => opening(openSample), camera: () => opening(async () => ({ source: await openCamera() })), frames: (files) => opening(() => withFiles(files)), files: openFiles });
loaded.then((found) => {
  chooseMode = startModes(found.modes, quality, async (chosen) => {
    quality = chosen;
    await (session?.setMode(chosen) ?? found.setMode(chosen));
  });
});
startOffline(loaded).catch(() => {}); // without it the page needs the network, and works
if (remembered()) opening(() => reopen(remembered()));
else show(false);
