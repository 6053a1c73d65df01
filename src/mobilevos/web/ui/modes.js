// The choice between speed and quality.
import { t } from "../texts/texts.js";
import { byId, make } from "./dom.js";
import { remember, remembered } from "./storage.js";

export const LABELS = { fast: t("fast"), balanced: t("balanced"), best: t("best") };

/** The mode chosen last time; before that, what a machine with so many cores follows at a video's own rate. */
export function firstMode() {
  const kept = remembered("mode");
  return kept in LABELS ? kept : navigator.hardwareConcurrency >= 4 ? "balanced" : "fast";
}

/**
 * Shows the choice.
 * @param {(mode: string) => void} apply
 * @returns {(mode: string) => void} chooses, as the user does
 */
export function startModes(modes, current, apply) {
  const buttons = Object.keys(modes).map((name) => {
    const title = t("seesPixels", modes[name]);
    return make("button", { id: `mode-${name}`, role: "radio", textContent: LABELS[name] ?? name, title, onclick: () => choose(name) });
  });
  byId("modes").replaceChildren(...buttons);
  const show = () => Object.keys(modes).forEach((name, at) => buttons[at].setAttribute("aria-checked", String(name === current)));
  const choose = (name) => {
    if (name === current || !(name in modes)) return;
    current = name;
    remember("mode", name);
    show();
    apply(name);
  };
  show();
  return choose;
}
