// One sentence to the user, out of the way of the work.
import { t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";

const NOTICE_MS = 7000;
let timer;

function show(text, kind, action) {
  const box = byId("message");
  clearTimeout(timer);
  const close = make("button", { "aria-label": t("closeMessage"), onclick: hide }, icon("close"));
  const extra = action ? make("button", { textContent: action.label, onclick: () => (hide(), action.run()) }) : null;
  box.className = `message ${kind}`;
  box.replaceChildren(...[make("span", { textContent: text }), extra, close].filter(Boolean));
  box.hidden = false;
}

/** Tells of something that went wrong, until the user closes it. @param {{label: string, run: () => void}} [action] */
export function tellProblem(error, action) {
  show(error.message, "problem", action);
}

/** Tells of something worth knowing, for a while; one with an action stays. */
export function tellNotice(text, action) {
  show(text, "notice", action);
  if (!action) timer = setTimeout(hide, NOTICE_MS);
}

export function hide() {
  byId("message").hidden = true;
}
