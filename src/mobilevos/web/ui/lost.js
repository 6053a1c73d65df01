// Says which objects were lost on the way, and shows where they were seen last.
import { t } from "../texts/texts.js";
import { tellNotice } from "./messages.js";

/** Tells of objects that are lost in the last frame in which they were followed. @returns whether there are any */
export function tellLost(project, player) {
  const lost = project.objects.map((id) => ({ id, seen: lastSeen(project, id) })).filter(({ seen }) => seen !== null);
  if (!lost.length) return false;
  const { id, seen } = lost[0];
  const others = lost.length > 1 ? [t("othersLost", { count: lost.length - 1 })] : [];
  const text = [t("isLost", { name: project.about(id).name, number: seen + 1 }), ...others].join(" ");
  tellNotice(text, { label: t("showIt"), run: () => player.seek(seen) });
  return true;
}

/** The last frame in which an object is seen that is lost at its end; null if it is not. */
function lastSeen(project, id) {
  let state = null;
  let seen = null;
  for (const [index, { objects }] of project.frames) {
    const found = objects.find((object) => object.id === id);
    if (!found) continue;
    ({ state } = found);
    if (state === "visible") seen = index;
  }
  return state === "lost" ? seen : null;
}
