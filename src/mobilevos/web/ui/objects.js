// The objects: names, colours, what has become of them in the shown frame; choosing, hiding, adding and removing.
import { t } from "../texts/texts.js";
import { byId, icon, make } from "./dom.js";
import { ON_OBJECT } from "./effects.js";

/** What the page calls the states of objects. */
export const STATES = { visible: t("visible"), occluded: t("occluded"), lost: t("lost") };

/** Keeps the list of objects in step with the project and the shown frame. */
export function startObjects(project, player, remove) {
  const states = new Map(); // id -> element that tells the state
  let shown = "";
  const build = () => {
    const all = JSON.stringify([project.active, project.objects.map((id) => [id, project.about(id)])]);
    if (all === shown || byId("objects").querySelector("input.rename")) return;
    shown = all;
    states.clear();
    byId("objects").replaceChildren(
      ...project.objects.map((id) => chip(id, project, remove, states)),
      make("button", { className: "add", id: "add-object", title: t("newObjectKey"), onclick: () => project.addObject() }, icon("add"), t("newObject")),
    );
    showStates();
    byId("objects").querySelector(".active").scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const showStates = () => {
    const found = new Map(player.objects.map((object) => [object.id, object.state]));
    for (const [id, element] of states) {
      const state = found.get(id) ?? "";
      const text = STATES[state] ?? t("notHere");
      if (element.textContent === text) continue;
      element.textContent = text;
      element.className = `state ${state}`;
    }
  };
  project.addEventListener("change", build);
  project.addEventListener("view", build);
  player.addEventListener("show", showStates);
  build();
}

function chip(id, project, remove, states) {
  const isActive = id === project.active;
  const { name, colour, hidden, effect } = project.about(id);
  const state = make("span", { className: "state" });
  states.set(id, state);
  const dot = make("input", { type: "color", className: "dot", value: colour, "aria-label": t("colourOf", { name }), title: t("colour") });
  dot.onchange = () => project.describe(id, { colour: dot.value });
  const title = make("span", { className: "word", textContent: name });
  const rename = () => beginRenaming(title, name, (given) => project.describe(id, { name: given }));
  const choose = make(
    "button",
    { className: "name", "aria-pressed": String(isActive), title: t("chooseObject", { id }), onclick: () => project.choose(id), ondblclick: rename },
    title,
    make("span", { className: "below" }, state, effect ? ` · ${ON_OBJECT[effect]}` : null),
  );
  const eye = make(
    "button",
    { className: "mini", "aria-pressed": String(hidden), "aria-label": t("hideOne", { name }), title: t("hide"), onclick: () => project.describe(id, { hidden: !hidden }) },
    icon(hidden ? "eye-off" : "eye"),
  );
  const more = isActive
    ? [
        make("button", { className: "mini", "aria-label": t("renameOne", { name }), title: t("rename"), onclick: rename }, icon("pencil")),
        make("button", { className: "mini", "aria-label": t("aloneOne", { name }), title: t("alone"), onclick: () => project.solo(id) }, icon("solo")),
      ]
    : [];
  const away = make("button", { className: "mini remove", "aria-label": t("removeOne", { name }), title: t("removeKey"), onclick: () => remove(id) }, icon("close"));
  return make("div", { className: isActive ? "chip active" : "chip", "data-id": id }, dot, choose, ...more, eye, away);
}

/** Lets the user write a name in place of a text. */
function beginRenaming(title, before, done) {
  const field = make("input", { className: "rename", value: before, maxLength: 60, "aria-label": t("nameOfObject") });
  const chosen = title.closest(".name");
  let isOver = false;
  const end = (isKept) => {
    if (isOver) return;
    isOver = true;
    field.replaceWith(chosen);
    const given = field.value.trim();
    if (isKept && given && given !== before) done(given);
  };
  field.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  };
  field.onblur = () => end(true);
  chosen.replaceWith(field);
  field.focus();
  field.select();
}
