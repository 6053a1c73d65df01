// One sentence to the user, out of the way of the work. What tells gives a function that takes it back, unless something else
// was told since.
import { t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";

const NOTICE_MS = 7000;
let timer;
let newest;

function show(text, kind, action) {
  const box = byId("message");
  clearTimeout(timer);
  const close = make("button", { "aria-label": t("closeMessage"), onclick: hide }, icon("close"));
  const extra = action ? make("button", { textContent: action.label, onclick: () => (hide(), action.run()) }) : null;
  box.className = `message ${kind}`;
  box.replaceChildren(...[make("span", { textContent: text }), extra, close].filter(Boolean));
  box.hidden = false;
  const mine = (newest = {});
  return () => newest === mine && hide();
}

/** Tells of something that went wrong, until the user closes it. @param {{label: string, run: () => void}} [action] */
export function tellProblem(error, action) {
  return show(error.message, "problem", action);
}

/** Tells of something worth knowing, for a while; one with an action stays. */
export function tellNotice(text, action) {
  const untell = show(text, "notice", action);
  if (!action) timer = setTimeout(hide, NOTICE_MS);
  return untell;
}

export function hide() {
  byId("message").hidden = true;
}
