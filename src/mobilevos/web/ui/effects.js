// The effect that the picture is shown and saved with, and that of the chosen object.
import { EFFECTS, OWN } from "../project/effects.js";
import { t } from "../texts/texts.js";
import { byId, make } from "./dom.js";

/** What effects on the picture are called, and what they do. */
const ON_PICTURE = {
  none: [t("effectNone"), t("aboutNone")],
  cutout: [t("effectCutout"), t("aboutCutout")],
  blur: [t("effectBlur"), t("aboutBlur")],
  replace: [t("effectReplace"), t("aboutReplace")],
  inpaint: [t("effectInpaint"), t("aboutInpaint")],
};
/** What effects on an object are called. */
export const ON_OBJECT = { outline: t("ownOutline"), keep: t("ownKeep"), blur: t("ownBlur"), remove: t("ownRemove") };

/** Shows the choice of effects. @param {(error: Error) => void} tell */
export function startEffects(project, tell) {
  const buttons = EFFECTS.map((name) => {
    const [label, title] = ON_PICTURE[name];
    return make("button", { id: `effect-${name}`, textContent: label, title, onclick: () => project.setEffect({ name }) });
  });
  const picker = make("input", { type: "color", "aria-label": t("backgroundColour") });
  let isDragged = false;
  picker.oninput = () => {
    project.setEffect({ name: "replace", color: picker.value, background: undefined }, isDragged);
    isDragged = true; // to other colours, in one step of undo
  };
  picker.onchange = () => (isDragged = false);
  const file = make("input", { type: "file", accept: "image/*", hidden: true });
  file.onchange = async () => {
    try {
      project.setEffect({ name: "replace", background: await createImageBitmap(file.files[0]) });
    } catch {
      tell(new Error(t("noBackground", file.files[0])));
    }
    file.value = "";
  };
  const image = make("button", { textContent: t("picture"), onclick: () => file.click() });
  const replacement = make("div", { className: "replacement" }, make("label", {}, picker, t("colour")), image, file);
  const word = make("span", { className: "word" });
  const own = make("select", { id: "own-effect", onchange: () => project.setOwnEffect(project.active, own.value || null) });
  let isPointed = false;
  own.onpointerdown = () => (isPointed = true);
  own.onkeydown = () => (isPointed = false);
  own.addEventListener("change", () => isPointed && own.blur()); // after the mouse, arrow keys go through the frames again
  own.append(make("option", { value: "", textContent: t("ownNone") }), ...OWN.map((value) => make("option", { value, textContent: ON_OBJECT[value] })));
  byId("effects").replaceChildren(...buttons, replacement, make("label", { className: "own" }, word, own));

  function show() {
    const { effect, active } = project;
    EFFECTS.forEach((name, at) => buttons[at].setAttribute("aria-pressed", String(name === effect.name)));
    replacement.hidden = effect.name !== "replace";
    picker.value = effect.color;
    const about = project.about(active);
    word.textContent = about.name;
    own.value = about.effect ?? "";
  }
  project.addEventListener("change", show);
  project.addEventListener("view", show);
  show();
}
