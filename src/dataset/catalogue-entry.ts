/** What the catalogue of a dataset says about one symbol, and what that must be: a catalogue may come from anywhere. */
import path from 'node:path';
import type { ColumnSchema } from '../codec/codec.js';
import { FOOTER_BYTES, PAGE_BLOCKS } from '../codec/frame-format.js';
import { isDtype } from '../dtype.js';

/**
 * A part of a frame's index, for readers over a network: byte at which its entries begin, first row of its first block,
 * byte at which the first chunk of that begins, timestamp of that row (UTC ms), CRC-32C of the entries. Bytes count
 * from the beginning of the frame.
 */
export type SegmentPage = readonly [offset: number, row: number, chunk: number, firstMs: number, checksum: number];

/** Where the index of a frame lies. */
export interface SegmentIndex {
  /** Length of the frame. */
  readonly bytes: number;
  /** Number of its blocks; every page but the last has 64 of them. */
  readonly blocks: number;
  /** In the order of the blocks. */
  readonly pages: readonly SegmentPage[];
}

/** Consecutive rows of a symbol in files of their own, which never change. */
export interface Segment {
  /**
   * Relative to the dataset, with `/`: a frame when it ends in `.atc`, frames of many segments one after the other when
   * `byteLength` is there, else a directory of .npy files.
   */
  readonly path: string;
  /** Where the frame of this segment begins in a file of many, in bytes. */
  readonly offset?: number;
  /** How long that frame is, in bytes. */
  readonly byteLength?: number;
  /**
   * First row of those files that counts, left out for 0: an upsert may have replaced rows before it, or after the
   * last.
   */
  readonly start?: number;
  /** Rows that count, from `start` on. */
  readonly rows: number;
  /** Timestamps of its first and last row, UTC ms. */
  readonly firstMs: number;
  /** Inclusive: the timestamp of the last row itself. */
  readonly lastMs: number;
  /**
   * The distance of neighbouring timestamps where the writer has found all of them alike: a row is found by division.
   */
  readonly stepMs?: number;
  /**
   * Binds the files to this location: of a frame its index checksum, which stands for every chunk; of a directory of
   * .npy files the checksum of its `blocks.crc`, which holds one for every block of every column. Left out by version
   * 1.
   */
  readonly check?: number;
  /** Of frames; left out by version 1. */
  readonly index?: SegmentIndex;
  /** CRC-32C over the elements of each column (rows `start` to `start + rows`), in the order of the columns. */
  readonly crc32c: readonly number[];
}

/** Half-open, UTC ms. */
export type TimeSpan = readonly [fromMs: number, toMs: number];

/** What the catalogue knows of a symbol, without opening its files. */
export interface SymbolEntry {
  /** As the source spells it. */
  readonly symbol: string;
  /** Candles in all segments. */
  readonly rows: number;
  /** Timestamps of the first and the last candle, UTC ms. */
  readonly firstMs: number;
  /** Inclusive: the timestamp of the last candle itself. */
  readonly lastMs: number;
  /** The same in every segment of the symbol. */
  readonly columns: readonly ColumnSchema[];
  /** In time order; their rows add up to `rows`. */
  readonly segments: readonly Segment[];
  /** Where the source is known to have no candles; ascending, apart from each other. */
  readonly empty?: readonly TimeSpan[];
}

/** Where the index checksum of a frame is, in bytes before its end. */
export const FRAME_CHECK_FROM_END = 8;

export function isFrameSegment({ path, byteLength }: Pick<Segment, 'path' | 'byteLength'>): boolean {
  return byteLength !== undefined || path.endsWith('.atc');
}

