// The choice between speed and quality.
import { byId, make } from "./dom.js";

const KEY = "mobilevos.mode";
const LABELS = { fast: "Fast", balanced: "Balanced", best: "Best" };

/** The mode chosen last time; before that, what a machine with so many cores follows at a video's own rate. */
export function firstMode() {
  const kept = localStorage.getItem(KEY);
  return kept in LABELS ? kept : navigator.hardwareConcurrency >= 4 ? "balanced" : "fast";
}

/** Shows the choice. @param {(mode: string) => void} apply */
export function startModes(modes, current, apply) {
  const buttons = Object.keys(modes).map((name) => {
    const title = `Sees about ${modes[name].size} × ${modes[name].size} pixels`;
    const onclick = () => {
      localStorage.setItem(KEY, name);
      show(name);
      apply(name);
    };
    return make("button", { id: `mode-${name}`, role: "radio", textContent: LABELS[name] ?? name, title, onclick });
  });
  byId("modes").replaceChildren(...buttons);
  const show = (chosen) => {
    Object.keys(modes).forEach((name, at) => buttons[at].setAttribute("aria-checked", String(name === chosen)));
  };
  show(current);
}
