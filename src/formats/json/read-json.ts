/** JSON: an array of records and one record a line are streams; any other document is read whole. */
import type { RowBatch } from '../batch.js';
import { HEAD_BYTES } from '../containers.js';
import { fileDamage } from '../damage.js';
import type { FormatReader, ReadContext, SourceFile } from '../format.js';
import { arrayBatches } from './array-batches.js';
import { JsonShapeProblem } from './json-shape.js';
import { parseJson } from './json-text.js';
import { lineBatches } from './line-batches.js';
import { RecordStream } from './record-stream.js';
import { tablesIn } from './tables-in.js';

/** Documents that are neither an array nor lines are held in memory. */
const MAX_DOCUMENT_BYTES = 128 << 20;

const MIXED_KINDS =
  'its rows are not all of one kind: an object or a list where a number or a text is due, or one missing';

export const readJson: FormatReader = async function* (file, context) {
  const head = new TextDecoder().decode(file.head).replace(/^[\ufeff\s]+/, '');
  const isLines = isLineFile(head);
  let rows = 0;
  const started = { ...file, bytes: () => withHead(file.bytes()) };
  const batches = isLines
    ? lineBatches(started, new RecordStream(file, context, 'line'))
    : head.startsWith('[')
      ? arrayBatches(started, new RecordStream(file, context, 'JSON row'))
      : readDocument(file, context);
  try {
    for await (const batch of batches) {
      rows += batch.rows;
      yield batch;
    }
  } catch (cause) {
    if (cause instanceof JsonShapeProblem) throw fileDamage({ path: file.path }, cause.message, cause);
    // Values of other kinds than a table of candles has: what could not be done with them is no help to anybody.
    if (cause instanceof TypeError) throw fileDamage({ path: file.path }, MIXED_KINDS, cause);
    throw cause;
  }
  if (rows === 0) throw fileDamage({ path: file.path }, 'the file has no candles');
};

/** The columns are planned from the first chunk: it is as long as a head, however the bytes come. */
async function* withHead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    if (length >= HEAD_BYTES) {
      yield chunk;
      continue;
    }
    parts.push(chunk.slice());
    length += chunk.length;
    if (length >= HEAD_BYTES) yield Buffer.concat(parts.splice(0), length);
  }
  if (length < HEAD_BYTES) yield Buffer.concat(parts, length);
}

/** The first line is a value of its own, and another one follows, or nothing. */
function isLineFile(head: string): boolean {
  const end = head.indexOf('\n');
  if (end < 0) return false;
  const next = head.slice(end + 1).trimStart();
  const line = head.slice(0, end).trim();
  if (next === '' || (next[0] !== '{' && next[0] !== '[') || /[,[{]$/.test(line)) return false;
  try {
    parseJson(line);
    return true;
  } catch {
    // A first line that is damaged, before lines that are records: named as such by the reader of lines.
    return /^\{.*\}$/.test(line) || (line.startsWith('{') && next.startsWith('{'));
  }
}

async function* readDocument(file: SourceFile, context: ReadContext): AsyncGenerator<RowBatch> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of file.bytes()) {
    parts.push(bytes.slice());
    length += bytes.length;
    if (length > MAX_DOCUMENT_BYTES) {
      throw fileDamage(
        { path: file.path },
        `a JSON document longer than ${MAX_DOCUMENT_BYTES >> 20} MiB is not read; write its rows as an array or one ` +
          'a line (NDJSON)',
      );
    }
  }
  const text = new TextDecoder().decode(Buffer.concat(parts, length));
  let document: unknown;
  try {
    document = parseJson(text);
  } catch (cause) {
    throw fileDamage({ path: file.path }, `it is not whole JSON: ${(cause as Error).message}`, cause);
  }
  yield* tablesIn(file, context, document);
}
