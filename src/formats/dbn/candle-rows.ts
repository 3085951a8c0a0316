/**
 * Candles of DBN: after the header of a record i64 open, high, low, close (units of 1e-9; the largest int64: missing) ·
 * u64 volume.
 */
import { timesOf } from '../cell-column.js';
import { RecordRows } from './record-rows.js';

export const CANDLE_BYTES = 56;
const PRICES = ['open', 'high', 'low', 'close'] as const;
const VOLUME = PRICES.length;
const NO_TIME = 2n ** 64n - 1n;
const NS_PER_MS = 1_000_000;
const MAX_WORD = 2 ** 32 - 1;
/** 2^32 ns are so many ms, and so many ns more. */
const WORD_MS = 4294;
const WORD_REST_NS = 967_296;

export class CandleRows extends RecordRows {
  constructor(path: string, firstRow: number, capacity: number) {
    super(path, firstRow, capacity, 'ts_event', [...PRICES, 'volume']);
  }

  /** Without a bigint where the time is a whole ms, as those of candles are. */
  protected timeOf(view: DataView, at: number): number {
    const high = view.getUint32(at + 12, true);
    const ns = high * WORD_REST_NS + view.getUint32(at + 8, true);
    if (ns % NS_PER_MS === 0 && high !== MAX_WORD) return high * WORD_MS + ns / NS_PER_MS;
    const whole = view.getBigUint64(at + 8, true);
    if (whole === NO_TIME) throw this.damage('no time');
    return timesOf([whole], 'ns', this.locationOf('ts_event'))[0];
  }

  protected putNumbers(view: DataView, at: number, row: number): void {
    for (let k = 0; k < PRICES.length; k += 1) this.numbers[k][row] = this.priceAt(view, at + 16 + 8 * k, k);
    this.numbers[VOLUME][row] = this.countAt(view, at + 48, VOLUME);
  }
}
