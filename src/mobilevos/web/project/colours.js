// Colours in which objects are shown until the user chooses others: bright, and apart for the colour-blind as well.

export const COLOURS = ["#3ea6ff", "#ff8a3d", "#4cd97b", "#ff5fa8", "#ffd43b", "#a98bfa", "#2dd4cf", "#ff6b6b", "#b5e853", "#e58bff"];

/** [red, green, blue], 0..255, of "#rrggbb". */
export function rgbOf(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
