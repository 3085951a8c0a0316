/**
 * Per-bar rows of a run as a dataset: timestamp, price and whatever the strategy returns, one symbol at a time and by
 * whichever thread runs it. Nothing is held: a block is written as soon as it is there. The directory appears when the
 * run is complete.
 */
import path from 'node:path';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import type { CatalogueFacts, SymbolEntry } from '../dataset/catalogue.js';
import { entryName } from '../dataset/entry-name.js';
import { SegmentWriter } from '../dataset/segment-writer.js';
import { entryOf, writeNewCatalogue } from '../dataset/writer.js';
import { type Columns, type Dtype, dtypeOf } from '../dtype.js';
import { AtcError } from '../errors.js';
import { removePath } from '../io/plain-files.js';
import type { TableBlock } from '../table.js';
import type { RowSink } from './seams.js';

/** The rows of one symbol, written below `directory` under a name that only its index in the plan decides. */
export class SymbolRows implements RowSink {
  #segments: SegmentWriter | undefined;
  #schema: SymbolEntry['columns'] = [];
  readonly #directory: string;
  readonly #index: number;
  readonly #compression: CompressionOptions;

  constructor(directory: string, index: number, compression: CompressionOptions) {
    this.#directory = directory;
    this.#index = index;
    this.#compression = compression;
  }

  write(symbol: string, block: TableBlock, rows: Columns): void {
    for (const name of ['timestamp', 'price']) {
      if (!Object.hasOwn(rows, name)) continue;
      throw new AtcError(
        'WORKER',
        `${symbol}: the column "${name}" of the strategy is one that rows have already: name it otherwise`,
      );
    }
    const columns: Columns = { timestamp: block.columns.timestamp, price: block.columns.close, ...rows };
    if (this.#segments === undefined) this.#segments = this.#open(symbol, columns);
    else this.#requireSame(symbol, columns, block.start);
    this.#segments.write(this.#schema.map(({ name }) => columns[name]));
  }

  /** The catalogue entry of the symbol. */
  finish(symbol: string): SymbolEntry {
    if (this.#segments === undefined) throw new AtcError('WORKER', `${symbol}: the run gave no rows`);
    return entryOf(symbol, this.#schema, this.#segments.finish());
  }

  #requireSame(symbol: string, columns: Columns, start: number): void {
    const described = (schema: SymbolEntry['columns']) =>
      schema.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
    const found = described(
      Object.entries(columns).map(([name, values]) => ({ name, dtype: dtypeOf(values) as Dtype })),
    );
    if (found === described(this.#schema)) return;
    const message =
      `the strategy gave the columns ${described(this.#schema)}, and from row ${start} on ${found}: they must stay ` +
      'the same';
    throw new AtcError('WORKER', `${symbol}: ${message}`);
  }

  #open(symbol: string, columns: Columns): SegmentWriter {
    this.#schema = Object.entries(columns).map(([name, values]) => ({ name, dtype: dtypeOf(values) as Dtype }));
    const name = entryName(this.#index, symbol);
    // A thread that died within this symbol has left what it had written, and rows are appended.
    removePath(path.join(this.#directory, name));
    let count = 0;
    const nextName = () => `${name}/${String(count++).padStart(5, '0')}`;
    const location = { root: () => this.#directory, prefix: '', nextName };
    return new SegmentWriter(location, this.#schema, { layout: 'packed', compression: this.#compression });
  }
}

/** Writes the catalogue: from then on the directory is a dataset. */
export function writeRowCatalogue(
  directory: string,
  symbols: readonly SymbolEntry[],
  options: CompressionOptions,
): void {
  const facts: CatalogueFacts = { layout: 'packed', generation: 1, compression: resolveCompression(options) };
  writeNewCatalogue(directory, facts, symbols);
}
