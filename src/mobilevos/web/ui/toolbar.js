// The tools, undo and redo, and the options of the chosen tool.
import { t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";

/** Tools by name: what they are called and the key that chooses them. */
export const TOOLS = {
  select: { label: t("toolSelect"), key: "v", hint: t("hintSelect") },
  scribble: { label: t("toolScribble"), key: "s", hint: t("hintScribble") },
  brush: { label: t("toolBrush"), key: "b", hint: t("hintBrush") },
  eraser: { label: t("toolEraser"), key: "e", hint: t("hintEraser") },
  polygon: { label: t("toolPolygon"), key: "p", hint: t("hintPolygon") },
};

/** Shows tools and options, and keeps both in step with the editor. */
export function startToolbar(editor, project, goBack) {
  const buttons = Object.entries(TOOLS).map(([name, { label, key }]) =>
    toolButton(name, `${label} (${key.toUpperCase()})`, () => editor.choose(name)),
  );
  const undo = toolButton("undo", t("undo"), goBack);
  const redo = toolButton("redo", t("redo"), () => project.redo());
  byId("tools").replaceChildren(...buttons, make("span", { className: "gap" }), undo, redo);

  const show = () => {
    Object.keys(TOOLS).forEach((name, at) => buttons[at].setAttribute("aria-pressed", String(name === editor.toolName)));
    showOptions(editor);
  };
  const showUndo = () => {
    undo.disabled = !project.canUndo;
    redo.disabled = !project.canRedo;
  };
  byId("options").replaceChildren(); // those of the video before
  editor.addEventListener("tool", show);
  project.addEventListener("change", showUndo);
  show();
  showUndo();
}

function toolButton(name, label, onclick) {
  return make("button", { id: `tool-${name}`, title: label, "aria-label": label, onclick }, icon(name));
}

function showOptions(editor) {
  const { size, buttons = [] } = editor.tool.options;
  const options = byId("options");
  const slider = options.querySelector("input");
  if (size && slider) {
    slider.value = editor.brushSize; // not replaced while it is dragged
    options.querySelector("output").value = `${editor.brushSize} px`;
    return;
  }
  options.replaceChildren(...(size ? [sizeSlider(editor)] : buttons.map(optionButton)));
}

function sizeSlider(editor) {
  const oninput = ({ target }) => editor.resizeBrush(Number(target.value));
  const slider = make("input", { type: "range", min: 2, max: editor.largestBrush, "aria-label": t("brushSize"), oninput });
  slider.value = editor.brushSize;
  return make("span", { className: "size" }, slider, make("output", { value: `${editor.brushSize} px` }));
}

function optionButton({ label, disabled = false, pressed, run }) {
  const button = make("button", { textContent: label, disabled, onclick: run });
  if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed));
  return button;
}
