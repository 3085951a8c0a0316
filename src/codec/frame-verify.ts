/** Checks everything there is to check in a frame: every checksum, every chunk decoded, the time spans of the index. */
import { createArray, type TypedArray } from '../dtype.js';
import { corrupt } from './corrupt.js';
import { crc32c } from './crc32c.js';
import { readExactly, TIMESTAMP } from './frame-format.js';
import { FrameReader } from './frame-reader.js';
import type { FrameSource } from './frame-source.js';
import { codecOf } from './registry.js';
import { timeSpan } from './time-span.js';

export interface FrameReport {
  readonly rows: number;
  readonly blocks: number;
  readonly byteLength: number;
  /** What the frame decodes to. */
  readonly decodedBytes: number;
  /** Chunks per codec name. */
  readonly codecs: Readonly<Record<string, number>>;
}

const STEP_BYTES = 1 << 20;

/**
 * Walks a whole frame; memory stays at one block. Throws CORRUPT at the first damage, FORMAT_VERSION for a later
 * version.
 */
export function verifyFrame(source: FrameSource): FrameReport {
  const steps = verifyFrameSteps(source);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of some milliseconds, for a caller that has other work in between. */
export function* verifyFrameSteps(source: FrameSource): Generator<void, FrameReport> {
  const frame = new FrameReader(source);
  yield* verifyContent(source, frame.index.offset, frame.index.contentChecksum);
  const columns = frame.columns.map((_, i) => i);
  let largest = 0;
  for (let block = 0; block < frame.blocks; block++) largest = Math.max(largest, frame.rowsOf(block));
  const out = frame.columns.map(({ dtype }) => createArray(dtype, largest));
  const timeColumn = frame.columns.findIndex(({ name }) => name === TIMESTAMP);
  let latest: number | bigint = Number.NEGATIVE_INFINITY;
  for (let block = 0; block < frame.blocks; block++) {
    const rows = frame.decodeBlock(block, columns, out);
    if (timeColumn >= 0) latest = verifyTimeSpan(frame, block, out[timeColumn].subarray(0, rows), latest);
    yield;
  }
  return {
    rows: frame.rows,
    blocks: frame.blocks,
    byteLength: source.byteLength,
    decodedBytes: frame.decodedBytes(columns),
    codecs: countCodecs(frame.index.wireIds),
  };
}

function* verifyContent(source: FrameSource, length: number, expected: number): Generator<void> {
  let checksum = 0;
  for (let at = 0; at < length; at += STEP_BYTES) {
    checksum = crc32c(readExactly(source, at, Math.min(STEP_BYTES, length - at)), checksum);
    yield;
  }
  if (checksum !== expected) throw corrupt('content does not match its checksum', 0, source.path);
}

function verifyTimeSpan(
  frame: FrameReader,
  block: number,
  timestamps: TypedArray,
  latest: number | bigint,
): number | bigint {
  const { minTimestamps, maxTimestamps, ascending, offset } = frame.index;
  const span = timeSpan(timestamps);
  const same = Object.is(span.min, minTimestamps?.[block]) && Object.is(span.max, maxTimestamps?.[block]);
  if (!same || (ascending && !(span.ascending && span.min >= latest))) {
    throw corrupt(`timestamps of block ${block} differ from the index`, offset, frame.source.path);
  }
  return span.max;
}

function countCodecs(wireIds: Uint16Array): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const wireId of wireIds) {
    const name = codecOf(wireId)?.name ?? String(wireId);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
