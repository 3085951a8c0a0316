/**
 * Candles of DBN: after the header of a record i64 open, high, low, close (units of 1e-9; the largest int64: missing) ·
 * u64 volume.
 */
import { type CellBatch, cellDamage, decimalsOf, numbersOf, timesOf } from '../cell-column.js';

export const CANDLE_BYTES = 56;
/** Digits behind the point of a stored price. */
export const SCALE = 9;
const MISSING = 2n ** 63n - 1n;
const FIELDS = ['open', 'high', 'low', 'close'] as const;

/** Records of one batch, their numbers still as they are stored. */
export class CandleRows {
  readonly #times: bigint[] = [];
  readonly #prices: readonly bigint[][] = FIELDS.map(() => []);
  readonly #volumes: bigint[] = [];
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
    const time = view.getBigUint64(8, true);
    this.#times.push(time);
    this.#symbols.push(symbolOf(view.getUint32(4, true), time));
    this.#prices.forEach((prices, k) => {
      prices.push(view.getBigInt64(16 + 8 * k, true));
    });
    this.#volumes.push(view.getBigUint64(48, true));
  }

  batch(): CellBatch {
    const path = this.#path;
    const firstRow = this.#firstRow;
    const count = this.count;
    const at = (title: string) => ({ path, title, firstRow });
    if (this.#times.includes(2n ** 64n - 1n))
      throw cellDamage(at('ts_event'), this.#times.indexOf(2n ** 64n - 1n), 'no time');
    return {
      firstRow,
      rows: count,
      columns: [
        {
          kind: 'time',
          title: 'ts_event',
          values: timesOf(this.#times, 'ns', at('ts_event')),
          clock: 'utc',
          unit: 'ns',
        },
        ...this.#prices.map((prices, k) => ({
          kind: 'number' as const,
          title: FIELDS[k],
          values: decimalsOf(
            (row) => prices[row],
            count,
            SCALE,
            at(FIELDS[k]),
            (row) => prices[row] !== MISSING,
          ),
        })),
        { kind: 'number', title: 'volume', values: numbersOf(this.#volumes, at('volume')) },
        { kind: 'text', title: 'symbol', values: this.#symbols },
      ],
    };
  }
}
