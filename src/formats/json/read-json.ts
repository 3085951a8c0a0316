/** JSON: an array of records and one record a line are streams; any other document is read whole. */
import type { RowBatch } from '../batch.js';
import { fileDamage } from '../damage.js';
import type { FormatReader, ReadContext, SourceFile } from '../format.js';
import { presetNamed } from '../presets.js';
import { arrayRecords, lineRecords, type RecordChunk } from './json-records.js';
import { isCandle, tablesOf } from './json-tables.js';
import { parseJson } from './json-text.js';
import { RecordReader } from './record-reader.js';

/** Documents that are neither an array nor lines are held in memory. */
const MAX_DOCUMENT_BYTES = 128 << 20;

export const readJson: FormatReader = async function* (file, context) {
  const head = new TextDecoder().decode(file.head).replace(/^[\ufeff\s]+/, '');
  const isLines = isLineFile(head);
  let rows = 0;
  const batches = isLines
    ? streamed(file, context, lineRecords(file), 'line')
    : head.startsWith('[')
      ? streamed(file, context, arrayRecords(file), 'row')
      : readDocument(file, context);
  for await (const batch of batches) {
    rows += batch.rows;
    yield batch;
  }
  if (rows === 0) throw fileDamage({ path: file.path }, 'the file has no candles');
};

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

async function* streamed(
  file: SourceFile,
  context: ReadContext,
  chunks: AsyncIterable<RecordChunk>,
  unit: 'line' | 'row',
): AsyncGenerator<RowBatch> {
  const reader = new RecordReader(file, context, unit);
  let isNested: boolean | undefined;
  for await (const { records, first } of chunks) {
    const sample = records.find((one) => one !== null);
    // An array of answers, such as one for each request: each is a document.
    isNested ??= sample !== undefined && !isRecord(sample) && tablesOf(sample).length > 0;
    if (isNested) {
      for (const record of records) yield* tables(file, context, record);
      continue;
    }
    const batch = reader.read(records, first);
    if (batch !== undefined) yield batch;
  }
}

/** A tuple, or an object with a price or a time among its own values. */
function isRecord(value: unknown): boolean {
  if (Array.isArray(value)) return !Array.isArray(value[0]) && !(typeof value[0] === 'object' && value[0] !== null);
  if (typeof value !== 'object' || value === null) return true;
  return isCandle(value as Record<string, unknown>) || tablesOf(value).length === 0;
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
        `a JSON document longer than ${MAX_DOCUMENT_BYTES >> 20} MiB is not read; write its rows as an array or one a line (NDJSON)`,
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
  yield* tables(file, context, document);
}

function* tables(file: SourceFile, context: ReadContext, document: unknown): Generator<RowBatch> {
  const found = tablesOf(document);
  if (found.length === 0) throw fileDamage({ path: file.path }, noTable(document));
  for (const { rows, titles, symbol, preset } of found) {
    const own: ReadContext = {
      ...context,
      preset: context.preset ?? (preset === undefined ? undefined : presetNamed(preset)),
      symbol: context.options.symbol ?? symbol ?? context.symbol,
    };
    const batch = new RecordReader(file, own, 'row', titles).read(rows, 1);
    context.preset ??= own.preset;
    if (batch !== undefined) yield batch;
  }
}

/** An answer without rows usually says why. */
function noTable(document: unknown): string {
  const { error, msg, message, retMsg } = (document ?? {}) as Record<string, unknown>;
  const said = [error, msg, message, retMsg].find((one) =>
    Array.isArray(one) ? one.length > 0 : one !== undefined && one !== '',
  );
  const keys =
    typeof document === 'object' && document !== null ? Object.keys(document).slice(0, 8).join(', ') : String(document);
  return said === undefined
    ? `no rows of candles are found in it (keys: ${keys})`
    : `it holds no candles but the answer ${JSON.stringify(said).slice(0, 120)}`;
}
