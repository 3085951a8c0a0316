/** Batches of trades -> batches of candles. */
import { batchesOf, type RowBatch, type SymbolColumns } from './batch.js';
import { optionNeeded } from './damage.js';
import type { ImportOptions } from './options.js';
import type { ReadBatch } from './source-options.js';
import { candlesFromTrades } from './trades.js';

/** ARGUMENT where no interval is given. */
export async function* candlesOfTrades(
  trades: AsyncIterable<ReadBatch>,
  { interval }: ImportOptions,
): AsyncGenerator<RowBatch> {
  yield* batchesOf(candlesFromTrades(bySymbol(trades, interval), interval ?? '1m'));
}

async function* bySymbol(
  trades: AsyncIterable<ReadBatch>,
  interval: string | undefined,
): AsyncGenerator<SymbolColumns> {
  for await (const { batch } of trades) {
    if (interval === undefined) {
      const { path = '' } = batch.locationOf(0);
      throw optionNeeded(
        { path },
        'these are trades; --interval says how long the candles made of them are (such as --interval 1m)',
      );
    }
    for (let from = 0; from < batch.rows; ) {
      const symbol = batch.symbolAt(from);
      let to = from + 1;
      while (to < batch.rows && (!batch.isMixed || batch.symbolAt(to) === symbol)) to += 1;
      const columns = batch.schema.map(({ name }, k) => [name, batch.columns[k].slice(from, to)] as const);
      yield { symbol, columns: Object.fromEntries(columns) };
      from = to;
    }
  }
}
