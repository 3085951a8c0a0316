/** One file of a source: what is known of it before it is read, its rows, and the line that reports it. */
import type { RowBatch } from './batch.js';
import { headOf } from './containers.js';
import type { Format, FormatReader, ReadContext, SourceFile } from './format.js';
import { FORMATS } from './formats.js';
import { stemOf } from './names/instruments.js';
import { timeBound } from './options.js';
import type { FileRun } from './order/file-run.js';
import { oldestFirst } from './order/oldest-first.js';
import { inRange } from './order/range.js';
import { factsOfPartitions } from './partitions.js';
import { presetNamed, recogniseName, recogniseRow, takeSymbol } from './presets.js';
import type { SourceOptions } from './source-options.js';

export interface OpenFile {
  readonly file: SourceFile;
  readonly context: ReadContext;
  /** UTC ms before which it has no row; undefined: only reading it would tell. */
  readonly notBefore?: number;
}

/** Stands for a head that is read again when the turn of its file comes: thousands of them would fill the memory. */
export const NO_HEAD = new Uint8Array(0);

export class FileReading implements FileRun {
  readonly path: string;
  readonly notBefore: number;
  isReversed = false;
  isOver = false;
  equal = 0;
  different = 0;
  /** Rows that were taken of it. */
  rows = 0;
  #isReported = false;
  /** The symbol of all rows so far; undefined before the first one. */
  #symbol: string | undefined;
  #hasSeveral = false;
  readonly #file: SourceFile;
  readonly #context: ReadContext;
  readonly #options: SourceOptions;

  constructor({ file, context, notBefore = Number.NEGATIVE_INFINITY }: OpenFile, options: SourceOptions) {
    this.path = file.path;
    this.notBefore = notBefore;
    this.#file = file;
    this.#context = context;
    this.#options = options;
  }

  get isTrades(): boolean {
    return this.#context.preset?.rows === 'trades';
  }

  async *batches(): AsyncGenerator<RowBatch> {
    const file = this.#file.head === NO_HEAD ? { ...this.#file, head: await headOf(this.#file.bytes()) } : this.#file;
    const { found } = this.#context;
    const format = formatOf(file);
    found.title ||= this.#context.preset?.title ?? format.title;
    const reader = await format.load();
    const ordered = oldestFirst(this.#seen(this.#rows(reader, file)), () => {
      this.isReversed = true;
      found.notes.add('newest first: turned round');
    });
    // The range of trades is that of their candles.
    const bound = (name: 'from' | 'to') => (this.isTrades ? undefined : timeBound(name, this.#options[name]));
    yield* inRange(ordered, () => ({ from: bound('from'), to: bound('to') }));
  }

  /** Notes whose rows they are. */
  async *#seen(batches: AsyncIterable<RowBatch>): AsyncGenerator<RowBatch> {
    for await (const batch of batches) {
      const rows = this.#hasSeveral ? 0 : batch.isMixed ? batch.rows : Math.min(1, batch.rows);
      for (let row = 0; row < rows && !this.#hasSeveral; row += 1) {
        const symbol = batch.symbolAt(row);
        this.#hasSeveral = symbol !== (this.#symbol ??= symbol);
      }
      yield batch;
    }
  }

  /**
   * Which of two volumes it is depends on all rows: where the first ones have ticks alone, the others are looked at.
   */
  async *#rows(reader: FormatReader, file: SourceFile): AsyncGenerator<RowBatch> {
    const context = this.#context;
    for await (const batch of reader(file, context)) {
      if (context.found.isTickVolume !== true || file.path === '-' || context.hasRealVolume === false) {
        yield batch;
        continue;
      }
      context.hasRealVolume = await this.#hasRealVolume(reader, file);
      if (context.hasRealVolume) {
        context.found.notes.clear();
        yield* reader(file, context);
        return;
      }
      yield batch;
    }
  }

  async #hasRealVolume(reader: FormatReader, file: SourceFile): Promise<boolean> {
    for await (const { schema, columns } of reader(file, contextOf(file, this.#options))) {
      const at = schema.findIndex(({ name }) => name === 'real_volume');
      if (at >= 0 && columns[at].some((volume: number | bigint) => volume > 0)) return true;
    }
    return false;
  }

  /** Once: later calls do nothing. */
  report(): void {
    if (this.#isReported) return;
    this.#isReported = true;
    const { found } = this.#context;
    const rowsOf = (count: number) => `${count} ${count === 1 ? 'row' : 'rows'}`;
    if (this.equal > 0) found.notes.add(`${rowsOf(this.equal)} there twice: taken once`);
    if (this.different > 0) {
      found.notes.add(`${rowsOf(this.different)} of the same time left out (--duplicates ${this.#options.duplicates})`);
    }
    const symbol = this.#hasSeveral ? undefined : this.#symbol;
    if (symbol !== undefined && symbol === this.#context.named?.symbol)
      found.notes.add(`symbol ${symbol} from its path`);
    this.#options.onFile?.({
      path: this.path,
      symbol,
      title: found.title,
      times: [...found.times].join('+'),
      zone: found.zone,
      rows: this.rows,
      notes: [...found.notes],
    });
  }
}

export function contextOf(file: SourceFile, options: SourceOptions): ReadContext {
  const asked = options.as === undefined ? undefined : presetNamed(options.as);
  const recognised = recogniseName(file.name, file.folders, asked);
  const isText = recognised.preset === undefined && options.columns === undefined && formatOf(file).name === 'csv';
  const { preset, facts: own } = isText ? recogniseRow(file.name, file.folders, file.head) : recognised;
  const partition = factsOfPartitions(file.folders);
  const { named } = file;
  const facts = { ...own, ...partition };
  const exact = named?.isVagueInterval === true ? undefined : named?.interval;
  const context: ReadContext = {
    options,
    preset,
    name: file.name,
    folders: file.folders,
    named,
    facts: { ...facts, interval: facts.interval ?? exact },
    symbol: options.symbol ?? partition.symbol ?? named?.symbol ?? stemOf(file.name),
    signal: options.signal,
    found: { title: preset?.title ?? '', times: new Set(), notes: new Set() },
  };
  if (partition.symbol === undefined) takeSymbol(context, own);
  return context;
}

export function formatOf(file: SourceFile): Format {
  return file.format ?? FORMATS.find((format) => format.matches(file.head, file.name))!;
}
