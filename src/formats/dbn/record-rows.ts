/** Records of DBN as rows of columns, a batch at a time: a time, numbers, the symbol. */
import { type CellBatch, type CellLocation, cellDamage, decimalsOf } from '../cell-column.js';

/** Digits behind the point of a stored price. */
const SCALE = 9;
const UNITS = 1e9;
const MISSING = 2n ** 63n - 1n;
const WORD = 2 ** 32;
/** Upper words of whole numbers below 2^53. */
const MAX_HIGH = 2 ** 21;

export type SymbolOf = (id: number, ms: number) => string;

export abstract class RecordRows {
  count = 0;
  protected readonly times: Float64Array;
  /** In the order of the titles. */
  protected readonly numbers: readonly Float64Array[];
  readonly #symbols: string[] = [];
  readonly #path: string;
  readonly #firstRow: number;
  readonly #timeTitle: string;
  readonly #titles: readonly string[];

  constructor(path: string, firstRow: number, capacity: number, timeTitle: string, titles: readonly string[]) {
    this.#path = path;
    this.#firstRow = firstRow;
    this.#timeTitle = timeTitle;
    this.#titles = titles;
    this.times = new Float64Array(capacity);
    this.numbers = titles.map(() => new Float64Array(capacity));
  }

  /** Index in the file of the row behind the last one. */
  get end(): number {
    return this.#firstRow + this.count;
  }

  /** The record that begins at `at`. */
  add(view: DataView, at: number, symbolOf: SymbolOf): void {
    const ms = this.timeOf(view, at);
    this.times[this.count] = ms;
    this.putNumbers(view, at, this.count);
    this.#symbols.push(symbolOf(view.getUint32(at + 4, true), ms));
    this.count += 1;
  }

  batch(): CellBatch {
    const { count } = this;
    const times = this.times.subarray(0, count);
    return {
      firstRow: this.#firstRow,
      rows: count,
      columns: [
        { kind: 'time', title: this.#timeTitle, values: times, clock: 'utc', unit: 'ns' },
        ...this.numbers.map((numbers, k) => ({
          kind: 'number' as const,
          title: this.#titles[k],
          values: numbers.subarray(0, count),
        })),
        { kind: 'text', title: 'symbol', values: this.#symbols },
      ],
    };
  }

  /** UTC ms; CORRUPT for a record without a time. */
  protected abstract timeOf(view: DataView, at: number): number;

  /** Reads the numbers of a record into `numbers`; CORRUPT for one that no double holds. */
  protected abstract putNumbers(view: DataView, at: number, row: number): void;

  /**
   * i64 in units of 1e-9: the quotient of two exact doubles is rounded once. The largest int64 is a missing price, NaN;
   * CORRUPT for a price that no double holds.
   */
  protected priceAt(view: DataView, at: number, k: number): number {
    const high = view.getInt32(at + 4, true);
    if (high >= -MAX_HIGH && high < MAX_HIGH) return (high * WORD + view.getUint32(at, true)) / UNITS;
    const price = view.getBigInt64(at, true);
    if (price === MISSING) return Number.NaN;
    return decimalsOf(() => price, 1, SCALE, this.locationOf(this.#titles[k]))[0];
  }

  /** u64; CORRUPT for a number that no double holds. */
  protected countAt(view: DataView, at: number, k: number): number {
    const high = view.getUint32(at + 4, true);
    if (high < MAX_HIGH) return high * WORD + view.getUint32(at, true);
    throw this.damage(`the number ${view.getBigUint64(at, true)} is beyond 2^53 and no double holds it`, k);
  }

  /** In the record that is being added: its number `k`, or its time. */
  protected damage(what: string, k?: number): Error {
    return cellDamage(this.locationOf(k === undefined ? this.#timeTitle : this.#titles[k]), 0, what);
  }

  /** Of the record that is being added. */
  protected locationOf(title: string): CellLocation {
    return { path: this.#path, title, firstRow: this.end };
  }
}
