// The effect that the picture is shown and saved with.
import { byId, make } from "./dom.js";

/** Name of the engine: what it is called, and what it does. */
const EFFECTS = {
  none: ["None", "Show the masks"],
  cutout: ["Cut out", "The objects on a transparent ground"],
  blur: ["Blur", "The background out of focus"],
  replace: ["Replace", "The objects on another background"],
  inpaint: ["Remove", "The objects gone, the background filled in"],
};
const FIRST_COLOUR = "#00b140";

/**
 * Shows the choice of effects.
 * @param {(effect: {name: string, background?: ImageBitmap, color?: string}) => void} apply
 * @param {(error: Error) => void} tell
 */
export function startEffects(apply, tell) {
  let color = FIRST_COLOUR, background, chosen = "none";
  const buttons = Object.entries(EFFECTS).map(([name, [label, title]]) =>
    make("button", { id: `effect-${name}`, textContent: label, title, onclick: () => choose(name) }),
  );
  const picker = make("input", { type: "color", value: color, "aria-label": "Colour of the background" });
  picker.oninput = () => {
    [color, background] = [picker.value, undefined];
    choose("replace");
  };
  const file = make("input", { type: "file", accept: "image/*", hidden: true });
  file.onchange = async () => {
    try {
      background = await createImageBitmap(file.files[0]);
      choose("replace");
    } catch {
      tell(new Error(`${file.files[0].name} is damaged or not a picture; choose another background.`));
    }
    file.value = "";
  };
  const image = make("button", { textContent: "Picture…", onclick: () => file.click() });
  const replacement = make("div", { className: "replacement" }, make("label", {}, picker, "Colour"), image, file);
  byId("effects").replaceChildren(...buttons, replacement);

  function choose(name) {
    chosen = name;
    show();
    apply({ name, ...(name === "replace" && (background ? { background } : { color })) });
  }
  function show() {
    Object.keys(EFFECTS).forEach((name, at) => buttons[at].setAttribute("aria-pressed", String(name === chosen)));
    replacement.hidden = chosen !== "replace";
  }
  show();
}
