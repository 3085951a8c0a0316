/**
 * Candles of DBN: after the header of a record i64 open, high, low, close (units of 1e-9; the largest int64: missing) ·
 * u64 volume.
 */
import { type CellBatch, type CellLocation, cellDamage, decimalsOf, timesOf } from '../cell-column.js';

export const CANDLE_BYTES = 56;
/** Digits behind the point of a stored price. */
const SCALE = 9;
const UNITS = 1e9;
const MISSING = 2n ** 63n - 1n;
const NO_TIME = 2n ** 64n - 1n;
const FIELDS = ['open', 'high', 'low', 'close'] as const;
const WORD = 2 ** 32;
/** Upper words of whole numbers below 2^53. */
const MAX_HIGH = 2 ** 21;
const NS_PER_MS = 1_000_000;
/** 2^32 ns are so many ms, and so many ns more. */
const WORD_MS = 4294;
const WORD_REST_NS = 967_296;

/** Records of one batch. */
export class CandleRows {
  readonly #times: Float64Array;
  readonly #prices: readonly Float64Array[];
  readonly #volumes: Float64Array;
  readonly #symbols: string[] = [];
  readonly #path: string;
  readonly #firstRow: number;
  count = 0;

  constructor(path: string, firstRow: number, capacity: number) {
    this.#path = path;
    this.#firstRow = firstRow;
    this.#times = new Float64Array(capacity);
    this.#prices = FIELDS.map(() => new Float64Array(capacity));
    this.#volumes = new Float64Array(capacity);
  }

  get end(): number {
    return this.#firstRow + this.count;
  }

  /** The record that begins at `at`. */
  add(view: DataView, at: number, symbolOf: (id: number, ms: number) => string): void {
    const row = this.count;
    const ms = this.#time(view, at + 8);
    this.#times[row] = ms;
    this.#symbols.push(symbolOf(view.getUint32(at + 4, true), ms));
    for (let k = 0; k < FIELDS.length; k += 1) {
      const price = plainPrice(view, at + 16 + 8 * k);
      this.#prices[k][row] = Number.isNaN(price) ? longPrice(view, at + 16 + 8 * k, this.#at(FIELDS[k]), row) : price;
    }
    const high = view.getUint32(at + 52, true);
    if (high >= MAX_HIGH) {
      const volume = view.getBigUint64(at + 48, true);
      throw cellDamage(this.#at('volume'), row, `the number ${volume} is beyond 2^53 and no double holds it`);
    }
    this.#volumes[row] = high * WORD + view.getUint32(at + 48, true);
    this.count = row + 1;
  }

  batch(): CellBatch {
    const { count } = this;
    return {
      firstRow: this.#firstRow,
      rows: count,
      columns: [
        { kind: 'time', title: 'ts_event', values: this.#times.subarray(0, count), clock: 'utc', unit: 'ns' },
        ...this.#prices.map((prices, k) => ({
          kind: 'number' as const,
          title: FIELDS[k],
          values: prices.subarray(0, count),
        })),
        { kind: 'number', title: 'volume', values: this.#volumes.subarray(0, count) },
        { kind: 'text', title: 'symbol', values: this.#symbols },
      ],
    };
  }

  #time(view: DataView, at: number): number {
    const high = view.getUint32(at + 4, true);
    const ns = high * WORD_REST_NS + view.getUint32(at, true);
    const finer = ns % NS_PER_MS;
    if (finer === 0 && high !== WORD - 1) return high * WORD_MS + ns / NS_PER_MS;
    const whole = view.getBigUint64(at, true);
    if (whole === NO_TIME) throw cellDamage(this.#at('ts_event'), this.count, 'no time');
    return timesOf([whole], 'ns', { ...this.#at('ts_event'), firstRow: this.end })[0];
  }

  #at(title: string) {
    return { path: this.#path, title, firstRow: this.#firstRow };
  }
}

/** A price in units of 1e-9: the quotient of two exact doubles is rounded once. NaN for one beyond 2^53 units. */
export function plainPrice(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  return high >= -MAX_HIGH && high < MAX_HIGH ? (high * WORD + view.getUint32(at, true)) / UNITS : Number.NaN;
}

/** NaN for a missing price; CORRUPT for one that no double holds. */
export function longPrice(view: DataView, at: number, location: CellLocation, row: number): number {
  const price = view.getBigInt64(at, true);
  if (price === MISSING) return Number.NaN;
  return decimalsOf(() => price, 1, SCALE, { ...location, firstRow: location.firstRow + row })[0];
}
