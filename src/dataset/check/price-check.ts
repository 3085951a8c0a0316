/**
 * Prices and volumes of a symbol, row after row: shape of the candles, jumps, stuck prices, values that are missing or
 * impossible.
 */
import type { FindingExample, Tally } from './findings.js';
import { LargestMoves } from './moves.js';

/** The columns that are looked at; absent ones are undefined. */
export interface PriceColumns {
  readonly open?: ArrayLike<number | bigint>;
  readonly high?: ArrayLike<number | bigint>;
  readonly low?: ArrayLike<number | bigint>;
  readonly close: ArrayLike<number | bigint>;
  readonly volume?: ArrayLike<number | bigint>;
}

/** Rows with one and the same price, all four of them, before they count as stuck: the less, the longer a candle. */
const STUCK_ROWS = [
  { below: 3_600_000, rows: 240 },
  { below: 86_400_000, rows: 48 },
  { below: Number.POSITIVE_INFINITY, rows: 6 },
];

export class PriceCheck {
  #row = 0;
  #last = { ms: Number.NaN, close: Number.NaN };
  /** Rows in which each of open, high, low, close is the largest, and the smallest. */
  readonly largest = new Float64Array(4);
  readonly smallest = new Float64Array(4);
  /** Rows with all four prices that are not all one. */
  shaped = 0;
  #volumeSum = 0;
  #volumes = 0;
  readonly moves = new LargestMoves();
  readonly wicks = new LargestMoves();
  /** Runs of one price, longest first seen. */
  readonly runs: { ms: number; row: number; rows: number; price: number; volume: number }[] = [];
  #run = { ms: Number.NaN, row: 0, rows: 0, price: Number.NaN, volume: 0 };
  readonly #tally: Tally;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  add(ms: number, columns: PriceColumns, at: number): void {
    const row = this.#row++;
    const open = value(columns.open, at);
    const high = value(columns.high, at);
    const low = value(columns.low, at);
    const close = Number(columns.close[at]);
    this.#checkValues(ms, row, open, high, low, close);
    this.#checkShape(ms, row, open, high, low, close);
    this.#checkVolume(ms, row, columns, at);
    this.#checkMove(ms, row, open, high, low, close);
    this.#checkRun(
      ms,
      row,
      open,
      high,
      low,
      close,
      columns.volume === undefined ? Number.NaN : Number(columns.volume[at]),
    );
  }

  /** What is known only at the end. */
  finish(stepMs: number | undefined, hasVolume: boolean): void {
    this.#endRun();
    const { rows: atLeast } = STUCK_ROWS.find(({ below }) => (stepMs ?? 0) < below)!;
    for (const { ms, row, rows, price, volume } of this.runs) {
      if (rows < atLeast) continue;
      // Nothing was traded: candles that were filled in, or an idle market.
      const kind = volume > 0 || !hasVolume ? 'stuck-prices' : 'flat-candles';
      this.#tally.add(kind, () => ({ ms, row, text: `${rows} rows at ${price}` }), rows);
    }
    if (hasVolume && this.#volumes > 0 && this.#volumeSum === 0) {
      this.#tally.add('no-volume', () => ({ text: 'the volume is 0 in every row' }), this.#row);
    }
  }

  #checkValues(ms: number, row: number, ...prices: readonly number[]): void {
    let missing = false;
    for (const price of prices) {
      if (price > 0 && price < Number.POSITIVE_INFINITY) continue;
      if (price === ABSENT) continue;
      if (Number.isNaN(price)) missing = true;
      else if (price === 0) this.#note('zero-prices', ms, row, 'a price of 0');
      else if (price < 0 && price > Number.NEGATIVE_INFINITY)
        this.#note('negative-prices', ms, row, `a price of ${price}`);
      else this.#note('infinite-values', ms, row, `a price of ${price}`);
    }
    if (missing) this.#note('missing-prices', ms, row, 'a price is missing');
  }

  #checkShape(ms: number, row: number, open: number, high: number, low: number, close: number): void {
    if (high === ABSENT || low === ABSENT) return;
    if (high < low) this.#note('high-below-low', ms, row, `high ${high} below low ${low}`);
    else if (close > high || close < low)
      this.#note('outside-range', ms, row, `close ${close} outside ${low} to ${high}`);
    else if (open !== ABSENT && (open > high || open < low)) {
      this.#note('outside-range', ms, row, `open ${open} outside ${low} to ${high}`);
    }
    const top = Math.max(open === ABSENT ? close : open, high, low, close);
    const bottom = Math.min(open === ABSENT ? close : open, high, low, close);
    if (!(top > bottom)) return;
    this.shaped += 1;
    const four = [open, high, low, close];
    for (let k = 0; k < 4; k += 1) {
      if (four[k] === top) this.largest[k] += 1;
      if (four[k] === bottom) this.smallest[k] += 1;
    }
  }

  #checkVolume(ms: number, row: number, { volume }: PriceColumns, at: number): void {
    if (volume === undefined) return;
    const amount = Number(volume[at]);
    if (Number.isNaN(amount)) this.#note('missing-volumes', ms, row, 'the volume is missing');
    else if (amount < 0) this.#note('negative-volumes', ms, row, `a volume of ${amount}`);
    else if (amount === Number.POSITIVE_INFINITY) this.#note('infinite-values', ms, row, `a volume of ${amount}`);
    else {
      this.#volumes += 1;
      this.#volumeSum += amount;
    }
  }

  #checkMove(ms: number, row: number, open: number, high: number, low: number, close: number): void {
    const before = this.#last;
    if (close > 0 && close < Number.POSITIVE_INFINITY) {
      if (before.close > 0)
        this.moves.add(Math.log(close / before.close), ms - before.ms, ms, row, () => `${before.close} to ${close}`);
      this.#last = { ms, close };
    }
    if (high > 0 && low > 0 && high >= low && close > 0) {
      const top = Math.max(close, open === ABSENT ? close : open);
      const bottom = Math.min(close, open === ABSENT || !(open > 0) ? close : open);
      const wick = Math.max(Math.log(high / top), Math.log(bottom / low));
      if (wick > 0) this.wicks.add(wick, 0, ms, row, () => `${low} to ${high} around ${close}`);
    }
  }

  #checkRun(ms: number, row: number, open: number, high: number, low: number, close: number, volume: number): void {
    const isFlat =
      (open === ABSENT || open === close) && (high === ABSENT || high === close) && (low === ABSENT || low === close);
    if (isFlat && close === this.#run.price) {
      this.#run.rows += 1;
      if (volume > 0) this.#run.volume += volume;
      return;
    }
    this.#endRun();
    this.#run = isFlat
      ? { ms, row, rows: 1, price: close, volume: Math.max(0, volume || 0) }
      : { ms, row, rows: 0, price: Number.NaN, volume: 0 };
  }

  #endRun(): void {
    if (this.#run.rows >= STUCK_ROWS[STUCK_ROWS.length - 1].rows && this.runs.length < 100_000)
      this.runs.push(this.#run);
  }

  #note(kind: Parameters<Tally['add']>[0], ms: number, row: number, text: string): void {
    this.#tally.add(kind, (): FindingExample => ({ ms, row, text }));
  }
}

/** Stands for a column that is not there: no price has this value. */
const ABSENT = Number.MIN_VALUE;

function value(column: ArrayLike<number | bigint> | undefined, at: number): number {
  return column === undefined ? ABSENT : Number(column[at]);
}
