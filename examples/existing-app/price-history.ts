import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MemoryMapped } from 'atc-memory';
import { inject, injectable } from 'inversify';
import { type Candle, type Folders, TYPES } from './types.js';

/** Whole CSV files into arrays. */
@injectable()
@MemoryMapped({ id: 'PriceHistory', methods: ['candles', 'closes'], ttlMs: 24 * 60 * 60 * 1000 })
export class PriceHistory {
  #folder: string;
  #filesRead = 0;

  constructor(@inject(TYPES.Folders) folders: Folders) {
    this.#folder = folders.prices;
  }

  get filesRead(): number {
    return this.#filesRead;
  }

  async candles(symbol: string): Promise<Candle[]> {
    this.#filesRead++;
    const text = await readFile(path.join(this.#folder, `${symbol}.csv`), 'utf8');
    const [, ...lines] = text.trim().split('\n');
    return lines.map((line) => {
      const [date, open, high, low, close, , volume] = line.split(',');
      return {
        date: new Date(`${date}T00:00:00Z`),
        open: Number(open),
        high: Number(high),
        low: Number(low),
        close: Number(close),
        volume: Number(volume),
      };
    });
  }

  async closes(symbol: string): Promise<Float64Array> {
    return Float64Array.from(await this.candles(symbol), (candle) => candle.close);
  }
}
