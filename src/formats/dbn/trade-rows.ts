/**
 * Trades of DBN: after the header of a record i64 price (units of 1e-9) · u32 size · i8 action, side, u8 flags, depth ·
 * u64 ts_recv (ns) · i32 ts_in_delta · u32 sequence. Their time is `ts_recv`, by which Databento itself makes candles.
 */
import { type CellBatch, cellDamage, decimalsOf } from '../cell-column.js';
import { SCALE } from './candle-rows.js';

export const TRADE_BYTES = 48;
const MISSING = 2n ** 63n - 1n;
const NO_TIME = 2n ** 64n - 1n;
const NS_PER_MS = 1_000_000n;

/** Records of one batch. */
export class TradeRows {
  readonly #times: number[] = [];
  readonly #prices: bigint[] = [];
  readonly #sizes: number[] = [];
  readonly #symbols: string[] = [];
  readonly #path: string;
  readonly #firstRow: number;

  constructor(path: string, firstRow: number) {
    this.#path = path;
    this.#firstRow = firstRow;
  }

  get count(): number {
    return this.#times.length;
  }

  get end(): number {
    return this.#firstRow + this.count;
  }

  add(record: Uint8Array, symbolOf: (id: number, time: bigint) => string): void {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const time = view.getBigUint64(32, true);
    if (time === NO_TIME) throw cellDamage(this.#at('ts_recv'), this.count, 'no time');
    // What is finer than a ms does not move a trade into another candle.
    this.#times.push(Number(time / NS_PER_MS));
    this.#prices.push(view.getBigInt64(16, true));
    this.#sizes.push(view.getUint32(24, true));
    this.#symbols.push(symbolOf(view.getUint32(4, true), time));
  }

  batch(): CellBatch {
    const prices = this.#prices;
    const price = decimalsOf(
      (row) => prices[row],
      this.count,
      SCALE,
      this.#at('price'),
      (row) => prices[row] !== MISSING,
    );
    return {
      firstRow: this.#firstRow,
      rows: this.count,
      columns: [
        { kind: 'time', title: 'ts_recv', values: Float64Array.from(this.#times), clock: 'utc', unit: 'ns' },
        { kind: 'number', title: 'price', values: price },
        { kind: 'number', title: 'size', values: Float64Array.from(this.#sizes) },
        { kind: 'text', title: 'symbol', values: this.#symbols },
      ],
    };
  }

  #at(title: string) {
    return { path: this.#path, title, firstRow: this.#firstRow };
  }
}
