/** The elements of the array that a file of JSON is -> batches, in bounded memory. */
import type { RowBatch } from '../batch.js';
import { fileDamage } from '../damage.js';
import type { SourceFile } from '../format.js';
import { ArrayCutter } from './array-cutter.js';
import { parseJson } from './json-text.js';
import type { RecordStream } from './record-stream.js';

/** Bytes read at a time; a record may be longer, up to the limit. */
const CHUNK_BYTES = 1 << 18;
const MAX_RECORD_BYTES = 64 << 20;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;

/** CORRUPT with the number of the element for what is no JSON. */
export async function* arrayBatches(file: SourceFile, stream: RecordStream): AsyncGenerator<RowBatch> {
  const reader = new ArrayReader(stream);
  for await (const bytes of file.bytes()) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      reader.add(bytes.subarray(at, at + CHUNK_BYTES));
      yield* reader.read();
    }
  }
  yield* reader.end();
}

class ArrayReader {
  readonly #stream: RecordStream;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #cutter = new ArrayCutter();
  /** Bytes [#from, #end) wait; they begin where a record does, once the array is open. */
  #buffer = new Uint8Array(2 * CHUNK_BYTES);
  #from = 0;
  #end = 0;
  #isOpen = false;
  /** Number of the next record. */
  #next = 1;

  constructor(stream: RecordStream) {
    this.#stream = stream;
  }

  add(chunk: Uint8Array): void {
    const waiting = this.#end - this.#from;
    // One byte more: a control character that ends every search.
    if (waiting + chunk.length + 1 > this.#buffer.length) {
      const larger = new Uint8Array(2 * (waiting + chunk.length + 1));
      larger.set(this.#buffer.subarray(this.#from, this.#end));
      this.#buffer = larger;
    } else this.#buffer.copyWithin(0, this.#from, this.#end);
    this.#buffer.set(chunk, waiting);
    this.#from = 0;
    this.#end = waiting + chunk.length;
    this.#buffer[this.#end] = 0;
  }

  *read(): Generator<RowBatch> {
    if (!this.#isOpen && !this.#open()) return;
    for (;;) {
      const written = this.#stream.written(this.#buffer, this.#from, this.#end, this.#next);
      if (written !== undefined) {
        if (written.at > this.#from) this.#cutter.restart();
        this.#from = written.at;
        this.#next = written.next;
        if (written.batch !== undefined) yield written.batch;
        if (this.#buffer[this.#from] === CLOSE_ARRAY && this.#end - this.#from < CHUNK_BYTES) return;
        // The rest of a record that is longer than what is read at a time is no matter of templates.
        if (written.isCut && this.#end - this.#from < CHUNK_BYTES) return;
      }
      const cut = this.#cutter.lastComma(this.#buffer, this.#from, this.#end);
      if (cut < 0) {
        if (this.#end - this.#from <= MAX_RECORD_BYTES) return;
        const what = `a record is longer than ${MAX_RECORD_BYTES} bytes; write one record a line (NDJSON)`;
        throw fileDamage({ path: this.#stream.path }, what);
      }
      const at = this.#from;
      yield* this.#parsed(this.#decode(this.#buffer.subarray(at, cut)));
      this.#stream.learn(this.#buffer, at);
      this.#from = cut + 1;
      this.#cutter.restart();
    }
  }

  *end(): Generator<RowBatch> {
    yield* this.read();
    this.#cutter.lastComma(this.#buffer, this.#from, this.#end);
    const path = this.#stream.path;
    if (!this.#isOpen || this.#cutter.closedAt < 0) {
      const what = 'the file ends inside its array: it was cut short; download or write it again';
      throw fileDamage({ path, line: this.#next, unit: 'JSON row' }, what);
    }
    if (this.#cutter.isFollowed) throw fileDamage({ path }, 'there is something behind the end of the array');
    const text = this.#decode(this.#buffer.subarray(this.#from, this.#cutter.closedAt));
    if (text.trim() !== '') yield* this.#parsed(text);
  }

  /** Passes a mark, white space and the bracket. */
  #open(): boolean {
    const bytes = this.#buffer;
    let at = this.#from;
    if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
    while (bytes[at] <= 32 && at < this.#end) at += 1;
    if (bytes[at] !== OPEN_ARRAY) return false;
    this.#from = at + 1;
    this.#isOpen = true;
    return true;
  }

  *#parsed(text: string): Generator<RowBatch> {
    const first = this.#next;
    let records: unknown[];
    try {
      records = parseJson(`[${text}]`) as unknown[];
    } catch (cause) {
      const what = `this record or one soon after it is not JSON: ${(cause as Error).message}`;
      throw fileDamage({ path: this.#stream.path, line: first, unit: 'JSON row' }, what, cause);
    }
    this.#next += records.length;
    yield* this.#stream.batches(records, first);
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
