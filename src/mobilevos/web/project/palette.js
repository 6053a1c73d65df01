// The DAVIS palette, as in the Python package: bit 3k + c of an id gives bit 7 - k of channel c, 191 for 192.

function colour(id) {
  const rgb = [0, 0, 0];
  for (let channel = 0; channel < 3; channel++)
    for (let place = 0; place < 3; place++) rgb[channel] |= ((id >> (3 * place + channel)) & 1) << (7 - place);
  return rgb.map((value) => (value === 192 ? 191 : value));
}

/** RGB triples, 0..255, by object id 0..255. */
export const PALETTE = Array.from({ length: 256 }, (_, id) => colour(id));
