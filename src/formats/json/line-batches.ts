/** One value of JSON a line (NDJSON, JSON Lines) -> batches, in bounded memory. */
import type { RowBatch } from '../batch.js';
import { CHUNK_BYTES, WholeLines } from '../csv/whole-lines.js';
import { fileDamage } from '../damage.js';
import type { SourceFile } from '../format.js';
import { parseJson } from './json-text.js';
import type { RecordStream } from './record-stream.js';

const MAX_LINE_BYTES = 64 << 20;

export async function* lineBatches(file: SourceFile, stream: RecordStream): AsyncGenerator<RowBatch> {
  const reader = new LineReader(stream);
  const lines = new WholeLines();
  for await (const bytes of file.bytes()) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const whole = lines.add(bytes.subarray(at, at + CHUNK_BYTES));
      if (whole !== undefined) yield* reader.read(whole);
      if (lines.length > MAX_LINE_BYTES) {
        throw fileDamage({ path: file.path, line: reader.line }, `the line is longer than ${MAX_LINE_BYTES} bytes`);
      }
    }
  }
  const rest = lines.rest();
  if (rest.length > 0) yield* reader.read(rest);
}

class LineReader {
  readonly #stream: RecordStream;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** The line that is read next. */
  line = 1;

  constructor(stream: RecordStream) {
    this.#stream = stream;
  }

  *read(bytes: Uint8Array): Generator<RowBatch> {
    const written = this.#stream.written(bytes, 0, bytes.length, this.line);
    if (written !== undefined) {
      this.line = written.next;
      if (written.batch !== undefined) yield written.batch;
    }
    const at = written?.at ?? 0;
    if (at >= bytes.length) return;
    const text = this.#decode(bytes.subarray(at));
    const isWhole = text.endsWith('\n');
    const records = parseLines(isWhole ? text.slice(0, -1) : text, this.line, this.#stream.path);
    yield* this.#stream.batches(records, this.line);
    this.line += isWhole ? records.length : records.length - 1;
    this.#stream.learn(bytes, at);
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      const what = 'the file is not UTF-8 text; say its encoding (--encoding)';
      throw fileDamage({ path: this.#stream.path }, what, cause);
    }
  }
}

/**
 * A value for each line, null for an empty one. All at once; only when that fails, one by one, to name the wrong one.
 */
function parseLines(text: string, first: number, path: string): unknown[] {
  const body = text.replace(/\r/g, '');
  try {
    const records = parseJson(`[${body.replace(/\n/g, ',')}]`) as unknown[];
    // Several values in a line would shift the lines of those behind it.
    if (records.length === countLines(body)) return records;
  } catch {
    // One of them is wrong, or empty.
  }
  return body.split('\n').map((one, k) => {
    if (one.trim() === '') return null;
    try {
      return parseJson(one);
    } catch (cause) {
      throw fileDamage({ path, line: first + k }, `the line is not JSON: ${(cause as Error).message}`, cause);
    }
  });
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
