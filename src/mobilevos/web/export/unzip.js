// One file out of a ZIP archive.

const END = 0x06054b50, ENTRY = 0x02014b50;
const END_SIZE = 22, LONGEST_COMMENT = 0xffff;

/**
 * @param {Blob} archive
 * @param {string} wanted name of a file in it
 * @returns {Promise<ReadableStream | Blob>} its content
 * @throws {Error} no archive, or no such file in it
 */
export async function unzip(archive, wanted) {
  const tail = await viewOf(archive.slice(-(END_SIZE + LONGEST_COMMENT)));
  let end = tail.byteLength - END_SIZE;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("ZIP");
  const directory = await viewOf(archive.slice(tail.getUint32(end + 16, true), tail.getUint32(end + 16, true) + tail.getUint32(end + 12, true)));
  for (let at = 0; at + 46 <= directory.byteLength && directory.getUint32(at, true) === ENTRY; ) {
    const [nameSize, extra, comment] = [28, 30, 32].map((field) => directory.getUint16(at + field, true));
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, nameSize));
    if (name === wanted) {
      const [method, size, offset] = [directory.getUint16(at + 10, true), directory.getUint32(at + 20, true), directory.getUint32(at + 42, true)];
      const local = await viewOf(archive.slice(offset, offset + 30));
      const start = offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
      const content = archive.slice(start, start + size);
      return method === 8 ? content.stream().pipeThrough(new DecompressionStream("deflate-raw")) : content;
    }
    at += 46 + nameSize + extra + comment;
  }
  throw new Error(wanted);
}

async function viewOf(blob) {
  return new DataView(await blob.arrayBuffer());
}
