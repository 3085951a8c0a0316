/** A block of symbols of a backtest, on a worker. */
import {
  AtcError,
  type Columns,
  type Dataset,
  type HistorySource,
  openHistory,
  type RowSink,
  runBacktest,
  type Strategy,
  type TableBlock,
  type TypedArray,
} from 'atc-memory';
import { identityOf, requireIdentity } from './backtest-identity.js';
import { encodeBlock } from './block-result.js';
import type { JobContext } from './job-context.js';
import type { FleetSource, SymbolsJob } from './protocol.js';
import { loadStrategy } from './strategy-module.js';
import { sourceOnWorker } from './worker-source.js';

/** The bytes of its results. */
export async function runSymbols(job: SymbolsJob, context: JobContext): Promise<Uint8Array> {
  const { source, release } = await sourceOnWorker(job, context);
  return runHere(job, source, context).finally(release);
}

async function runHere(job: SymbolsJob, source: FleetSource, context: JobContext): Promise<Uint8Array> {
  const { cacheDir, signal, onShare } = context;
  const { backtest, identity, symbols, rows } = job;
  const strategy = await loadStrategy<Strategy<unknown>>(backtest.strategy, 'start');
  const how = cacheDir === undefined ? backtest.history : { ...backtest.history, cacheDir };
  const history = await openHistory(source as HistorySource, { ...how, signal });
  try {
    const { dataset } = history;
    requireIdentity(identity, identityOf(dataset, strategy, backtest));
    const sink = rows ? new ColumnSink(dataset) : undefined;
    const { fee, slippage } = backtest;
    const result = await runBacktest(partOf(dataset, symbols), strategy, {
      fee,
      slippage,
      rows: sink,
      workers: 1,
      signal,
      onProgress: ({ rowsDone, rowsTotal }) => onShare(rowsDone / rowsTotal),
    });
    const columns = sink && symbols.map((symbol) => sink.columnsOf(symbol));
    return encodeBlock({ symbols: result.symbols, ...(columns && { columns }) });
  } finally {
    history.close();
  }
}

/** Some symbols of a dataset, for reading. */
function partOf(dataset: Dataset, symbols: readonly string[]): Dataset {
  return {
    symbols,
    table: (symbol) => dataset.table(symbol),
    append: (symbol, candles) => dataset.append(symbol, candles),
    close: () => dataset.close(),
  };
}

/** Collects what the strategy gives, whole columns of each symbol. */
class ColumnSink implements RowSink {
  readonly #dataset: Dataset;
  readonly #columns = new Map<string, Columns>();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  write(symbol: string, { start, length }: TableBlock, rows: Columns): void {
    let columns = this.#columns.get(symbol);
    if (columns === undefined) {
      const count = this.#dataset.table(symbol).length;
      columns = Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, zerosLike(values, count)]));
      this.#columns.set(symbol, columns);
    }
    const isSame = Object.keys(rows).join() === Object.keys(columns).join();
    for (const [name, values] of Object.entries(rows)) {
      if (!isSame || columns[name].constructor !== values.constructor) {
        throw new AtcError(
          'WORKER',
          `${symbol}: the columns of the strategy are others from row ${start} on: they must stay the same`,
        );
      }
      (columns[name] as Float64Array).set(values.subarray(0, length) as Float64Array, start);
    }
  }

  columnsOf(symbol: string): Columns {
    return this.#columns.get(symbol) ?? {};
  }
}

function zerosLike({ constructor: kind }: TypedArray, length: number): TypedArray {
  return new (kind as new (length: number) => TypedArray)(length);
}
