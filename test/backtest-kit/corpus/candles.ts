/** What the files beside this one hold: usual candles, doubles that JSON has no word for, other columns, documents. */
import type { StoredCandle } from 'atc-memory';
import { MINUTE, madeCandles, START } from '../candles.js';

export const CORPUS_NAME = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };

export function corpusCandles(): StoredCandle[] {
  const candles: StoredCandle[] = madeCandles(40).map((candle) => ({ ...candle }));
  const change = (i: number, candle: object) => {
    candles[i] = { ...candle } as StoredCandle;
  };
  const at = (i: number) => START + i * MINUTE;
  change(5, {
    ...candles[5],
    open: -0,
    high: 5e-324,
    low: 2 ** 53 + 2,
    close: Number.NaN,
    volume: Number.POSITIVE_INFINITY,
  });
  change(6, { ...candles[6], volume: Number.NEGATIVE_INFINITY, close: 1.7976931348623157e308 });
  for (const i of [12, 13, 33]) change(i, { close: i + 0.25, timestamp: at(i), trades: i });
  for (const i of [14, 34]) change(i, { timestamp: at(i), open: 1, close: 2, note: `split ½ ${i}`, tags: ['a', null] });
  return candles;
}
