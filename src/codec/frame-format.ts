/**
 * Frame format v1, byte by byte in docs/format.md:
 *
 *     header | chunks, block after block, column after column | index | footer
 *
 * The header describes what the frame holds, the index where every chunk lies, the footer where the index begins.
 * Nothing in the header depends on the rows, so a frame is written front to back; a reader starts at both ends. All
 * integers are little-endian.
 */
import { dtypeOf } from '../dtype.js';
import { AtcError } from '../errors.js';
import { corrupt } from './corrupt.js';
import type { FrameSource } from './frame-source.js';

/** 0x89 is no text in ASCII or UTF-8 and no legal first byte of JSON. */
export const MAGIC: Uint8Array = Uint8Array.of(0x89, 0x41, 0x54, 0x43);
export const END_MAGIC: Uint8Array = Uint8Array.of(0x43, 0x54, 0x41, 0x8a);
export const FORMAT_VERSION = 1;

/** Footer: u32 index length, u32 CRC of everything before the index, u32 CRC of index and footer so far, end magic. */
export const FOOTER_BYTES = 16;
export const CRC_BYTES = 4;

/** Blocks whose index entries are requested together by who reads a frame over a network. */
export const PAGE_BLOCKS = 64;

/** Bounds that hold for every frame: a reader refuses larger numbers before it allocates anything. */
export const LIMITS = {
  headerBytes: 1 << 20,
  indexBytes: 1 << 28,
  columns: 4096,
  nameBytes: 1024,
  dimensions: 32,
  blockRows: 1 << 20,
  /** What all columns of a block decode to: a reader's memory is bounded by this, whatever a frame claims. */
  blockBytes: 1 << 28,
  wireId: 65_535,
  rows: Number.MAX_SAFE_INTEGER,
} as const;

/** The column whose smallest and largest value per block are in the index. */
export const TIMESTAMP = 'timestamp';

/**
 * True for bytes (a Uint8Array or Buffer) that begin like a frame. Nothing else is checked: damaged frames are frames.
 */
export function isFrame(bytes: unknown): boolean {
  return dtypeOf(bytes) === 'uint8' && MAGIC.every((byte, i) => (bytes as Uint8Array)[i] === byte);
}

/** Set once the machine was looked at: every frame asks. */
let isKnownLittle = false;

/**
 * UNSUPPORTED on a big-endian machine: elements are little-endian on the wire and would have to be turned one by one.
 * None of the platforms of the native modules is one; saying so is better than writing frames that nobody else can
 * read.
 */
export function requireLittleEndian(words?: Uint16Array): void {
  if (words === undefined && isKnownLittle) return;
  if (new Uint8Array((words ?? Uint16Array.of(1)).buffer)[0] !== 1) {
    throw new AtcError('UNSUPPORTED', 'frames need a little-endian machine; this one is big-endian');
  }
  isKnownLittle ||= words === undefined;
}

/** Reads exactly `length` bytes; a source that gives less has been cut since it was opened. */
export function readExactly(source: FrameSource, offset: number, length: number): Uint8Array {
  const bytes = source.read(offset, length);
  if (bytes.length !== length) {
    throw corrupt(`${length} bytes expected, ${bytes.length} there`, offset, source.path);
  }
  return bytes;
}
