/**
 * Trades of DBN: after the header of a record i64 price (units of 1e-9) · u32 size · i8 action, side, u8 flags, depth ·
 * u64 ts_recv (ns) · i32 ts_in_delta · u32 sequence. Their time is `ts_recv`, by which Databento itself makes candles.
 */
import { RecordRows } from './record-rows.js';

export const TRADE_BYTES = 48;
const PRICE = 0;
const SIZE = 1;
const NO_TIME = 2n ** 64n - 1n;
const NS_PER_MS = 1_000_000n;

export class TradeRows extends RecordRows {
  constructor(path: string, firstRow: number, capacity: number) {
    super(path, firstRow, capacity, 'ts_recv', ['price', 'size']);
  }

  /** What is finer than a ms does not move a trade into another candle. */
  protected timeOf(view: DataView, at: number): number {
    const time = view.getBigUint64(at + 32, true);
    if (time === NO_TIME) throw this.damage('no time');
    return Number(time / NS_PER_MS);
  }

  protected putNumbers(view: DataView, at: number, row: number): void {
    this.numbers[PRICE][row] = this.priceAt(view, at + 16, PRICE);
    this.numbers[SIZE][row] = view.getUint32(at + 24, true);
  }
}
