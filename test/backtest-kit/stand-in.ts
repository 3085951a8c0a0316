/**
 * The seam of backtest-kit 19.5 with its default storage, for where the real one cannot be installed: one JSON file per
 * candle below ./dump/data/candle, instances retained by name until clear().
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StoredCandle } from 'atc-memory';
import type { CandleInstance, CandleInstanceConstructor } from 'atc-memory/backtest-kit';

const MINUTES: Readonly<Record<string, number>> = {
  '1m': 1,
  '3m': 3,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1h': 60,
  '2h': 120,
  '4h': 240,
  '6h': 360,
  '8h': 480,
  '1d': 1440,
};

class JsonInstance implements CandleInstance {
  readonly #directory: string;
  readonly #stepMs: number;

  constructor(symbol: string, interval: string, exchangeName: string) {
    this.#directory = path.join('./dump/data/candle/', `${exchangeName}/${symbol}/${interval}`);
    this.#stepMs = MINUTES[interval] * 60_000;
  }

  async waitForInit(_initial: boolean): Promise<void> {
    mkdirSync(this.#directory, { recursive: true });
  }

  async readCandlesData(limit: number, since: number, _until: number): Promise<StoredCandle[] | null> {
    const candles: StoredCandle[] = [];
    for (let i = 0; i < limit; i++) {
      const file = this.#fileOf(since + i * this.#stepMs);
      if (!existsSync(file)) return null;
      try {
        candles.push(JSON.parse(readFileSync(file, 'utf8')) as StoredCandle);
      } catch {
        return null;
      }
    }
    return candles;
  }

  async writeCandlesData(candles: StoredCandle[]): Promise<void> {
    for (const candle of candles) {
      if (candle.timestamp + this.#stepMs > Date.now()) continue;
      const file = this.#fileOf(candle.timestamp);
      if (existsSync(file)) continue;
      writeFileSync(`${file}.tmp`, JSON.stringify(candle));
      renameSync(`${file}.tmp`, file);
    }
  }

  #fileOf(timestamp: number): string {
    return path.join(this.#directory, `${timestamp}.json`);
  }
}

class DummyInstance implements CandleInstance {
  async waitForInit(): Promise<void> {}
  async readCandlesData(): Promise<StoredCandle[] | null> {
    return null;
  }
  async writeCandlesData(): Promise<void> {}
}

/** A fresh host: as the module is when a process begins. */
export function createStandIn() {
  let Constructor: CandleInstanceConstructor = JsonInstance;
  const instances = new Map<string, CandleInstance>();
  const instanceOf = async (symbol: string, interval: string, exchangeName: string) => {
    const key = `${symbol}:${interval}:${exchangeName}`;
    const isInitial = !instances.has(key);
    const instance = instances.get(key) ?? new Constructor(symbol, interval, exchangeName);
    instances.set(key, instance);
    await instance.waitForInit(isInitial);
    return instance;
  };
  const PersistCandleAdapter = {
    usePersistCandleAdapter(given: CandleInstanceConstructor) {
      Constructor = given;
      instances.clear();
    },
    useJson: () => PersistCandleAdapter.usePersistCandleAdapter(JsonInstance),
    useDummy: () => PersistCandleAdapter.usePersistCandleAdapter(DummyInstance),
    clear: () => instances.clear(),
    async readCandlesData(
      symbol: string,
      interval: string,
      exchangeName: string,
      limit: number,
      since: number,
      until: number,
    ) {
      return (await instanceOf(symbol, interval, exchangeName)).readCandlesData(limit, since, until);
    },
    async writeCandlesData(candles: StoredCandle[], symbol: string, interval: string, exchangeName: string) {
      await (await instanceOf(symbol, interval, exchangeName)).writeCandlesData(candles);
    },
  };
  return { PersistCandleAdapter, PersistCandleInstance: JsonInstance as CandleInstanceConstructor };
}

export type Host = ReturnType<typeof createStandIn>;
