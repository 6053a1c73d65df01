/** The pixels of a video frame, whatever the browser hands us. */

import { InputError } from "./errors.js";

/** One reusable canvas reads VideoFrames and ImageBitmaps; ImageData is read as it is. */
export class FrameReader {
  #context = null;

  /** VideoFrame | ImageBitmap | ImageData -> Frame; VideoFrames and ImageBitmaps are closed. */
  read(image) {
    if (image instanceof ImageData) return new Frame(image.width, image.height, image.data);
    const width = image.displayWidth ?? image.width;
    const height = image.displayHeight ?? image.height;
    if (!width || !height) throw new InputError("frameEmpty");
    if (!this.#context) {
      this.#context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    }
    const { canvas } = this.#context;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#context.drawImage(image, 0, 0, width, height);
    image.close();
    return new Frame(width, height, this.#context.getImageData(0, 0, width, height).data);
  }
}

/** RGBA pixels (height, width, 4). */
class Frame {
  constructor(width, height, data) {
    Object.assign(this, { width, height, data });
  }

  /** A frame of the same size with other pixels. */
  with(data) {
    return new Frame(this.width, this.height, data);
  }

  /** A view (see resample.js) of a box. */
  crop(left, top, right, bottom) {
    const stride = this.width * 4;
    return { data: this.data, start: top * stride + left * 4, step: 4, stride, width: right - left, height: bottom - top };
  }
}
