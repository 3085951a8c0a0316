/** Candles that a source gives with other values than before. The first ones stay; the others are reported. */

/** A candle that the source has given with other values before. */
export interface ChangedCandle {
  /** Whose it is. */
  readonly symbol: string;
  /** UTC ms of the open. */
  readonly timestamp: number;
  /** What is stored, and stays: timestamp, open, high, low, close, volume. */
  readonly stored: readonly number[];
  /** What came now. */
  readonly offered: readonly number[];
}

/** Changed candles that are listed; all of them are counted. */
const MAX_LISTED = 100;

export class Changes {
  count = 0;
  readonly listed: ChangedCandle[] = [];

  note(symbol: string, stored: Float64Array, offered: Float64Array): void {
    this.count++;
    if (this.listed.length >= MAX_LISTED) return;
    this.listed.push({ symbol, timestamp: stored[0], stored: [...stored], offered: [...offered] });
  }
}
