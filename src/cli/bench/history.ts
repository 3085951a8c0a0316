/**
 * The history that is measured: the user's files, or candles made up here; each form of it is made once, when a
 * section asks.
 */
import path from 'node:path';
import { writeDataset } from '../../dataset/dataset.js';
import { openDatasetSync } from '../../dataset/open.js';
import type { Columns } from '../../dtype.js';
import { bytesOf } from '../../dtype.js';
import { createDirectories } from '../../io/path-kind.js';
import { writePlainFile } from '../../io/plain-files.js';
import type { CandleTable, DatasetLayout } from '../../table.js';
import { MARKETS, makeCandles } from './made-up-candles.js';

export interface HistorySize {
  readonly symbols: number;
  readonly rows: number;
}

/** One symbol's files in the forms that hosts use. */
export interface HostFiles {
  readonly symbol: string;
  readonly rows: number;
  readonly names: readonly string[];
  /** Columns of float64 without a header, by name. */
  readonly raw: Readonly<Record<string, string>>;
  /** An array of candle objects. */
  readonly json: string;
  readonly csv: string;
}

export class BenchHistory {
  #made: Promise<string> | undefined;
  #packedOnce: Promise<string> | undefined;
  #host: readonly HostFiles[] | undefined;
  readonly #work: string;

  constructor(
    work: string,
    /** CSV files or one dataset directory of the user; none: made up. */
    readonly files: readonly string[],
    readonly size: HistorySize,
  ) {
    this.#work = work;
  }

  get isMadeUp(): boolean {
    return this.files.length === 0;
  }

  /** A dataset directory in the mapped layout. */
  mapped(): Promise<string> {
    this.#made ??= this.#write('mapped', this.isMadeUp ? this.#madeUp() : [...this.files]);
    return this.#made;
  }

  /** The same, packed at the default level. */
  packed(): Promise<string> {
    this.#packedOnce ??= this.mapped().then((mapped) => this.#write('packed', mapped));
    return this.#packedOnce;
  }

  /** What a system without this package would have on disk. */
  async hostFiles(): Promise<readonly HostFiles[]> {
    if (this.#host !== undefined) return this.#host;
    const dataset = openDatasetSync(await this.mapped());
    try {
      this.#host = dataset.symbols.map((symbol, index) => this.#writeHostFiles(dataset.table(symbol), index));
    } finally {
      dataset.close();
    }
    return this.#host;
  }

  /** A sentence for the notes of a table. */
  async describe(): Promise<string> {
    const dataset = openDatasetSync(await this.mapped());
    const rows = dataset.symbols.reduce((sum, symbol) => sum + dataset.table(symbol).length, 0);
    const columns = dataset.table(dataset.symbols[0]).columns.length;
    dataset.close();
    const origin = this.isMadeUp ? 'made-up candles' : this.files.map((file) => path.basename(file)).join(', ');
    return (
      `History: ${origin}; ${dataset.symbols.length} symbols, ${rows.toLocaleString('en-US')} rows, ${columns} ` +
      'columns.'
    );
  }

  async #write(layout: DatasetLayout, source: Parameters<typeof writeDataset>[1]): Promise<string> {
    const directory = path.join(this.#work, layout);
    const dataset = await writeDataset(directory, source, { layout, durability: 'process' });
    dataset.close();
    return directory;
  }

  *#madeUp(): Generator<{ symbol: string; columns: Columns }> {
    for (let index = 0; index < this.size.symbols; index += 1) {
      yield { symbol: `COIN${index + 1}`, columns: makeCandles(MARKETS[0], this.size.rows, index + 1) };
    }
  }

  #writeHostFiles(table: CandleTable, index: number): HostFiles {
    const directory = path.join(this.#work, 'host', String(index));
    createDirectories(directory);
    const names = table.columns;
    const columns = names.map((name) => table.column(name));
    const raw = Object.fromEntries(
      names.map((name, k) => {
        const file = path.join(directory, `${name}.f64`);
        writePlainFile(file, bytesOf(columns[k]));
        return [name, file];
      }),
    );
    const json = path.join(directory, 'candles.json');
    writePlainFile(json, rowsAsJson(names, columns));
    const csv = path.join(directory, `${fileNameOf(table.symbol)}.csv`);
    writePlainFile(csv, rowsAsCsv(names, columns));
    return { symbol: table.symbol, rows: table.length, names, raw, json, csv };
  }
}

type Numbers = ArrayLike<number | bigint>;

/** Row by row as text, so that no object per candle is made. */
function rowsAsJson(names: readonly string[], columns: readonly Numbers[]): string {
  const rows = Array.from({ length: columns[0].length }, (_, row) => {
    const field = (name: string, k: number) => `${JSON.stringify(name)}:${JSON.stringify(Number(columns[k][row]))}`;
    return `{${names.map(field).join(',')}}`;
  });
  return `[${rows.join(',')}]`;
}

function rowsAsCsv(names: readonly string[], columns: readonly Numbers[]): string {
  const rows = Array.from({ length: columns[0].length }, (_, row) => columns.map((column) => column[row]).join(','));
  return `${names.join(',')}\n${rows.join('\n')}\n`;
}

function fileNameOf(symbol: string): string {
  return symbol.replace(/[^\w.-]/g, '_');
}
