// The objects: names, colours, what has become of them in the shown frame; choosing, hiding, adding and removing.
import { byId, icon, make } from "./dom.js";

/** What the page calls the states of objects. */
export const STATES = { visible: "visible", occluded: "hidden", lost: "lost" };

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
      make("button", { className: "add", id: "add-object", title: "New object (N)", onclick: () => project.addObject() }, icon("add"), "New object"),
    );
    showStates();
    byId("objects").querySelector(".active").scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const showStates = () => {
    const found = new Map(player.objects.map((object) => [object.id, object.state]));
    for (const [id, element] of states) {
      const state = found.get(id) ?? "";
      const text = STATES[state] ?? "not here";
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
  const { name, colour, hidden } = project.about(id);
  const state = make("span", { className: "state" });
  states.set(id, state);
  const dot = make("input", { type: "color", className: "dot", value: colour, "aria-label": `Colour of ${name}`, title: "Colour" });
  dot.onchange = () => project.describe(id, { colour: dot.value });
  const title = make("span", { className: "word", textContent: name });
  const rename = () => beginRenaming(title, name, (given) => project.describe(id, { name: given }));
  const choose = make(
    "button",
    { className: "name", "aria-pressed": String(isActive), title: `Choose (${id}); double click renames`, onclick: () => project.choose(id), ondblclick: rename },
    title,
    state,
  );
  const eye = make(
    "button",
    { className: "mini", "aria-pressed": String(hidden), "aria-label": `Hide ${name}`, title: "Hide or show", onclick: () => project.describe(id, { hidden: !hidden }) },
    icon(hidden ? "eye-off" : "eye"),
  );
  const more = isActive
    ? [
        make("button", { className: "mini", "aria-label": `Rename ${name}`, title: "Rename", onclick: rename }, icon("pencil")),
        make("button", { className: "mini", "aria-label": `Show ${name} alone`, title: "Show alone", onclick: () => project.solo(id) }, icon("solo")),
      ]
    : [];
  const away = make("button", { className: "mini remove", "aria-label": `Remove ${name}`, title: "Remove (Delete)", onclick: () => remove(id) }, icon("close"));
  return make("div", { className: isActive ? "chip active" : "chip", "data-id": id }, dot, choose, ...more, eye, away);
}

/** Lets the user write a name in place of a text. */
function beginRenaming(title, before, done) {
  const field = make("input", { className: "rename", value: before, maxLength: 60, "aria-label": "Name of the object" });
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
