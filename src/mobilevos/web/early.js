// What a first visit waits for, begun before the rest of the page is there: the engine, and the first screen's picture.
import { byId } from "./ui/dom.js";
import "./ui/engine.js";
import { moveHero, startHero } from "./ui/hero.js";

startHero();
moveHero(true);

let isThere = false;
const there = import("./app.js").then(() => (isThere = true));
/** A button that is pressed already does its work as soon as it can. */
byId("welcome").addEventListener("click", async ({ target }) => {
  if (isThere) return;
  await there;
  target.closest("button")?.click();
});
