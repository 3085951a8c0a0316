/**
 * A second writer of frames, from docs/format.md alone and without a single check: it signs any fields it is given, so
 * that the decoders behind the checksums see hostile bytes too.
 */
export interface ForgedChunk {
  bytes: Uint8Array;
  wireId: number;
  refs: number[];
  /** Default: the length of `bytes`. */
  length?: number;
}

export interface ForgedBlock {
  rows: number;
  /** Smallest and largest timestamp, as bytes; empty without a column of that name. */
  times: Uint8Array;
  chunks: ForgedChunk[];
}

export interface ForgedFrame {
  version: number;
  headerBody: Uint8Array;
  rows: number;
  /** Shape of an array, undefined for a table. */
  shape?: number[];
  /** For a table with timestamps. */
  ascending?: number;
  blocks: ForgedBlock[];
  /** Default: the number of blocks. */
  blockCount?: number;
}

/** Bit by bit: slow, and independent of the tables under test. */
function checksum(bytes: ArrayLike<number>): number[] {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i];
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return u32(~crc);
}

const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

export function forgeHeader(version: number, body: Uint8Array): number[] {
  const header = [0x89, 0x41, 0x54, 0x43, version & 255, ...varint(body.length), ...body];
  return [...header, ...checksum(header)];
}

export function forgeFrame(frame: ForgedFrame): Uint8Array {
  const content = forgeHeader(frame.version, frame.headerBody);
  const entries: number[] = [];
  for (const { rows, times, chunks } of frame.blocks) {
    entries.push(...varint(rows), ...times);
    for (const { bytes, wireId, refs, length = bytes.length } of chunks) {
      entries.push(...varint(length), ...varint(wireId), ...varint(refs.length), ...refs.flatMap(varint));
      entries.push(...checksum(bytes));
      for (const byte of bytes) content.push(byte);
    }
  }
  const shape = frame.shape && [...varint(frame.shape.length), ...frame.shape.flatMap(varint)];
  const index = [
    ...varint(content.length),
    ...varint(frame.rows),
    ...(shape ?? []),
    ...(frame.ascending === undefined ? [] : varint(frame.ascending)),
    ...varint(frame.blockCount ?? frame.blocks.length),
    ...entries,
  ];
  return signFrame(content, index);
}

/** Content and any index at all, with a footer whose checksums are right. */
export function signFrame(content: ArrayLike<number>, index: number[]): Uint8Array {
  const tail = [...index, ...u32(index.length), ...checksum(content)];
  return Uint8Array.from([...Array.from(content), ...tail, ...checksum(tail), 0x43, 0x54, 0x41, 0x8a]);
}
