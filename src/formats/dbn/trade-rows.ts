/**
 * Trades of DBN: after the header of a record i64 price (units of 1e-9) · u32 size · i8 action, side, u8 flags, depth ·
 * u64 ts_recv (ns) · i32 ts_in_delta · u32 sequence. Their time is `ts_recv`, by which Databento itself makes candles.
 */
import { type CellBatch, cellDamage } from '../cell-column.js';
import { longPrice, plainPrice } from './candle-rows.js';

export const TRADE_BYTES = 48;
const NO_TIME = 2n ** 64n - 1n;
const NS_PER_MS = 1_000_000n;

/** Records of one batch. */
export class TradeRows {
  readonly #times: Float64Array;
  readonly #prices: Float64Array;
  readonly #sizes: Float64Array;
  readonly #symbols: string[] = [];
  readonly #path: string;
  readonly #firstRow: number;
  count = 0;

  constructor(path: string, firstRow: number, capacity: number) {
    this.#path = path;
    this.#firstRow = firstRow;
    this.#times = new Float64Array(capacity);
    this.#prices = new Float64Array(capacity);
    this.#sizes = new Float64Array(capacity);
  }

  get end(): number {
    return this.#firstRow + this.count;
  }

  /** The record that begins at `at`. */
  add(view: DataView, at: number, symbolOf: (id: number, ms: number) => string): void {
    const row = this.count;
    const time = view.getBigUint64(at + 32, true);
    if (time === NO_TIME) throw cellDamage(this.#at('ts_recv'), row, 'no time');
    // What is finer than a ms does not move a trade into another candle.
    const ms = Number(time / NS_PER_MS);
    this.#times[row] = ms;
    const price = plainPrice(view, at + 16);
    this.#prices[row] = Number.isNaN(price) ? longPrice(view, at + 16, this.#at('price'), row) : price;
    this.#sizes[row] = view.getUint32(at + 24, true);
    this.#symbols.push(symbolOf(view.getUint32(at + 4, true), ms));
    this.count = row + 1;
  }

  batch(): CellBatch {
    const { count } = this;
    return {
      firstRow: this.#firstRow,
      rows: count,
      columns: [
        { kind: 'time', title: 'ts_recv', values: this.#times.subarray(0, count), clock: 'utc', unit: 'ns' },
        { kind: 'number', title: 'price', values: this.#prices.subarray(0, count) },
        { kind: 'number', title: 'size', values: this.#sizes.subarray(0, count) },
        { kind: 'text', title: 'symbol', values: this.#symbols },
      ],
    };
  }

  #at(title: string) {
    return { path: this.#path, title, firstRow: this.#firstRow };
  }
}
