/**
 * The strategy behind the backtest seam, with a cache before it: a symbol whose closes are known is read, not computed.
 */
import path from 'node:path';
import type { CandleTable, Strategy, StrategyRun, TableBlock, TypedArray } from 'atc-memory';
import type { AtcParameters, ResolvedAtcParameters } from './parameters.js';
import { ClosesDigest, SignalsCache, type SignalsStore } from './signals-cache.js';
import { type AtcRun, type AtcStrategy, type AtcSummary, atcStrategy, LastSignal, startAtcRun } from './strategy.js';
import { strategyLocation } from './strategy-location.js';

/**
 * `atcStrategy` with the signals cached in `store`, symbol by symbol. The closes are read twice where nothing is
 * cached, and the signals of one symbol are held in memory. Worker threads share a directory; any other store keeps the
 * run on one thread.
 */
export function cachedAtcStrategy(
  parameters: AtcParameters | undefined,
  store: SignalsStore,
  level?: number,
): Strategy<AtcSummary> {
  const plain = atcStrategy(parameters);
  const location = typeof store === 'string' ? path.resolve(store) : store;
  const cache = new SignalsCache(location, level);
  const reference = {
    module: strategyLocation('cached-strategy.js'),
    factory: 'cachedAtcStrategy',
    parameters: [parameters, location, level],
  };
  return {
    name: plain.name,
    columns: plain.columns,
    minimumRows: plain.minimumRows,
    reference: typeof location === 'string' ? reference : undefined,
    sharesCallingThread: true,
    start: (table) => plain.start(table),
    async prepare(table) {
      const run = startAtcRun(table, plain.parameters);
      const cached = await cache.get(keyOf(table, plain), table.length);
      if (cached === undefined) return new CachingRun(run, table.length, plain.parameters, cache);
      return new CachedRun(cached.averageSignal, plain.parameters);
    },
  };
}

function keyOf(table: CandleTable, { parameters }: AtcStrategy): string {
  const digest = new ClosesDigest(table.length, { parameters });
  for (const block of table.blocks(['close'])) digest.update(closesOf(block));
  return digest.key();
}

/** As a run is given them: 64-bit integers as float64. */
function closesOf({ columns, length }: TableBlock): TypedArray {
  const { close } = columns;
  if (typeof close[0] === 'bigint') return Float64Array.from({ length }, (_, row) => Number(close[row]));
  return close.length === length ? close : close.subarray(0, length);
}

/** Computes, and caches what it computed under the closes that it was given. */
class CachingRun implements StrategyRun<AtcSummary> {
  readonly #digest: ClosesDigest;
  readonly #signals: Float64Array;
  #bars = 0;
  readonly #run: AtcRun;
  readonly #cache: SignalsCache;

  constructor(run: AtcRun, length: number, parameters: ResolvedAtcParameters, cache: SignalsCache) {
    this.#run = run;
    this.#cache = cache;

    this.#digest = new ClosesDigest(length, { parameters });
    this.#signals = new Float64Array(length);
  }

  push(block: TableBlock) {
    this.#digest.update(closesOf(block));
    const rows = this.#run.push(block);
    this.#signals.set(rows.signal, this.#bars);
    this.#bars += block.length;
    return rows;
  }

  finish(): AtcSummary {
    return this.#run.finish();
  }

  async settle(): Promise<void> {
    await this.#cache.set(this.#digest.key(), { averageSignal: this.#signals, kernel: this.#run.kernel });
  }
}

class CachedRun implements StrategyRun<AtcSummary> {
  readonly #last: LastSignal;
  #bars = 0;
  readonly #signals: Float64Array;

  constructor(signals: Float64Array, parameters: ResolvedAtcParameters) {
    this.#signals = signals;

    this.#last = new LastSignal(parameters);
  }

  push({ length }: TableBlock) {
    const signal = this.#signals.subarray(this.#bars, this.#bars + length);
    this.#bars += length;
    this.#last.take(signal);
    return { signal };
  }

  finish(): AtcSummary {
    return this.#last.summary;
  }
}
