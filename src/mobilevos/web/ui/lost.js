// Says which objects were lost on the way, and shows where they were seen last.
import { tellNotice } from "./messages.js";

/** Tells of objects that are lost in the last frame in which they were followed; of nothing if there are none. */
export function tellLost(project, player) {
  const lost = project.objects.map((id) => ({ id, seen: lastSeen(project, id) })).filter(({ seen }) => seen !== null);
  if (!lost.length) return;
  const { id, seen } = lost[0];
  const others = lost.length > 1 ? ` So ${lost.length === 2 ? "is one other" : `are ${lost.length - 1} others`}.` : "";
  const text = `${project.about(id).name} is lost: it was last seen in frame ${seen + 1}.${others}`;
  tellNotice(text, { label: "Show it", run: () => player.seek(seen) });
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
