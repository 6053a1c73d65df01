// The engine that the page uses. It begins to load at once, and again when that failed and the network is back.
import { Engine } from "../engine/client.js";
import { t } from "../texts/texts.js";
import { tellProblem } from "./messages.js";
import { Meter } from "./meter.js";
import { firstMode } from "./modes.js";
import { checkBrowser } from "./requirements.js";

const MODEL = "lite0";

export const meter = new Meter();
/** The mode in which the engine is loaded. */
export const mode = firstMode();

let loading;
let succeed;
/** The engine as a promise that can be made anew: without a network, loading fails until there is one. */
export const engine = { then: (done, failed) => loading.then(done, failed) };
/** The engine as a promise that never fails. */
export const loaded = new Promise((resolve) => (succeed = resolve));

/** Loads the engine again if loading it failed. */
export function retryEngine() {
  loading.catch(start);
}

function start() {
  loading = load();
  loading.then(succeed, (error) => {
    meter.loading(1, "");
    tellProblem(error, { label: t("tryAgain"), run: start });
  });
}

async function load() {
  checkBrowser();
  const found = await Engine.create({ model: MODEL, mode, onProgress: (fraction, text) => meter.loading(fraction, text) });
  meter.engine(found);
  return found;
}

start();
addEventListener("online", retryEngine);
