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

/** What browsers and systems that draw on the processor call it. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;
/** Pixels of a frame up to which such copies are worth their memory: making bitmaps takes time. */
const LARGE = 1280 * 720;
let graphics = null;

/** Whether a graphics processor draws. */
function hasGraphics() {
  if (graphics === null) {
    const context = new OffscreenCanvas(1, 1).getContext("webgl");
    const named = context?.getExtension("WEBGL_debug_renderer_info");
    graphics = Boolean(context) && !SOFTWARE.test(context.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return graphics;
}

/**
 * Makes bitmaps of large video frames, one after the other, where no graphics processor draws: browsers copy each video
 * frame that is drawn there, and keep such copies until they are half a gigabyte. Frames of which they do not give the
 * colours, or whose pixels are not square, stay as they are.
 */
export class BitmapMaker {
  #pixels = new Uint8ClampedArray(0);

  /** @param {VideoFrame} frame is handed over @returns {Promise<VideoFrame | ImageBitmap>} the same picture */
  async make(frame) {
    const { width, height } = frame.visibleRect;
    if (width * height <= LARGE || hasGraphics() || frame.displayWidth !== width || frame.displayHeight !== height) return frame;
    const size = 4 * width * height, format = "RGBA";
    if (this.#pixels.length !== size) this.#pixels = new Uint8ClampedArray(size);
    try {
      if (frame.allocationSize({ format }) !== size) return frame; // a browser that knows no formats
      await frame.copyTo(this.#pixels, { format });
    } catch {
      return frame;
    }
    frame.close();
    return createImageBitmap(new ImageData(this.#pixels, width, height));
  }
}
