/** Records of JSON, objects or tuples -> batches, through the one reader of tables. */
import type { RowBatch } from '../batch.js';
import { fileDamage, optionNeeded } from '../damage.js';
import type { ReadContext, SourceFile } from '../format.js';
import { presetNamed, recogniseHeader, suggestPreset } from '../presets.js';
import { shapeOfTable, TableReader, textOf } from '../table/table-reader.js';
import { keyOf } from '../table/title-key.js';
import { titlesOfTuple } from './answers.js';
import type { RecordTemplate } from './record-template.js';

/** Records from which the columns are planned. */
const SAMPLE_ROWS = 200;

export class RecordReader {
  readonly #file: SourceFile;
  readonly #context: ReadContext;
  readonly #unit: 'line' | 'JSON row';
  #table: TableReader | undefined;
  /** Paths of the cells of an object; undefined for tuples. */
  #paths: readonly (readonly string[])[] | undefined;
  #width = 0;
  readonly #titles: readonly string[] | undefined;

  /** `titles`: of tuples, where the document names them. */
  constructor(file: SourceFile, context: ReadContext, unit: 'line' | 'JSON row', titles?: readonly string[]) {
    this.#titles = titles;

    this.#file = file;
    this.#context = context;
    this.#unit = unit;
  }

  /** `first`: line or number of the first record. Empty lines (null) are skipped. */
  read(given: readonly unknown[], first: number): RowBatch | undefined {
    const rows: unknown[] = [];
    const lines: number[] = [];
    given.forEach((record, k) => {
      if (record === null || record === undefined) return;
      rows.push(record);
      lines.push(first + k);
    });
    if (rows.length === 0) return undefined;
    this.#table ??= this.#plan(rows, lines[0]);
    const paths = this.#paths;
    const cells = rows.map((record, row) =>
      paths === undefined ? this.#tuple(record, lines[row]) : this.#object(record, paths, lines[row]),
    );
    return this.#table.read({
      rows: rows.length,
      cell: (row, at) => cells[row][at],
      lineOf: (row) => lines[row],
    });
  }

  /** What reads its rows, once the first ones are known. */
  get table(): TableReader | undefined {
    return this.#table;
  }

  /** The cell of a row that the value at a path is; -1 for none. Of a tuple the path is the index. */
  cellOf(path: readonly string[]): number {
    if (this.#paths === undefined) return Number(path[0]);
    return this.#paths.findIndex((own) => own.length === path.length && own.every((name, k) => name === path[k]));
  }

  /** Whether a record with these paths is what the rows are made of. */
  fits({ isTuple, paths }: RecordTemplate): boolean {
    return isTuple === (this.#paths === undefined) && (!isTuple || paths.length === this.#width);
  }

  #plan(rows: readonly unknown[], line: number): TableReader {
    const sample = rows.slice(0, SAMPLE_ROWS);
    const isTuple = Array.isArray(sample[0]);
    const titles = isTuple ? this.#titlesOfTuple(sample as unknown[][], line) : this.#titlesOfObjects(sample, line);
    const text = sample.map((record) => this.#sampleCells(record).map(textOf));
    const shape = shapeOfTable(this.#file, this.#context, titles, text, {
      line: this.#unit === 'line' ? line : undefined,
      unit: this.#unit,
      isNamed: isTuple,
    });
    return new TableReader(this.#file, this.#context, shape);
  }

  #sampleCells(record: unknown): readonly unknown[] {
    if (this.#paths === undefined) return record as unknown[];
    return this.#paths.map((path) => valueAt(record, path));
  }

  #titlesOfTuple(sample: readonly (readonly unknown[])[], line: number): readonly string[] {
    const [tuple] = sample;
    const { options, facts } = this.#context;
    this.#width = tuple.length;
    const given =
      typeof options.columns === 'string' ? options.columns.split(',').map((name) => name.trim()) : options.columns;
    const isOpen = given === undefined && this.#titles === undefined && this.#context.preset === undefined;
    const own = isOpen ? titlesOfTuple(tuple) : undefined;
    if (own?.preset !== undefined) this.#context.preset = presetNamed(own.preset);
    const fits = (names: readonly string[]) => names.length === tuple.length;
    const named = given ?? this.#titles ?? own?.titles ?? facts.columns ?? this.#context.preset?.columns?.find(fits);
    if (named !== undefined && this.#titles !== undefined && given === undefined)
      recogniseHeader(this.#context, named.map(keyOf), named);
    if (named !== undefined && fits(named)) {
      if (this.#context.preset !== undefined) this.#context.found.title = this.#context.preset.title;
      return named;
    }
    const shown = JSON.stringify(tuple).slice(0, 80);
    const hint = suggestPreset(sample.filter(({ length }) => length === tuple.length).map((one) => one.map(textOf)));
    const help =
      `name the ${tuple.length} columns in order with --columns (such as --columns ` +
      'timestamp,open,high,low,close,volume)';
    const what = `nothing says what the cells of ${shown} are; ${hint === undefined ? '' : `${hint}; or `}${help}`;
    throw optionNeeded({ path: this.#file.path, line, unit: this.#unit }, what);
  }

  #titlesOfObjects(sample: readonly unknown[], line: number): readonly string[] {
    const found = new Map<string, readonly string[]>();
    for (const record of sample) {
      if (typeof record !== 'object' || record === null || Array.isArray(record)) throw this.#noRecord(record, line);
      for (const path of pathsOf(record as Record<string, unknown>)) found.set(path.join('.'), path);
    }
    this.#paths = [...found.values()];
    const last = this.#paths.map((path) => path[path.length - 1]);
    // The last part of a nested name is enough where it is the only one.
    const titles = this.#paths.map((path, k) =>
      last.filter((name) => name === last[k]).length === 1 ? last[k] : path.join('.'),
    );
    const { columns } = this.#context.options;
    if (columns !== undefined) {
      const names = typeof columns === 'string' ? columns.split(',').map((name) => name.trim()) : columns;
      if (names.length === titles.length) return names;
      const found = `${titles.length}: ${titles.join(', ')}`;
      const what = `--columns names ${names.length} columns where the record has ${found}`;
      throw optionNeeded({ path: this.#file.path, line, unit: this.#unit }, what);
    }
    if (this.#context.preset === undefined) recogniseHeader(this.#context, titles.map(keyOf), titles);
    return titles;
  }

  #tuple(record: unknown, line: number): readonly unknown[] {
    if (Array.isArray(record) && record.length === this.#width) return record;
    if (!Array.isArray(record)) throw this.#noRecord(record, line);
    throw fileDamage(
      { path: this.#file.path, line, unit: this.#unit },
      `${record.length} cells where the first record has ${this.#width}`,
    );
  }

  #object(record: unknown, paths: readonly (readonly string[])[], line: number): readonly unknown[] {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) throw this.#noRecord(record, line);
    return paths.map((path) =>
      path.length === 1 ? (record as Record<string, unknown>)[path[0]] : valueAt(record, path),
    );
  }

  #noRecord(record: unknown, line: number) {
    const shown = JSON.stringify(record)?.slice(0, 60);
    return fileDamage({ path: this.#file.path, line, unit: this.#unit }, `${shown} is not a record like the first one`);
  }
}

function pathsOf(record: Readonly<Record<string, unknown>>): string[][] {
  return Object.entries(record).flatMap(([key, value]) => {
    if (typeof value !== 'object' || value === null) return [[key]];
    if (Array.isArray(value)) return [];
    return pathsOf(value as Record<string, unknown>).map((path) => [key, ...path]);
  });
}

function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}
