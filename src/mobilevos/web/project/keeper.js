// Keeps the open project on this device while it is worked on, and brings it back. Nothing leaves the device.
import { t } from "../texts/texts.js";
import { entryOf, frameRecord, headRecord, stateOf } from "./file.js";

/** Edits are on the disk after at most so many milliseconds. */
const DELAY = 400;
/** Characters that are written at a time: the page stays alive while the masks of a long video are. */
const BATCH = 1 << 18;
/** A journal is written anew when it has so many lines, and this many times as many as there are frames. */
const LONG = 1000;
const WASTE = 4;
const FINGERPRINTED = 1 << 20;
/** Projects that are kept; the oldest go first. */
const KEPT = 12;

/** A name for a project that is not kept yet. */
export function newId() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
}

/** What tells one video from another: a hash of its size, its first and its last megabyte. @param {File[]} files */
export async function fingerprintOf(files) {
  if (!files.length || !globalThis.crypto?.subtle) return files.map(({ name, size }) => `${name} ${size}`).join("\n");
  const [first, last] = [files[0], files[files.length - 1]];
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const parts = [`${files.length} ${size}\n`, first.slice(0, FINGERPRINTED), last.slice(-FINGERPRINTED)];
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Where projects are kept. Every method works where the browser keeps nothing: then nothing is found again. */
class Disk {
  #worker = null;
  #waiting = new Map();
  #next = 0;

  #start() {
    this.#worker = new Worker(new URL("./keeper_worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data: { call, result, error } }) => {
      const { resolve, reject } = this.#waiting.get(call);
      this.#waiting.delete(call);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
  }

  call(name, parameters = {}) {
    if (!navigator.storage?.getDirectory) return Promise.reject(new Error(t("keepsNothing")));
    if (!this.#worker) this.#start();
    return new Promise((resolve, reject) => {
      const call = this.#next++;
      this.#waiting.set(call, { resolve, reject });
      this.#worker.postMessage({ call, name, parameters });
    });
  }
}

const disk = new Disk();

/** Kept projects, the newest first: [{id, changed, head}]; empty where nothing can be kept. */
export async function keptProjects() {
  const found = await disk.call("list").catch(() => []);
  for (const { id } of found.slice(KEPT)) forget(id);
  return found.slice(0, KEPT);
}

export const keptMedia = (id) => disk.call("media", { id }).catch(() => []);
export const forget = (id) => disk.call("forget", { id }).catch(() => {});

/** @returns {Promise<{head: object, state: object} | null>} a kept project as it was last; null if it is not there */
export async function keptProject(id) {
  const journal = await disk.call("read", { id }).catch(() => null);
  let head = null;
  const masks = new Map(), marked = new Set();
  if (journal) {
    await forEachLine(journal, (line) => {
      const record = JSON.parse(line);
      if (record.format) head = record;
      else if (record.gone) [masks, marked].forEach((kept) => kept.delete(record.frame));
      else {
        masks.set(record.frame, entryOf(record));
        if (record.given) marked.add(record.frame);
        else marked.delete(record.frame);
      }
    });
  }
  return head && masks.size ? { head, state: { ...stateOf(head, []), masks, marked } } : null;
}

/** Reads a file line by line, without what follows the last line's end. @param {Blob} file */
async function forEachLine(file, use) {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let begun = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (begun + value).split("\n");
    begun = lines.pop();
    for (const line of lines) if (line) use(line);
  }
}

/**
 * Writes every change of a project to the disk. Events: "state" (`state` is another one), "copy" (another tab has the project
 * open and writes to it: what is done here is kept as a project of its own, whose id is the session's from now on).
 */
export class Keeper extends EventTarget {
  /** "kept", "keeping", or "off" where nothing can be kept. */
  state = "kept";
  #written = new Map(); // index -> entry that stands in the journal
  #marks = new Set();
  #head = "";
  #lines = 0;
  #timer = null;
  #opened = null;
  #writing = Promise.resolve();
  #listening = new AbortController();

