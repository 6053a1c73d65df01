// The help: what to do, and the keys.
import { byId, icon, make } from "./dom.js";
import { KEYS } from "./keyboard.js";

const STEPS = [
  "Mark an object: paint it, or draw a box or a scribble, which becomes a mask.",
  "Press play. Pause anywhere, correct the mask and play on; what follows is found anew.",
  "Export masks or a video. Everything happens on this device; nothing is uploaded.",
];

export function openHelp() {
  const dialog = byId("help-dialog");
  const close = make("button", { className: "quiet", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"));
  const keys = make("dl", { className: "keys" });
  for (const [names, what] of KEYS) {
    keys.append(make("dt", {}, ...names.map((name) => make("kbd", { textContent: name }))), make("dd", { textContent: what }));
  }
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "help-title", textContent: "How it works" }), close),
    make("ol", {}, ...STEPS.map((step) => make("li", { textContent: step }))),
    make("p", { className: "note touch-note", textContent: "On a touch screen one finger paints, two move and zoom." }),
    keys,
  );
  dialog.showModal();
}
