// The help: what to do, and the keys.
import { t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";
import { KEYS } from "./keyboard.js";

const STEPS = [
  t("stepMark"),
  t("stepPlay"),
  t("stepExport"),
];

export function openHelp() {
  const dialog = byId("help-dialog");
  const close = make("button", { className: "quiet", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"));
  const keys = make("dl", { className: "keys" });
  for (const [names, what] of KEYS) {
    keys.append(make("dt", {}, ...names.map((name) => make("kbd", { textContent: name }))), make("dd", { textContent: what }));
  }
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "help-title", textContent: t("howItWorks") }), close),
    make("ol", {}, ...STEPS.map((step) => make("li", { textContent: step }))),
    make("p", { className: "note touch-note", textContent: t("touchNote") }),
    keys,
  );
  dialog.showModal();
}
