// Registers the service worker: offline use, threads on any static host, and updates when the user wants them.
import { t } from "../texts/texts.js";
import { tellNotice } from "./messages.js";

const RELOADED = "mobilevos.isolating";
/** After the engine is loaded, when a visitor follows their first object. */
const LATER_MS = 3000;

/**
 * Where threads do not depend on it, this waits for the engine, which would share line and processor with it.
 * @param {Promise<Engine>} engine
 */
export async function startOffline(engine) {
  if (!("serviceWorker" in navigator)) return;
  if (crossOriginIsolated) await engine.then(() => new Promise((resolve) => setTimeout(resolve, LATER_MS)));
  const { serviceWorker } = navigator;
  const list = await fetch("files.json", { cache: "no-cache" }).then((answer) => (answer.ok ? answer.json() : null), () => null);
  if (!list) return;
  const isFirst = !serviceWorker.controller;
  serviceWorker.addEventListener("message", ({ data }) => {
    if (data === "everything is kept") document.documentElement.dataset.offline = "ready";
  });
  const registration = await serviceWorker.register(`sw.js?version=${list.version}`);
  registration.addEventListener("updatefound", () => watch(registration));
  watch(registration);
  const { active } = await serviceWorker.ready;
  if (isFirst) await controlled();
  if (!crossOriginIsolated && isFirstTry()) {
    location.reload(); // now the service worker sends the headers that give us threads
    return;
  }
  active.postMessage("keep everything");
}

/** Whether the page was not reloaded for this before; where that cannot be remembered, it must not be done. */
function isFirstTry() {
  try {
    if (sessionStorage.getItem(RELOADED)) return false;
    sessionStorage.setItem(RELOADED, "once");
    return true;
  } catch {
    return false;
  }
}

function controlled() {
  if (navigator.serviceWorker.controller) return undefined;
  return new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
}

/** Offers a version that waits for this page to close. */
function watch(registration) {
  const offer = () => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    const run = () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      registration.waiting.postMessage("take over");
    };
    tellNotice(t("newVersion"), { label: t("reload"), run });
  };
  registration.installing?.addEventListener("statechange", offer);
  offer();
}
