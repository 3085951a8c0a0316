import { inject, injectable } from 'inversify';
import type { PriceCache } from './price-cache.js';
import type { PriceHistory } from './price-history.js';
import { type Averages, type Candle, type Summary, TYPES } from './types.js';

const SHORT_DAYS = 50;
const LONG_DAYS = 200;

/** Moving averages, where they cross, and how the prices did. */
@injectable()
export class TrendReport {
  constructor(
    @inject(TYPES.PriceHistory) private readonly history: PriceHistory,
    @inject(TYPES.PriceCache) private readonly cache: PriceCache,
  ) {}

  async summary(symbol: string): Promise<Summary> {
    const closes = await this.history.closes(symbol);
    const candles = await this.cache.getOrSet(`candles:${symbol}`, () => this.history.candles(symbol));
    const averages = await this.cache.getOrSet(`averages:${symbol}`, async () => averagesOf(closes));
    const dates = candles.map((candle: Candle) => new Date(candle.date).toISOString().slice(0, 10));
    return {
      symbol,
      days: closes.length,
      first: dates[0],
      last: dates[dates.length - 1],
      totalReturn: closes[closes.length - 1] / closes[0] - 1,
      maxDrawdown: maxDrawdown(closes),
      crossings: crossings(averages, dates),
    };
  }
}

function averagesOf(closes: Float64Array): Averages {
  return { short: movingAverage(closes, SHORT_DAYS), long: movingAverage(closes, LONG_DAYS) };
}

function movingAverage(closes: Float64Array, days: number): (number | null)[] {
  let sum = 0;
  return Array.from(closes, (close, i) => {
    sum += close - (i >= days ? closes[i - days] : 0);
    return i >= days - 1 ? sum / days : null;
  });
}

function maxDrawdown(closes: Float64Array): number {
  let peak = Number.NEGATIVE_INFINITY;
  let worst = 0;
  for (const close of closes) {
    peak = Math.max(peak, close);
    worst = Math.max(worst, 1 - close / peak);
  }
  return worst;
}

function crossings({ short, long }: Averages, dates: string[]): Summary['crossings'] {
  const found: Summary['crossings'] = [];
  for (let i = 1; i < dates.length; i++) {
    const [shortBefore, longBefore, shortNow, longNow] = [short[i - 1], long[i - 1], short[i], long[i]];
    if (shortBefore === null || longBefore === null || shortNow === null || longNow === null) continue;
    const was = shortBefore > longBefore;
    const is = shortNow > longNow;
    if (was !== is) found.push({ date: dates[i], direction: is ? 'up' : 'down' });
  }
  return found;
}
