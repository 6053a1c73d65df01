// Play, pause, single steps, and where we are.
import { byId, icon } from "./dom.js";

/** Keeps the buttons in step with the player. */
export function startTransport(player, source) {
  const play = byId("play");
  const toggle = () => (player.playing ? player.pause() : player.play());
  play.onclick = toggle;
  byId("back").onclick = () => player.step(-1);
  byId("forward").onclick = () => player.step(1);
  let wasPlaying;
  const showState = () => {
    if (player.playing === wasPlaying) return;
    wasPlaying = player.playing;
    const label = player.playing ? "Pause (space)" : "Play (space)";
    play.replaceChildren(icon(player.playing ? "pause" : "play"));
    play.setAttribute("aria-label", label);
    play.title = label;
  };
  const showPosition = () => {
    const number = document.createElement("b");
    number.textContent = player.index + 1;
    byId("position").replaceChildren(number, source.live ? "" : ` / ${source.count}`);
  };
  player.addEventListener("state", showState);
  player.addEventListener("show", showPosition);
  showState();
  showPosition();
  return toggle;
}
