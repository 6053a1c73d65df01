// Starts the page: first screen, engine, workspace.
import { Engine } from "./engine/client.js";
import { byId } from "./ui/dom.js";
import { openHelp } from "./ui/help.js";
import { hide, tellNotice, tellProblem } from "./ui/messages.js";
import { Meter } from "./ui/meter.js";
import { firstMode, startModes } from "./ui/modes.js";
import { startOffline } from "./ui/offline.js";
import { checkBrowser } from "./ui/requirements.js";
import { openSave } from "./ui/save.js";
import { Session } from "./ui/session.js";
import { startTheme } from "./ui/theme.js";
import { startWelcome } from "./ui/welcome.js";

const MODEL = "lite0";
const meter = new Meter();
let session = null;

async function loadEngine() {
  checkBrowser();
  const mode = firstMode();
  const onProgress = (fraction, text) => meter.loading(fraction, text);
  const engine = await Engine.create({ model: MODEL, mode, onProgress });
  meter.engine(engine);
  startModes(engine.modes, mode, (chosen) => session?.setMode(chosen) ?? engine.setMode(chosen));
  return engine;
}

function open({ source, labels }) {
  close();
  hide();
  session = new Session(source, engine, meter);
  globalThis.mobilevos = session; // for the browser's console, and for tests
  show(true);
  byId("title").textContent = `${source.name} · ${source.width} × ${source.height}`;
  if (!source.exact) tellNotice("This format is stepped through by time, so frames may differ by one from other programs.");
  session.open(labels);
  byId("view").focus({ preventScroll: true });
}

function close() {
  session?.close();
  session = null;
}

function show(isWork) {
  byId("welcome").hidden = isWork;
  byId("work").hidden = byId("save").hidden = !isWork;
  document.body.classList.toggle("work-open", isWork);
}

startTheme(byId("theme"));
byId("help").onclick = openHelp;
byId("save").onclick = () => openSave(session);
byId("home").onclick = () => {
  if (!session) return;
  if (session.project.isMarked && !confirm("Close this video? Masks that were not exported are lost.")) return;
  close();
  byId("title").textContent = "";
  show(false);
};
addEventListener("beforeunload", (event) => session?.project.isMarked && event.preventDefault());
startWelcome(open);
startOffline();
const engine = loadEngine();
engine.catch(tellProblem);
