// Parts of the page that are fetched when they are needed.

/** The network is away, or the server. */
export class Unreachable extends Error {}

let tries = 0;
let loaded = null;

/** The library that reads and writes video files. @throws {Unreachable} */
export function mediabunny() {
  loaded ??= import(`../vendor/mediabunny.min.mjs${tries++ ? `?try=${tries}` : ""}`).catch(() => {
    loaded = null; // browsers remember a failure by its address
    throw new Unreachable("A part of the page cannot be fetched; check the connection, then try again.");
  });
  return loaded;
}

/** @returns {Promise<Blob>} a file of the page @throws {Unreachable} */
export async function fetchBlob(path) {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) throw new Unreachable("The sample cannot be fetched; check the connection and try again, or choose a video of your own.");
  return answer.blob();
}
