/** Writes what runs.ts reads. */
import { bytesOf, type TypedArray } from '../../dtype.js';
import { ChunkWriter } from './chunk-writer.js';
import { CHUNK_CONSTANT, CHUNK_RUNS } from './wire.js';

function startsRun(bytes: Uint8Array, size: number, i: number): boolean {
  for (let k = i * size; k < (i + 1) * size; k++) if (bytes[k] !== bytes[k - size]) return true;
  return false;
}

/** A constant or run-length chunk, or undefined where there are more than `limit` runs. */
export function encodeRuns(values: TypedArray, limit: number): Uint8Array | undefined {
  const size = values.BYTES_PER_ELEMENT;
  const bytes = bytesOf(values);
  const starts: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (i > 0 && !startsRun(bytes, size, i)) continue;
    starts.push(i);
    if (starts.length > Math.max(limit, 1)) return undefined;
  }
  const writer = new ChunkWriter();
  if (starts.length === 1) {
    writer.byte(CHUNK_CONSTANT);
    writer.bytes(bytes.subarray(0, size));
    return writer.finish();
  }
  writer.byte(CHUNK_RUNS);
  writer.unsigned(starts.length);
  for (const i of starts) writer.bytes(bytes.subarray(i * size, (i + 1) * size));
  starts.push(values.length);
  for (let k = 1; k < starts.length; k++) writer.unsigned(starts[k] - starts[k - 1]);
  return writer.finish();
}