/** Why a value is no entry of a catalogue; undefined for one that is. */
export function entryProblem(entry: unknown): string | undefined {
  if (!isRecord(entry)) return 'not an object';
  const { symbol, rows, firstMs, lastMs, columns, segments, empty = [] } = entry;
  if (typeof symbol !== 'string') return 'its name is missing';
  if (!isCount(rows)) return '"rows" is not a count';
  if (!isNumber(firstMs) || !isNumber(lastMs)) return '"firstMs" or "lastMs" is not a number';
  if (!Array.isArray(columns) || columns.length === 0) return '"columns" is empty';
  for (const column of columns) {
    if (!isRecord(column) || typeof column.name !== 'string' || !isDtype(column.dtype))
      return 'a column is not understood';
  }
  if (!columns.some(({ name }) => name === 'timestamp')) return 'it has no column "timestamp"';
  if (!Array.isArray(segments)) return '"segments" is not a list';
  let sum = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const segment of segments) {
    const problem = isRecord(segment) ? segmentProblem(segment, columns.length) : 'a segment is not an object';
    if (problem !== undefined) return problem;
    if (!(segment.firstMs > last)) return `the segment ${segment.path} begins before the one before it ends`;
    last = segment.lastMs;
    sum += segment.rows;
  }
  if (!Array.isArray(empty) || !empty.every((span) => Array.isArray(span) && span.length === 2 && span.every(isNumber)))
    return '"empty" is not a list of spans';
  return sum === rows ? undefined : `its segments hold ${sum} rows, not ${rows}`;
}

function segmentProblem(segment: Record<string, unknown>, columns: number): string | undefined {
  const {
    path: relative,
    start = 0,
    offset,
    byteLength,
    rows,
    firstMs,
    lastMs,
    stepMs = 1,
    check = 0,
    crc32c: checksums,
  } = segment;
  if (typeof relative !== 'string' || !isCount(rows) || rows === 0 || !isCount(start))
    return 'a segment is not understood';
  if (!isInside(relative)) return `the segment path "${relative}" leaves the dataset`;
  if (offset === undefined ? byteLength !== undefined : !isCount(offset) || !isCount(byteLength) || byteLength === 0)
    return `where ${relative} holds the segment is not understood`;
  if (!isNumber(firstMs) || !isNumber(lastMs) || firstMs > lastMs) return `the times of ${relative} are not understood`;
  if (!isNumber(stepMs) || stepMs <= 0) return `the step of ${relative} is not understood`;
  if (!isCount(check)) return `the checksum of ${relative} is not understood`;
  if (segment.index !== undefined && !isIndex(segment.index)) return `the index of ${relative} is not understood`;
  if (!Array.isArray(checksums) || checksums.length !== columns || !checksums.every(isCount))
    return `checksums of ${relative} are missing`;
  return undefined;
}

/** Whether it can be the index of a frame: its pages lie one after the other before the footer. */
export function isIndex(value: unknown): value is SegmentIndex {
  if (!isRecord(value) || !isCount(value.bytes) || !isCount(value.blocks) || !Array.isArray(value.pages)) return false;
  const { bytes, blocks } = value;
  const pages = value.pages as unknown[];
  if (blocks === 0 || pages.length !== Math.ceil(blocks / PAGE_BLOCKS)) return false;
  return pages.every((page, k) => {
    if (!Array.isArray(page) || page.length !== 5 || !page.every(isNumber)) return false;
    const [offset, row, chunk, , checksum] = page as number[];
    if (![offset, row, chunk, checksum].every(isCount)) return false;
    const [end, nextRow, nextChunk] = (pages[k + 1] as number[] | undefined) ?? [
      bytes - FOOTER_BYTES + 1,
      Infinity,
      bytes,
    ];
    return offset < end && row < nextRow && chunk < nextChunk && (k > 0 || row === 0);
  });
}

/** A catalogue may come from anywhere: its paths must not reach outside the dataset. */
export function isInside(relative: string): boolean {
  return (
    relative !== '' &&
    !path.posix.isAbsolute(relative) &&
    !/^[a-z]:|\\|\0/i.test(relative) &&
    !relative.split('/').some((part) => part === '' || part === '.' || part === '..')
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
