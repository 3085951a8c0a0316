/**
 * The two states between off and on: going back to JSON (`'read'`) and trying out (`'verify'`). Both store as the host
 * does.
 */
import { channel } from 'node:diagnostics_channel';
import { compressDataFrame, decompressDataFrame, type StoredCandle } from 'atc-memory';
import { closedCandles, SeriesAccess } from './candle-instance.js';
import type { CandleInstance, CandleInstanceConstructor } from './host.js';
import type { StoreRegistry } from './stores.js';

/** Reads what was written here, and what the host has; new candles go to the host's files. */
export function readingInstance(stores: StoreRegistry, Host: CandleInstanceConstructor): CandleInstanceConstructor {
  return class AtcReadingInstance implements CandleInstance {
    readonly #access: SeriesAccess;
    readonly #host: CandleInstance;

    constructor(symbol: string, interval: string, exchangeName: string) {
      this.#access = new SeriesAccess(stores, symbol, interval, exchangeName);
      this.#host = new Host(symbol, interval, exchangeName);
    }

    waitForInit(initial: boolean): Promise<void> {
      return this.#host.waitForInit(initial);
    }

    async readCandlesData(limit: number, since: number, _until: number): Promise<StoredCandle[] | null> {
      const { series, stepMs } = this.#access;
      const ours = series.read(since, stepMs, limit);
      if (ours !== undefined) return ours;
      const candles: StoredCandle[] = [];
      for (let i = 0; i < limit; i++) {
        const at = since + i * stepMs;
        const one = series.read(at, stepMs, 1) ?? (await this.#host.readCandlesData(1, at, at + stepMs));
        if (one === null || one.length !== 1) return null;
        candles.push(one[0]);
      }
      return candles;
    }

    async writeCandlesData(candles: StoredCandle[]): Promise<void> {
      const { series, stepMs } = this.#access;
      await this.#host.writeCandlesData(
        candles.filter(({ timestamp }) => series.read(timestamp, stepMs, 1) === undefined),
      );
    }
  };
}

/**
 * Encodes and decodes every candle and compares the bits; the host stores and serves. Differences are events of the
 * package.
 */
export function verifyingInstance(
  Host: CandleInstanceConstructor,
  stepOf: (interval: string) => number,
): CandleInstanceConstructor {
  return class AtcVerifyingInstance implements CandleInstance {
    readonly #host: CandleInstance;
    readonly #key: string;
    readonly #stepMs: number;

    constructor(symbol: string, interval: string, exchangeName: string) {
      this.#host = new Host(symbol, interval, exchangeName);
      this.#key = `${exchangeName}/${symbol}/${interval}`;
      this.#stepMs = stepOf(interval);
    }

    waitForInit(initial: boolean): Promise<void> {
      return this.#host.waitForInit(initial);
    }

    readCandlesData(limit: number, since: number, until: number): Promise<StoredCandle[] | null> {
      return this.#host.readCandlesData(limit, since, until);
    }

    async writeCandlesData(candles: StoredCandle[]): Promise<void> {
      try {
        verify(closedCandles(candles, this.#stepMs), this.#key);
      } catch (error) {
        // Trying out must not keep the host from storing.
        const reason = `it cannot be encoded: ${(error as Error)?.message ?? error}`;
        channel('atc-memory:difference').publish({ service: 'backtest-kit', key: this.#key, reason });
      }
      await this.#host.writeCandlesData(candles);
    }
  };
}

function verify(candles: readonly StoredCandle[], key: string): void {
  if (candles.length === 0) return;
  const numeric = Object.keys(candles[0]).filter((name) => candles.every((candle) => typeof candle[name] === 'number'));
  const columns = Object.fromEntries(
    numeric.map((name) => [name, Float64Array.from(candles, (candle) => candle[name] as number)]),
  );
  const bytes = compressDataFrame(columns);
  const back = decompressDataFrame(bytes);
  const differs = numeric.find((name) => columns[name].some((value, i) => !Object.is(value, back[name][i])));
  const place = { service: 'backtest-kit', key };
  if (differs !== undefined)
    channel('atc-memory:difference').publish({ ...place, reason: `column ${differs} differs` });
  else
    channel('atc-memory:verified').publish({
      ...place,
      bytesBefore: candles.length * numeric.length * 8,
      bytesAfter: bytes.length,
    });
}
