/**
 * The LZ4 frame format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), which Arrow and Parquet put
 * around LZ4 blocks:
 *   u32 magic 0x184D2204 · FLG · BD · [u64 content size] · [u32 dictionary id] · header checksum
 *   blocks: u32 length (highest bit: stored as it is) · bytes · [u32 checksum]
 *   a length of 0 ends the frame · [u32 content checksum]
 * Checksums (xxHash) are not compared: the containers have their own.
 */
import { lz4Decode } from '../codec/lz4-decode.js';
import { AtcError } from '../errors.js';

const MAGIC = 0x184d2204;
const STORED = 0x8000_0000;
/** FLG: version 01, blocks independent, checksum of each block, content size, content checksum, dictionary. */
const VERSION = 0b0100_0000;
const BLOCK_INDEPENDENT = 0b0010_0000;
const BLOCK_CHECKSUM = 0b0001_0000;
const CONTENT_SIZE = 0b0000_1000;
const DICTIONARY = 0b0000_0001;

/** Decodes one frame; it must hold at most `maxBytes`. CORRUPT for anything that is not such a frame. */
export function decodeLz4Frame(frame: Uint8Array, maxBytes: number): Uint8Array {
  const { blocks, isLinked } = readBlocks(frame);
  const lengths = blocks.map(({ bytes, isStored }) => (isStored ? bytes.length : decodedLength(bytes)));
  const length = lengths.reduce((sum, one) => sum + one, 0);
  if (length > maxBytes) throw damage(`it claims ${length} bytes, at most ${maxBytes} are read`, 0);
  const target = new Uint8Array(length);
  let to = 0;
  blocks.forEach(({ bytes, isStored }, k) => {
    if (isStored) target.set(bytes, to);
    else if (!isLinked || to === 0) lz4Decode(bytes, target.subarray(to, to + lengths[k]));
    else decodeLinked(bytes, target, to, lengths[k]);
    to += lengths[k];
  });
  return target;
}

function readBlocks(frame: Uint8Array) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw damage('it does not begin with the magic number', 0);
  const flags = frame[4];
  if ((flags & 0b1100_0000) !== VERSION || (flags & DICTIONARY) !== 0)
    throw damage(`flags ${flags} are not supported`, 4);
  const blocks: { bytes: Uint8Array; isStored: boolean }[] = [];
  let at = 7 + ((flags & CONTENT_SIZE) !== 0 ? 8 : 0);
  for (;;) {
    if (at + 4 > frame.length) throw damage('it ends within a block', at);
    const word = view.getUint32(at, true);
    at += 4;
    // Blocks that refer to earlier ones are decoded behind what came before.
    if (word === 0) return { blocks, isLinked: (flags & BLOCK_INDEPENDENT) === 0 };
    const size = word & 0x7fff_ffff;
    if (size > frame.length - at) throw damage('a block is longer than the frame', at);
    blocks.push({ bytes: frame.subarray(at, at + size), isStored: word >= STORED });
    at += size + ((flags & BLOCK_CHECKSUM) !== 0 ? 4 : 0);
  }
}

/**
 * Decodes behind up to 64 KiB of what came before: a first sequence of these bytes as literals makes them the start of
 * the block.
 */
function decodeLinked(block: Uint8Array, target: Uint8Array, to: number, length: number): void {
  const window = Math.min(to, 65_535);
  const output = new Uint8Array(window + length);
  output.set(target.subarray(to - window, to));
  copySequences(block, output, window);
  target.set(output.subarray(window), to);
}

function decodedLength(block: Uint8Array): number {
  let length = 0;
  forEachSequence(block, (literals, match) => {
    length += literals + match;
  });
  return length;
}

function copySequences(block: Uint8Array, output: Uint8Array, start: number): void {
  let to = start;
  forEachSequence(block, (literals, match, literalsAt, distance) => {
    output.set(block.subarray(literalsAt, literalsAt + literals), to);
    to += literals;
    if (match > 0 && (distance === 0 || distance > to))
      throw damage('a match begins before the first byte', literalsAt);
    for (let k = 0; k < match; k += 1, to += 1) output[to] = output[to - distance];
  });
}

function forEachSequence(
  block: Uint8Array,
  visit: (literals: number, match: number, literalsAt: number, distance: number) => void,
): void {
  let at = 0;
  const extended = (start: number) => {
    let length = start;
    if (start !== 15) return length;
    for (let byte = 255; byte === 255; ) {
      if (at >= block.length) throw damage('a length runs past its block', at);
      byte = block[at++];
      length += byte;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = extended(token >>> 4);
    const literalsAt = at;
    at += literals;
    if (at > block.length) throw damage('literals run past their block', literalsAt);
    if (at === block.length) {
      visit(literals, 0, literalsAt, 0);
      return;
    }
    if (at + 2 > block.length) throw damage('a match without a distance', at);
    const distance = block[at] | (block[at + 1] << 8);
    at += 2;
    visit(literals, extended(token & 15) + 4, literalsAt, distance);
  }
}

function damage(what: string, offset: number): AtcError {
  return new AtcError('CORRUPT', `not a valid LZ4 frame: ${what}`, { offset });
}
