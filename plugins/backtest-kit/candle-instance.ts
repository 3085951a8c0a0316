/** The constructor that the host is given: candles in a store of this package. */
import type { CandleSeries, CandleStore, StoredCandle } from 'atc-memory';
import type { CandleInstance, CandleInstanceConstructor } from './host.js';
import { intervalMs } from './interval.js';
import type { StoreRegistry } from './stores.js';

/** A series looked up anew for every call: the store closes those that are not used. */
export class SeriesAccess {
  readonly stepMs: number;
  readonly #store: CandleStore;
  readonly #name: { exchange: string; symbol: string; interval: string };

  constructor(stores: StoreRegistry, symbol: string, interval: string, exchangeName: string) {
    this.stepMs = intervalMs(interval);
    this.#store = stores.open();
    this.#name = { exchange: exchangeName, symbol, interval };
  }

  get series(): CandleSeries {
    return this.#store.series(this.#name);
  }
}

export function candleInstance(stores: StoreRegistry): CandleInstanceConstructor {
  return class AtcCandleInstance implements CandleInstance {
    readonly #access: SeriesAccess;

    constructor(symbol: string, interval: string, exchangeName: string) {
      this.#access = new SeriesAccess(stores, symbol, interval, exchangeName);
    }

    /** Nothing to do: files are opened when they are used, and checked when they are read. */
    async waitForInit(_initial: boolean): Promise<void> {}

    async readCandlesData(limit: number, sinceTimestamp: number, _until: number): Promise<StoredCandle[] | null> {
      return this.#access.series.read(sinceTimestamp, this.#access.stepMs, limit) ?? null;
    }

    async writeCandlesData(candles: StoredCandle[]): Promise<void> {
      const { series, stepMs } = this.#access;
      series.write(closedCandles(candles, stepMs));
      await series.flush();
    }
  };
}

/** Candles that cannot change any more. */
export function closedCandles(candles: readonly StoredCandle[], stepMs: number, nowMs = Date.now()): StoredCandle[] {
  return candles.filter(({ timestamp }) => timestamp + stepMs <= nowMs);
}
