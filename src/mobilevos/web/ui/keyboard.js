// Keys of the workspace.
import { t } from "../texts/texts.js";
import { TOOLS } from "./toolbar.js";

const BRUSH_STEP = 1.2;

/** Every key and what it does, for the help. */
export const KEYS = [
  [["Space"], t("keyPlay")],
  [["J", "K", "L"], t("keyShuttle")],
  [["←", "→"], t("keyStep")],
  [["Home", "End"], t("keyEnds")],
  [["T"], t("keyTrack")],
  [["I", "O"], t("keyRange")],
  ...Object.values(TOOLS).map(({ label, key }) => [[key.toUpperCase()], label]),
  [["[", "]"], t("keyBrush")],
  [["1", "9"], t("keyChoose")],
  [["N"], t("newObject")],
  [["Delete"], t("keyRemove")],
  [["M"], t("keyMatte")],
  [["\\"], t("keyBefore")],
  [["Ctrl Z"], t("keyUndo")],
  [["Ctrl S"], t("keySave")],
  [["Enter", "Esc"], t("keyPolygon")],
  [["Enter"], t("keyPress")],
  [["?"], t("keyHelp")],
];

/**
 * Listens while a video is open.
 * @param {AbortSignal} signal ends it
 */
export function startKeyboard({ editor, project, player, transport, remove, undo, help, save, open }, signal) {
  const plain = {
    " ": transport.toggle,
    j: () => transport.shuttle(-1),
    k: () => player.pause(),
    l: () => transport.shuttle(1),
    t: transport.track,
    T: () => player.trackBack(),
    i: () => transport.setRange(true),
    o: () => transport.setRange(false),
    m: transport.showMatte,
    ArrowLeft: (event) => player.step(event.shiftKey ? -10 : -1),
    ArrowRight: (event) => player.step(event.shiftKey ? 10 : 1),
    Home: () => player.seek(0),
    End: () => player.seek(player.source.count - 1),
    "[": () => editor.resizeBrush(editor.brushSize / BRUSH_STEP),
    "]": () => editor.resizeBrush(editor.brushSize * BRUSH_STEP + 1),
    n: () => project.addObject(),
    Delete: () => remove(project.active),
    Backspace: () => (editor.tool.back ? editor.tool.back() : remove(project.active)),
    Enter: () => editor.tool.finish?.(),
    Escape: () => (player.tracking ? player.pause() : editor.cancel()),
    "\\": (event) => !event.repeat && transport.holdOriginal(true),
    "?": help,
  };
  for (const [name, { key }] of Object.entries(TOOLS)) plain[key] = () => editor.choose(name);
  for (let id = 1; id <= 9; id++) plain[id] = () => project.choose(id);
  const withControl = { z: (event) => (event.shiftKey ? project.redo() : undo()), y: () => project.redo(), s: save, o: open };

  const listener = (event) => {
    if (document.querySelector("dialog[open]") || event.altKey) return;
    const { target } = event;
    const lower = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (withControl[lower]) act(event, withControl[lower]);
      return;
    }
    if (target.matches("input:not([type=color], [type=range]), select, textarea")) return;
    if (target.matches("input") && /^(Arrow|Home|End)/.test(lower)) return;
    if (target.matches("button, input") && lower === "Enter") return; // the button's own
    const run = plain[event.shiftKey ? event.key : lower] ?? plain[lower];
    if (run) act(event, run);
  };
  addEventListener("keydown", listener, { signal });
  addEventListener("keyup", (event) => {
    if (event.key === "\\") transport.holdOriginal(false);
    // A button is pressed when the space bar comes up; here it plays and pauses, whatever was clicked last.
    if (event.key === " " && event.target.matches("button") && !document.querySelector("dialog[open]")) event.preventDefault();
  }, { signal });
}

function act(event, run) {
  event.preventDefault();
  run(event);
}
