/** Arrow IPC (stream or file, which is also Feather version 2) -> batches of columns, a record batch at a time. */
import type { RecordBatch } from 'apache-arrow';
import { AtcError, isAtcError } from '../../errors.js';
import { ByteQueue } from '../byte-queue.js';
import type { CellBatch } from '../cell-column.js';
import { decodeLz4Frame } from '../lz4-frame.js';
import { loadOptional } from '../optional-package.js';
import { loadZstd } from '../zstd.js';
import { arrowColumns } from './columns.js';
import { arrowMessages, beginsWithSchema } from './messages.js';

const FILE_MAGIC = 'ARROW1';
/** The magic word and two bytes of padding: the same stream of messages follows in a file. */
const FILE_MAGIC_BYTES = 8;
const FEATHER_1 = 'FEA1';
/** Bytes of one buffer that compressed bodies may claim. */
const MAX_BUFFER_BYTES = 1 << 30;
/** A file that has to be read whole. */
const MAX_WHOLE_BYTES = 1 << 30;

/** Loads apache-arrow, with decoders for compressed bodies; UNSUPPORTED when it is not installed. */
export async function loadArrow(): Promise<typeof import('apache-arrow')> {
  const arrow = await loadOptional('Arrow', ['apache-arrow'], () => import('apache-arrow'));
  const { compressionRegistry, CompressionType } = arrow;
  // Decoders of the application's own stay.
  if (compressionRegistry.get(CompressionType.LZ4_FRAME)?.decode === undefined) {
    const { encode } = compressionRegistry.get(CompressionType.LZ4_FRAME) ?? {};
    compressionRegistry.set(CompressionType.LZ4_FRAME, {
      encode,
      decode: (frame) => decodeLz4Frame(frame, MAX_BUFFER_BYTES),
    });
  }
  if (compressionRegistry.get(CompressionType.ZSTD)?.decode === undefined) {
    const { encode } = compressionRegistry.get(CompressionType.ZSTD) ?? {};
    const zstd = await loadZstd();
    compressionRegistry.set(CompressionType.ZSTD, { encode, decode: (frame) => zstd(frame, MAX_BUFFER_BYTES) });
  }
  return arrow;
}

/**
 * Columns of every record batch. UNSUPPORTED for a missing package, nested columns and Feather version 1; CORRUPT, with
 * the path, for damage and for numbers that no double holds.
 */
export async function* readArrow(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<CellBatch> {
  const queue = new ByteQueue(bytes);
  try {
    const head = await queue.peek(FILE_MAGIC_BYTES);
    const text = String.fromCharCode(...head.subarray(0, 6));
    if (text.startsWith(FEATHER_1)) {
      throw new AtcError(
        'UNSUPPORTED',
        `${path} is Feather version 1; write it again with a newer library (pandas 1.0 or later: to_feather)`,
        { path, offset: 0 },
      );
    }
    const { RecordBatchReader } = await loadArrow();
    const isFile = text === FILE_MAGIC;
    if (isFile) await queue.take(FILE_MAGIC_BYTES);
    const reader =
      isFile && !(await beginsWithSchema(queue))
        ? RecordBatchReader.from(await wholeFile(queue, head.slice(), path))
        : await RecordBatchReader.from(arrowMessages(queue, path, isFile));
    let firstRow = 0;
    // Messages are read one at a time, so that a batch is all that is held.
    for await (const batch of reader as AsyncIterable<RecordBatch>) {
      const columns = arrowColumns(batch, { path, firstRow });
      const short = columns.find(({ values }) => values.length !== batch.numRows);
      if (short !== undefined)
        throw new Error(`column "${short.title}" has ${short.values.length} of ${batch.numRows} rows`);
      yield { firstRow, rows: batch.numRows, columns };
      firstRow += batch.numRows;
    }
  } catch (cause) {
    if (isAtcError(cause)) throw cause.path === undefined ? located(cause, path) : cause;
    throw new AtcError('CORRUPT', `${path} is not a whole Arrow file: ${(cause as Error).message}`, { path, cause });
  } finally {
    await queue.close();
  }
}

/** Titles of the columns, of the schema alone; undefined where that stands at the end of the file. */
export async function arrowTitles(bytes: AsyncIterable<Uint8Array>, path: string): Promise<string[] | undefined> {
  const queue = new ByteQueue(bytes);
  try {
    const isFile = String.fromCharCode(...(await queue.peek(FILE_MAGIC_BYTES)).subarray(0, 6)) === FILE_MAGIC;
    if (isFile) await queue.take(FILE_MAGIC_BYTES);
    if (!(await beginsWithSchema(queue))) return undefined;
    const { RecordBatchReader } = await loadArrow();
    const reader = await RecordBatchReader.from(arrowMessages(queue, path, isFile));
    return (await reader.open()).schema.fields.map(({ name }) => name);
  } finally {
    await queue.close();
  }
}

function located(error: AtcError, path: string): AtcError {
  return new AtcError(error.code, `${path}: ${error.message}`, { path, offset: error.offset, cause: error });
}

/** arrow-js writes the schema of a file into its footer only. Such a file is read whole. */
async function wholeFile(queue: ByteQueue, head: Uint8Array, path: string): Promise<Uint8Array> {
  const parts = [head];
  let length = head.length;
  for await (const bytes of queue.rest()) {
    length += bytes.length;
    if (length > MAX_WHOLE_BYTES) {
      throw new AtcError(
        'UNSUPPORTED',
        `${path} has its schema only at its end, and more than ${MAX_WHOLE_BYTES} bytes; write it as a stream`,
        { path },
      );
    }
    parts.push(bytes.slice());
  }
  return Buffer.concat(parts, length);
}
