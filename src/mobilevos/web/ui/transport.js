// Play, pause, single steps, tracking, and where we are.
import { t } from "../texts/texts.js";
import { byId, icon } from "./dom.js";
import { tellNotice } from "./messages.js";

/** Fastest play in either direction. */
const FASTEST = 8;

/** Keeps the buttons in step with the player; what they and the keys do. */
export function startTransport(player, source, project, stage) {
  let isTold = false; // once is enough, as a video is looked through before something is marked
  let untell = () => {};
  const isBusy = () => player.playing || player.tracking;
  const toggle = () => {
    if (isBusy()) return player.pause();
    if (!project.isMarked && !isTold) {
      untell = tellNotice(t("nothingMarked"), { label: t("pauseShort"), run: () => player.pause() });
      isTold = true;
    }
    return player.play();
  };
  const track = () => (player.tracking ? player.pause() : player.track());
  const shuttle = (direction) => {
    const goesOn = player.playing && Math.sign(player.speed) === direction;
    const speed = goesOn ? Math.sign(player.speed) * Math.min(FASTEST, 2 * Math.abs(player.speed)) : direction;
    if (!source.live) player.play(speed);
  };
  const setRange = (isFirst) => {
    const [first, last] = player.range;
    const range = isFirst ? [player.index, Math.max(player.index, last)] : [Math.min(first, player.index), player.index];
    const isSame = project.range && range[0] === first && range[1] === last;
    project.setRange(isSame || (range[0] === 0 && range[1] === source.count - 1) ? null : range);
  };
  byId("play").onclick = toggle;
  byId("back").onclick = () => player.step(-1);
  byId("forward").onclick = () => player.step(1);
  byId("track").onclick = track;
  byId("track-back").onclick = () => player.trackBack();
  byId("range-in").onclick = () => setRange(true);
  byId("range-out").onclick = () => setRange(false);
  byId("track").hidden = byId("track-back").hidden = byId("range-in").hidden = byId("range-out").hidden = source.live;
  const showMatte = () => {
    const isMatte = stage.view !== "matte";
    stage.look(isMatte ? "matte" : "objects");
    byId("matte").setAttribute("aria-pressed", String(isMatte));
  };
  const matte = byId("matte");
  matte.setAttribute("aria-pressed", "false");
  matte.onclick = showMatte;
  const before = byId("before");
  const holdOriginal = (isHeld) => {
    before.classList.toggle("held", isHeld);
    const other = matte.getAttribute("aria-pressed") === "true" ? "matte" : "objects";
    stage.look(isHeld ? "original" : other);
  };
  before.onpointerdown = () => holdOriginal(true);
  before.onpointerup = before.onpointerleave = before.onblur = () => holdOriginal(false);
  before.onkeydown = ({ key }) => (key === " " || key === "Enter") && holdOriginal(true);
  before.onkeyup = () => holdOriginal(false);

  const side = document.querySelector(".side");
  byId("sheet").onclick = () => byId("sheet").setAttribute("aria-expanded", String(side.classList.toggle("open")));

  let shown;
  const showState = () => {
    if (shown && !isBusy()) untell();
    const state = player.tracking ? "track" : player.playing ? "play" : "";
    if (state === shown) return;
    shown = state;
    const label = t(player.playing ? "pause" : "play");
    byId("play").replaceChildren(icon(player.playing ? "pause" : "play"));
    byId("play").setAttribute("aria-label", label);
    byId("play").title = label;
    byId("track").querySelector("use").setAttribute("href", player.tracking ? "#i-stop" : "#i-track");
    byId("track").querySelector("span").textContent = t(player.tracking ? "stop" : "track");
  };
  const showPosition = () => {
    const number = document.createElement("b");
    number.textContent = player.index + 1;
    byId("position").replaceChildren(number, source.live ? "" : ` / ${source.count}`);
    byId("position").title = source.count ? clockText(source.time(player.index)) : "";
  };
  project.addEventListener("change", () => project.isMarked && untell());
  player.addEventListener("state", showState);
  player.addEventListener("rate", showState);
  player.addEventListener("show", showPosition);
  showState();
  showPosition();
  return { toggle, track, shuttle, setRange, showMatte, holdOriginal };
}

/** Minutes, seconds and thousandths. */
export function clockText(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(3).padStart(6, "0")}`;
}
