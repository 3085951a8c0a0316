/**
 * Where the fields of a frame are, and frames whose checksums are right over wrong bytes. The map of an intact frame is
 * read once, with a reader of its own made from docs/format.md; bytes may change in place, lengths may not.
 *
 * @typedef {object} FrameMap
 * @property {number} headerEnd  after the checksum of the header
 * @property {{ from: number, to: number, checksumAt: number }[]} chunks
 * @property {number} indexAt
 * @property {number} end  of the frame
 */

/** Bytes of an element by the wire id of its type. */
const SIZES = [0, 8, 4, 1, 2, 4, 8, 1, 2, 4, 8];
const FOOTER_BYTES = 16;

/** The map of an intact frame; undefined for bytes that this reader does not follow. */
export function mapOf(bytes) {
  let at = 5;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (!(byte >= 128)) return value;
      scale *= 128;
    }
  };
  const headerLength = varint();
  const headerEnd = at + headerLength + 4;
  const isArray = bytes[at++] === 0;
  const columns = isArray ? 1 : varint();
  let timeBytes = 0;
  for (let k = 0; k < columns; k++) {
    const size = SIZES[bytes[at++]];
    if (isArray) break;
    const length = varint();
    if (new TextDecoder().decode(bytes.subarray(at, at + length)) === 'timestamp') timeBytes = size;
    at += length;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footer = bytes.length - FOOTER_BYTES;
  const indexAt = footer - view.getUint32(footer, true);
  at = indexAt;
  varint();
  varint();
  if (isArray) for (let k = varint(); k > 0; k--) varint();
  if (timeBytes > 0) varint();
  const chunks = [];
  let offset = headerEnd;
  for (let blocks = varint(); blocks > 0; blocks--) {
    varint();
    at += 2 * timeBytes;
    for (let k = 0; k < columns; k++) {
      const length = varint();
      varint();
      for (let refs = varint(); refs > 0; refs--) varint();
      chunks.push({ from: offset, to: offset + length, checksumAt: at });
      offset += length;
      at += 4;
    }
  }
  return offset === indexAt && at === footer ? { headerEnd, chunks, indexAt, end: bytes.length } : undefined;
}

/** Makes checksums right again in place, each kind with a chance of its own: some stay wrong. */
export function resealFrame(bytes, map, crc32c, dice) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const put = (at, from, to) => view.setUint32(at, crc32c(bytes.subarray(from, to)), true);
  const most = dice.chance(8) ? 2 : 1000;
  const may = () => most === 1000 || dice.below(most) > 0;
  if (may()) put(map.headerEnd - 4, 0, map.headerEnd - 4);
  for (const { from, to, checksumAt } of map.chunks) if (may()) put(checksumAt, from, to);
  if (may()) put(map.end - 12, 0, map.indexAt);
  if (may()) put(map.end - 8, map.indexAt, map.end - 8);
}

/** A part of the frame to damage: any chunk, header, index or footer, each as likely as the others. */
export function partOf(map, dice) {
  const part = dice.below(6);
  if (part === 0) return [0, map.headerEnd];
  if (part === 1) return [map.indexAt, map.end - FOOTER_BYTES];
  if (part === 2) return [map.end - FOOTER_BYTES, map.end];
  const chunk = map.chunks.length > 0 ? dice.pick(map.chunks) : { from: 0, to: map.end };
  return [chunk.from, chunk.to];
}
