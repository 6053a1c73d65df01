// What is done to the picture and to single objects in it, as the user chose.

export const FIRST_COLOUR = "#00b140";
/** No effect: masks are shown. */
export const PLAIN = { name: "none", color: FIRST_COLOUR };
/** Effects on the whole picture. */
export const EFFECTS = ["none", "cutout", "blur", "replace", "inpaint"];
/** What an object may have in place of what the picture's effect does to it. */
export const OWN = ["outline", "keep", "blur", "remove"];

/** What becomes of an object: one of OWN, or "ignore" where it is hidden and so part of the ground. */
export function treatmentOf(project, id) {
  const { hidden, effect } = project.about(id);
  if (hidden) return "ignore";
  return effect ?? { none: "outline", inpaint: "remove" }[project.effect.name] ?? "keep";
}

/** Whether only outlines are shown, which need no engine. */
export function isPlain(project) {
  return project.effect.name === "none" && project.objects.every((id) => ["outline", "ignore"].includes(treatmentOf(project, id)));
}

/** Whether anything is removed, for which frames to come are of use. */
export function removesAny(project) {
  return project.objects.some((id) => treatmentOf(project, id) === "remove");
}

/** What `Engine.setEffect` takes. */
export function engineEffect(project) {
  if (isPlain(project)) return PLAIN;
  const special = project.objects.filter((id) => project.about(id).hidden || project.about(id).effect);
  const treatments = special.map((id) => [id, treatmentOf(project, id)]);
  return { ...project.effect, objects: Object.fromEntries(treatments.map(([id, treatment]) => [id, treatment === "outline" ? "keep" : treatment])) };
}

/** How an object is drawn over a picture with effects: only those with an outline are. */
export function aboutOutline(project, id) {
  return { ...project.about(id), hidden: treatmentOf(project, id) !== "outline" };
}