  /**
   * @param {boolean} isKept whether the disk has it as it is now, or is to get all of it
   * @param session with id, project, source and fingerprint
   */
  constructor(isKept, session) {
    super();
    this.session = session;
    const { project } = session;
    if (isKept) this.#remember();
    else if (project.isMarked) this.#later();
    const { signal } = this.#listening;
    for (const event of ["change", "found", "view"]) project.addEventListener(event, () => this.#later(), { signal });
    addEventListener("pagehide", () => this.#write(), { signal });
    document.addEventListener("visibilitychange", () => this.#write(), { signal });
  }

  /** Writes what is not written yet, and ends. */
  async close() {
    this.#listening.abort();
    await (this.#timer ? this.#write() : this.#writing);
    if (this.#opened) await disk.call("close").catch(() => {});
  }

  #later() {
    if (this.state === "kept") this.#tell("keeping");
    this.#timer ??= setTimeout(() => this.#write(), DELAY);
  }

  /** One writing after the other. */
  #write() {
    clearTimeout(this.#timer);
    this.#timer = null;
    return (this.#writing = this.#writing.then(() => this.#writeChanges()));
  }

  async #writeChanges() {
    const { project } = this.session;
    const fingerprint = await this.session.fingerprint;
    const isWorth = this.#opened || this.#written.size || project.indices.length;
    try {
      if (isWorth && !(await this.#append(this.#changes(fingerprint)))) {
        this.#becomeCopy();
        await this.#append(this.#changes(fingerprint));
      }
      if (this.#lines > LONG && this.#lines > WASTE * this.#written.size) await this.#beginAnew(fingerprint);
    } catch {
      this.#tell("off"); // private windows, or no room
    }
    if (!this.#timer && this.state === "keeping") this.#tell("kept");
  }

  /** Lines that the journal lacks, as the project is when each is asked for. */
  *#changes(fingerprint) {
    const { project, source } = this.session;
    const head = JSON.stringify(headRecord(project, source, fingerprint));
    if (head !== this.#head) yield (this.#head = head);
    for (const index of [...project.indices, ...this.#written.keys()]) {
      const entry = project.entry(index);
      const given = project.isMarkedAt(index);
      if (this.#written.get(index) === entry && given === this.#marks.has(index)) continue;
      if (given) this.#marks.add(index);
      else this.#marks.delete(index);
      if (entry) this.#written.set(index, entry);
      else this.#written.delete(index);
      yield JSON.stringify(entry ? frameRecord(index, entry, given) : { frame: index, gone: true });
    }
  }

  /** @param {Iterable<string>} lines @returns {Promise<boolean>} false where another tab has the journal */
  async #append(lines) {
    let text = "";
    const hand = async () => {
      if (!text) return true;
      this.#opened ??= this.#open();
      if (!(await this.#opened)) return false;
      await disk.call("append", { text });
      text = "";
      return true;
    };
    for (const line of lines) {
      text += `${line}\n`;
      this.#lines++;
      if (text.length > BATCH && !(await hand())) return false;
    }
    return hand();
  }

  /** Nothing stands in the copy's journal yet. */
  #becomeCopy() {
    this.session.id = newId();
    this.#opened = null;
    this.#forget();
    this.dispatchEvent(new Event("copy"));
  }

  #forget() {
    this.#written.clear();
    this.#marks.clear();
    [this.#head, this.#lines] = ["", 0];
  }

  /** Writes a journal without what does not count any more. */
  async #beginAnew(fingerprint) {
    if (!(await this.#opened)) return;
    this.#forget();
    await disk.call("beginAnew");
    await this.#append(this.#changes(fingerprint));
    await disk.call("takeOver");
  }

  async #open() {
    const isOurs = await disk.call("open", { id: this.session.id });
    const { files } = this.session.source;
    if (isOurs && files.length) disk.call("keepMedia", { files }).catch(() => {});
    return isOurs;
  }

  /** The journal has everything. */
  #remember() {
    const { project } = this.session;
    project.forEachFrame((index, entry) => this.#written.set(index, entry));
    this.#marks = new Set(project.marked);
  }

  #tell(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
