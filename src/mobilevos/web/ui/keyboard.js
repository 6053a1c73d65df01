// Keys of the workspace.
import { TOOLS } from "./toolbar.js";

const BRUSH_STEP = 1.2;

/** Every key and what it does, for the help. */
export const KEYS = [
  [["Space"], "Play or pause"],
  [["←", "→"], "One frame back or on"],
  [["Home", "End"], "First or last frame"],
  ...Object.values(TOOLS).map(({ label, key }) => [[key.toUpperCase()], label]),
  [["[", "]"], "Smaller or larger brush"],
  [["1", "9"], "Choose an object"],
  [["N"], "New object"],
  [["Delete"], "Remove the chosen object"],
  [["Ctrl Z"], "Undo; with Shift, redo"],
  [["Enter", "Esc"], "Fill or drop a polygon"],
  [["?"], "This help"],
];

/**
 * Listens while a video is open.
 * @param {AbortSignal} signal ends it
 */
export function startKeyboard({ editor, project, player, toggle, remove, help }, signal) {
  const plain = {
    " ": toggle,
    ArrowLeft: () => player.step(-1),
    ArrowRight: () => player.step(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.source.count - 1),
    "[": () => editor.resizeBrush(editor.brushSize / BRUSH_STEP),
    "]": () => editor.resizeBrush(editor.brushSize * BRUSH_STEP + 1),
    n: () => project.addObject(),
    Delete: () => remove(project.active),
    Backspace: () => (editor.tool.back ? editor.tool.back() : remove(project.active)),
    Enter: () => editor.tool.finish?.(),
    Escape: () => editor.cancel(),
    "?": help,
  };
  for (const [name, { key }] of Object.entries(TOOLS)) plain[key] = () => editor.choose(name);
  for (let id = 1; id <= 9; id++) plain[id] = () => project.choose(id);

  const listener = (event) => {
    if (document.querySelector("dialog[open]") || event.altKey) return;
    const { target } = event;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") act(event, () => (event.shiftKey ? project.redo() : project.undo()));
      if (key === "y") act(event, () => project.redo());
      return;
    }
    if (target.matches("input[type=color], input[type=range]") && /^(Arrow|Home|End)/.test(key)) return;
    if (target.matches("button") && (key === " " || key === "Enter")) return; // the button's own
    if (plain[key]) act(event, plain[key]);
  };
  addEventListener("keydown", listener, { signal });
}

function act(event, run) {
  event.preventDefault();
  run();
}
