// Parts of the page that are fetched when they are needed.

import { t } from "../texts/texts.js";

/** The network is away, or the server. */
export class Unreachable extends Error {}

let tries = 0;
let loaded = null;

/** The library that reads and writes video files. @throws {Unreachable} */
export function mediabunny() {
  loaded ??= import(`../vendor/mediabunny.min.mjs${tries++ ? `?try=${tries}` : ""}`).catch(() => {
    loaded = null; // browsers remember a failure by its address
    throw new Unreachable(t("partUnreachable"));
  });
  return loaded;
}

/** @returns {Promise<Blob>} a file of the page @throws {Unreachable} */
export async function fetchBlob(path) {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) throw new Unreachable(t("sampleUnreachable"));
  return answer.blob();
}
