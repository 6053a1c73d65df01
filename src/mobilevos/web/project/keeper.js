// Keeps the open project on this device while it is worked on, and brings it back. Nothing leaves the device.
import { t } from "../texts/texts.js";
import { frameRecord, headRecord, stateOf } from "./file.js";

/** Edits are on the disk after at most so many milliseconds. */
const DELAY = 400;
/** A journal is written anew when it has so many lines, and this many times as many as there are frames. */
const LONG = 1000;
const WASTE = 4;
const FINGERPRINTED = 1 << 20;
/** Projects that are kept; the oldest go first. */
const KEPT = 12;

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
  const text = await disk.call("read", { id }).catch(() => "");
  let head = null;
  const frames = new Map();
  for (const line of text.split("\n")) {
    if (!line) continue;
    const record = JSON.parse(line);
    if (record.format) head = record;
    else if (record.gone) frames.delete(record.frame);
    else frames.set(record.frame, record);
  }
  return head && frames.size ? { head, state: stateOf(head, frames.values()) } : null;
}

/** Writes every change of a project to the disk. Event: "state" (`state` is another one). */
export class Keeper extends EventTarget {
  /** "kept", "keeping", "off" where nothing can be kept, or "elsewhere" where another tab keeps it. */
  state = "kept";
  #written = new Map(); // index -> entry that stands in the journal
  #marks = new Set();
  #head = "";
  #lines = 0;
  #timer = null;
  #opened = null;
  #listening = new AbortController();

  /** @param {string} id of the kept project, known or new @param session with project, source and fingerprint */
  constructor(id, session) {
    super();
    Object.assign(this, { id, session });
    const { project } = session;
    this.#remember();
    const { signal } = this.#listening;
    for (const event of ["change", "found", "view"]) project.addEventListener(event, () => this.#later(), { signal });
    addEventListener("pagehide", () => this.#write(), { signal });
    document.addEventListener("visibilitychange", () => this.#write(), { signal });
  }

  /** Writes what is not written yet, and ends. */
  async close() {
    this.#listening.abort();
    if (this.#timer) await this.#write();
    if (this.#opened) await disk.call("close").catch(() => {});
  }

  #later() {
    if (this.state === "kept") this.#tell("keeping");
    this.#timer ??= setTimeout(() => this.#write(), DELAY);
  }

  async #write() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { project, source } = this.session;
    const fingerprint = await this.session.fingerprint;
    const lines = [];
    const head = JSON.stringify(headRecord(project, source, fingerprint));
    if (head !== this.#head) lines.push((this.#head = head));
    project.forEachFrame((index, entry) => {
      const given = project.isMarkedAt(index);
      if (this.#written.get(index) !== entry || given !== this.#marks.has(index)) lines.push(JSON.stringify(frameRecord(index, entry, given)));
    });
    for (const index of this.#written.keys()) if (!project.entry(index)) lines.push(JSON.stringify({ frame: index, gone: true }));
    this.#remember();
    const isWorth = this.#opened || this.#written.size;
    if (isWorth && lines.length) await this.#append(lines);
    else if (!isWorth) this.#head = "";
    if (!this.#timer && this.state === "keeping") this.#tell("kept");
  }

  async #append(lines) {
    this.#lines += lines.length;
    const isLong = this.#lines > LONG && this.#lines > WASTE * this.#written.size;
    const text = `${(isLong ? this.#whole() : lines).join("\n")}\n`;
    try {
      this.#opened ??= this.#open();
      if (await this.#opened) await disk.call(isLong ? "rewrite" : "append", { text });
      else this.#tell("elsewhere");
    } catch {
      this.#tell("off"); // private windows, or no room
    }
  }

  async #open() {
    const isOurs = await disk.call("open", { id: this.id });
    const { files } = this.session.source;
    if (isOurs && files.length) disk.call("keepMedia", { files }).catch(() => {});
    return isOurs;
  }

  #whole() {
    const lines = [this.#head];
    for (const [index, entry] of this.#written) lines.push(JSON.stringify(frameRecord(index, entry, this.#marks.has(index))));
    this.#lines = lines.length;
    return lines;
  }

  #remember() {
    const { project } = this.session;
    this.#written = new Map();
    project.forEachFrame((index, entry) => this.#written.set(index, entry));
    this.#marks = new Set(project.marked);
  }

  #tell(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
