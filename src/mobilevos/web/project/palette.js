// The DAVIS palette, as in the Python package: bit 3k + c of an id gives bit 7 - k of channel c, 191 for 192.

function colour(id) {
  const rgb = [0, 0, 0];
  for (let channel = 0; channel < 3; channel++)
    for (let place = 0; place < 3; place++) rgb[channel] |= ((id >> (3 * place + channel)) & 1) << (7 - place);
  return rgb.map((value) => (value === 192 ? 191 : value));
}

/** RGB triples, 0..255, by object id 0..255. */
export const PALETTE = Array.from({ length: 256 }, (_, id) => colour(id));

/** A CSS colour for an object, bright enough for lines and dots on any ground. */
export function cssColour(id) {
  return `rgb(${PALETTE[id].map((value) => Math.min(2 * value, 255)).join(" ")})`;
}

/**
 * Reads a palette-coloured mask image.
 * @param {ImageBitmap} image
 * @returns {Uint8Array} label map; colours outside of the palette are background
 */
export function labelsOfImage(image) {
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const ids = new Map(PALETTE.map(([r, g, b], id) => [(r << 16) | (g << 8) | b, id]));
  return Uint8Array.from({ length: image.width * image.height }, (_, at) => {
    return ids.get((data[4 * at] << 16) | (data[4 * at + 1] << 8) | data[4 * at + 2]) ?? 0;
  });
}
