// The objects: their colours, what has become of them in the shown frame, choosing, adding and removing.
import { cssColour } from "../project/palette.js";
import { byId, icon, make } from "./dom.js";

/** Keeps the list of objects in step with the project and the shown frame. */
export function startObjects(project, player, remove) {
  const states = new Map(); // id -> element that tells the state
  const build = () => {
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
      if (element.textContent === (state || "not here")) continue;
      element.textContent = state || "not here";
      element.className = `state ${state}`;
    }
  };
  project.addEventListener("change", build);
  player.addEventListener("show", showStates);
  build();
}

function chip(id, project, remove, states) {
  const isActive = id === project.active;
  const state = make("span", { className: "state" });
  states.set(id, state);
  const dot = make("span", { className: "dot", style: `background: ${cssColour(id)}` });
  const name = make(
    "button",
    { className: "name", "aria-pressed": String(isActive), title: `Paint object ${id} (${id})`, onclick: () => project.choose(id) },
    dot,
    make("span", {}, make("span", { className: "word" }, "Object "), String(id)),
    state,
  );
  const away = make("button", { className: "remove", "aria-label": `Remove object ${id}`, title: "Remove (Delete)", onclick: () => remove(id) }, icon("close"));
  return make("div", { className: isActive ? "chip active" : "chip", "data-id": id }, name, away);
}
