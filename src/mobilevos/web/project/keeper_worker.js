// Writes what is to be kept to the browser's private disk, at once and in order: a project's journal, line by line.

const JOURNAL = "journal";
const PART = "journal.part";
const LONGEST_HEAD = 1 << 20;

let file = null; // of the open project's journal
let shorter = null; // the one that is to take its place
let folder = null;

const calls = {
  /** Opens a project's journal to write on in it, made if needed; false where another tab has it open. */
  async open({ id }) {
    file?.close();
    file = null;
    folder = await (await projects()).getDirectoryHandle(id, { create: true });
    try {
      file = await (await folder.getFileHandle(JOURNAL, { create: true })).createSyncAccessHandle();
    } catch {
      return false;
    }
    dropBrokenLine(file);
    return true;
  },

  /** A project's journal. A line that broke off at its end is as if it had not been written. */
  async read({ id }) {
    const handle = await (await (await projects()).getDirectoryHandle(id)).getFileHandle(JOURNAL);
    return handle.getFile();
  },

  append({ text }) {
    const target = shorter ?? file;
    target.write(new TextEncoder().encode(text), { at: target.getSize() });
    target.flush();
  },

  /** What is appended from here on goes to a shorter journal ... */
  async beginAnew() {
    shorter = await (await folder.getFileHandle(PART, { create: true })).createSyncAccessHandle();
    shorter.truncate(0);
  },

  /** ... which now takes the place of the one there is, whole or not at all. */
  async takeOver() {
    shorter.close();
    shorter = null;
    file.close();
    await (await folder.getFileHandle(PART)).move(JOURNAL);
    file = await (await folder.getFileHandle(JOURNAL)).createSyncAccessHandle();
  },

  close() {
    shorter?.close();
    file?.close();
    shorter = file = null;
  },

  /** Keeps the frames' files as well, as far as there is room. */
  async keepMedia({ files }) {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    const size = files.reduce((sum, each) => sum + each.size, 0);
    if (size > (quota - usage) / 2) return false;
    const media = await folder.getDirectoryHandle("media", { create: true });
    for (const [at, each] of files.entries()) {
      const handle = await media.getFileHandle(`${String(at).padStart(6, "0")} ${each.name.replaceAll(/[/\\:*?"<>|]/g, "_")}`, { create: true });
      if ((await handle.getFile()).size === each.size) continue;
      const writable = await handle.createWritable(); // becomes the file only when it is complete
      await each.stream().pipeTo(writable);
    }
    return true;
  },

  /** The kept files of a project, in their order; empty if they were not kept. */
  async media({ id }) {
    try {
      const media = await (await (await projects()).getDirectoryHandle(id)).getDirectoryHandle("media");
      const found = [];
      for await (const [name, handle] of media.entries()) if (!name.endsWith(".crswap")) found.push([name, await handle.getFile()]);
      found.sort(([a], [b]) => (a < b ? -1 : 1));
      return found.map(([name, each]) => new File([each], name.slice(7), { type: each.type }));
    } catch {
      return [];
    }
  },

  /** Every kept project: its id, when it was changed, and the first line of its journal. */
  async list() {
    const found = [];
    for await (const [id, handle] of (await projects()).entries()) {
      try {
        const journal = await (await handle.getFileHandle(JOURNAL)).getFile();
        const [line] = (await journal.slice(0, LONGEST_HEAD).text()).split("\n", 1);
        if (line) found.push({ id, changed: journal.lastModified, head: JSON.parse(line) });
      } catch {
        // being written, or from before it was complete
      }
    }
    return found.sort((a, b) => b.changed - a.changed);
  },

  async forget({ id }) {
    await (await projects()).removeEntry(id, { recursive: true });
  },
};

/** Ends a file after its last whole line, which is sought from the end, as journals can be long. */
function dropBrokenLine(handle) {
  const bytes = new Uint8Array(1 << 16);
  for (let end = handle.getSize(); end > 0; end -= bytes.length) {
    const start = Math.max(0, end - bytes.length);
    const last = bytes.subarray(0, handle.read(bytes.subarray(0, end - start), { at: start })).lastIndexOf(10);
    if (last >= 0) return handle.truncate(start + last + 1);
  }
  return handle.truncate(0);
}

async function projects() {
  return (await navigator.storage.getDirectory()).getDirectoryHandle("projects", { create: true });
}

let turn = Promise.resolve();
self.onmessage = ({ data: { call, name, parameters } }) => {
  turn = turn.then(async () => {
    try {
      postMessage({ call, result: await calls[name](parameters) });
    } catch (error) {
      postMessage({ call, error: error.message });
    }
  });
};
