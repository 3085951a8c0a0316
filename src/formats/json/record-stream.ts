/** Records of a stream -> batches: by the template of the records before where that fits, else by JSON.parse. */
import type { RowBatch } from '../batch.js';
import type { ReadContext, SourceFile } from '../format.js';
import { tablesOf } from './json-tables.js';
import { RecordReader } from './record-reader.js';
import { templateOf } from './record-template.js';
import { isRecord, tablesIn } from './tables-in.js';
import { TemplateParser, type TemplateRows } from './template-parser.js';

export class RecordStream {
  readonly #file: SourceFile;
  readonly #context: ReadContext;
  readonly #reader: RecordReader;
  readonly #unit: 'line' | 'JSON row';
  #parser: TemplateParser | undefined;
  /** Each record is a document with tables of its own. */
  #isNested: boolean | undefined;

  constructor(file: SourceFile, context: ReadContext, unit: 'line' | 'JSON row') {
    this.#file = file;
    this.#context = context;
    this.#unit = unit;
    this.#reader = new RecordReader(file, context, unit);
  }

  get path(): string {
    return this.#file.path;
  }

  /** Parsed records; `first` is the line or the number of the first. */
  *batches(records: readonly unknown[], first: number): Generator<RowBatch> {
    const sample = records.find((one) => one !== null);
    // An array of answers, such as one for each request: each is a document.
    this.#isNested ??= sample !== undefined && !isRecord(sample) && tablesOf(sample).length > 0;
    if (this.#isNested) {
      for (const record of records) yield* tablesIn(this.#file, this.#context, record);
      return;
    }
    const batch = this.#reader.read(records, first);
    if (batch !== undefined) yield batch;
  }

  /** The records of [from, end) that are written like the one before; undefined where there is no such record yet. */
  written(bytes: Uint8Array, from: number, end: number, first: number): TemplateRows | undefined {
    return this.#parser?.parse(bytes, from, end, first);
  }

  /** Takes the record at `at`, which has been read, for the template of those that follow. */
  learn(bytes: Uint8Array, at: number): void {
    const { table } = this.#reader;
    this.#parser = undefined;
    if (table === undefined) return;
    let start = at;
    while (bytes[start] <= 32) start += 1;
    const template = templateOf(bytes, start);
    if (template === undefined || !this.#reader.fits(template)) return;
    const cellOf = (path: readonly string[]) => this.#reader.cellOf(path);
    const parser = new TemplateParser(table, template, cellOf, this.#unit === 'line');
    if (parser.isComplete) this.#parser = parser;
  }
}
