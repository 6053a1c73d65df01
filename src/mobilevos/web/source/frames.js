// Frames as they pass through the page: VideoFrame or ImageBitmap. Whoever holds one closes it.

/** @returns {{width: number, height: number}} size in which a frame is shown */
export function sizeOf(frame) {
  return "displayWidth" in frame
    ? { width: frame.displayWidth, height: frame.displayHeight }
    : { width: frame.width, height: frame.height };
}

/** A second handle on the same picture. */
export async function copyOf(frame) {
  return "displayWidth" in frame ? frame.clone() : createImageBitmap(frame);
}
