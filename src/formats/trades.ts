/** Trades to candles: rows of price and amount, in order of time, several at one moment allowed. */
import { MAX_TIME_MS, requireOneOf, requireOptions, requireSymbol, timeProblem } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { SymbolColumns } from './batch.js';
import { type BucketOptions, type Buckets, createBuckets } from './buckets.js';
import { asDoubles } from './doubles.js';

/** Options of `candlesFromTrades`. */
export interface TradeOptions extends BucketOptions {
  /** Column of the price. Default: the first of price, px, p, rate, last, close. */
  readonly price?: string;
  /**
   * Column of the traded amount, in the base currency. Default: the first of amount, size, qty, quantity, volume, vol,
   * q, v.
   */
  readonly amount?: string;
  /** The last candle of each symbol: `include` it (default) or `omit` it, as its time may not be over. */
  readonly partial?: 'include' | 'omit';
}

const PRICES = ['price', 'px', 'p', 'rate', 'last', 'close'];
const AMOUNTS = ['amount', 'size', 'qty', 'quantity', 'volume', 'vol', 'q', 'v'];
/** 2001 and 2103 in seconds. */
const FIRST_SECONDS = 1e9;
const LAST_SECONDS = 4.2e9;
/** What a candle made of trades has, besides the timestamp. */
const FIELDS = ['open', 'high', 'low', 'close', 'volume', 'trades'] as const;

/**
 * Candles (timestamp, open, high, low, close, volume, trades; float64) of batches of trades: `timestamp` (UTC ms,
 * fractions allowed, never going back within a symbol), a price and an amount. `interval` as for `resample`. Intervals
 * without a trade are left out. A trade whose price is no finite number is CORRUPT, and so is a time that goes back;
 * times in another unit are ARGUMENT. An amount of NaN counts as a trade without volume.
 */
export async function* candlesFromTrades(
  trades: SymbolColumns | Iterable<SymbolColumns> | AsyncIterable<SymbolColumns>,
  interval: number | string,
  options: TradeOptions = {},
): AsyncGenerator<SymbolColumns> {
  requireTradeOptions(options);
  // Throws for a wrong interval before anything is read.
  createBuckets(interval, options);
  const symbols = new Map<string, TradeCandles>();
  if (typeof trades !== 'object' || trades === null) throw noTrades(trades);
  if (!('columns' in trades || Symbol.iterator in trades || Symbol.asyncIterator in trades)) throw noTrades(trades);
  const batches = 'columns' in trades ? [trades] : trades;
  for await (const batch of batches) {
    if (typeof batch?.columns !== 'object' || batch.columns === null) throw noTrades(batch);
    const { symbol, columns } = batch;
    requireSymbol(symbol, 'candlesFromTrades');
    let candles = symbols.get(symbol);
    if (candles === undefined) {
      symbols.set(symbol, (candles = new TradeCandles(symbol, createBuckets(interval, options), options)));
    }
    const made = candles.add(columns);
    if (made !== undefined) yield made;
  }
  if (options.partial === 'omit') return;
  for (const candles of symbols.values()) {
    const last = candles.finish();
    if (last !== undefined) yield last;
  }
}

function requireTradeOptions(options: TradeOptions): void {
  requireOptions(options, 'candlesFromTrades');
  requireOneOf(options.partial, ['include', 'omit'], 'candlesFromTrades: partial');
  for (const name of ['price', 'amount'] as const) {
    if (options[name] === undefined || typeof options[name] === 'string') continue;
    const message = `candlesFromTrades: ${name} must be the name of a column, got ${shown(options[name])}`;
    throw new AtcError('ARGUMENT', message);
  }
}

function noTrades(found: unknown): AtcError {
  const due = '{ symbol, columns } with typed arrays, or an (async) iterable of these';
  return new AtcError('ARGUMENT', `trades must be ${due}; got ${shown(found)}`);
}

class TradeCandles {
  /** Of the candle under way; NaN before the first trade. */
  #start = Number.NaN;
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #now = new Float64Array(FIELDS.length);
  #rows = 0;
  readonly #symbol: string;
  readonly #buckets: Buckets;
  readonly #options: TradeOptions;

  constructor(symbol: string, buckets: Buckets, options: TradeOptions) {
    this.#symbol = symbol;
    this.#buckets = buckets;
    this.#options = options;
  }

  /** The candles that these trades complete. */
  add(columns: SymbolColumns['columns']): SymbolColumns | undefined {
    const times = this.#numbers(columns, ['timestamp'], undefined, 'time');
    const prices = this.#numbers(columns, PRICES, this.#options.price, 'price');
    const amounts = this.#numbers(columns, AMOUNTS, this.#options.amount, 'amount');
    const made: number[][] = [[], ...FIELDS.map(() => [])];
    for (let row = 0; row < times.length; row += 1) {
      const ms = times[row];
      const price = prices[row];
      if (!(ms >= this.#lastMs)) throw this.#corrupt(row, `the time ${ms} comes after ${this.#lastMs}`);
      if (ms > MAX_TIME_MS || this.#rows + row === 0) this.#requireMs(row, ms);
      if (!Number.isFinite(price)) throw this.#corrupt(row, `a trade without a price (${price})`);
      this.#lastMs = ms;
      if (!this.#buckets.find(ms)) continue;
      if (this.#buckets.start !== this.#start) {
        this.#flush(made);
        this.#start = this.#buckets.start;
        this.#now.set([price, price, price, price, 0, 0]);
      }
      this.#take(price, amounts[row]);
    }
    this.#rows += times.length;
    return made[0].length === 0 ? undefined : this.#batch(made);
  }

  /** Candles of another unit would all be there, at times that are none. */
  #requireMs(row: number, ms: number): void {
    const isFirst = this.#rows + row === 0;
    // As ms these are the weeks before 18 February 1970.
    const areSeconds = isFirst && ms >= FIRST_SECONDS && ms <= LAST_SECONDS;
    const problem = areSeconds ? `the timestamp ${ms} looks like seconds: timestamps are UTC ms` : timeProblem(ms);
    if (problem !== undefined)
      throw new AtcError('ARGUMENT', `trade ${this.#rows + row} of ${this.#symbol}: ${problem}`);
  }

  /** The candle under way. */
  finish(): SymbolColumns | undefined {
    const made: number[][] = [[], ...FIELDS.map(() => [])];
    this.#flush(made);
    return made[0].length === 0 ? undefined : this.#batch(made);
  }

  #take(price: number, amount: number): void {
    const now = this.#now;
    if (price > now[1]) now[1] = price;
    if (price < now[2]) now[2] = price;
    now[3] = price;
    if (!Number.isNaN(amount)) now[4] += amount;
    now[5] += 1;
  }

  #flush(made: number[][]): void {
    if (Number.isNaN(this.#start)) return;
    made[0].push(this.#start);
    this.#now.forEach((value, k) => {
      made[k + 1].push(value);
    });
  }

  #batch([times, ...values]: number[][]): SymbolColumns {
    const columns = Object.fromEntries(FIELDS.map((name, k) => [name, Float64Array.from(values[k])]));
    return { symbol: this.#symbol, columns: { timestamp: Float64Array.from(times), ...columns } };
  }

  #numbers(
    columns: SymbolColumns['columns'],
    usual: readonly string[],
    named: string | undefined,
    what: string,
  ): Float64Array {
    const names = Object.keys(columns);
    const found = (named === undefined ? usual : [named])
      .map((wanted) => names.find((name) => name.toLowerCase() === wanted.toLowerCase()))
      .find((name) => name !== undefined);
    if (found === undefined) {
      const hint = nearestHint(named ?? usual[0], names);
      throw new AtcError(
        'ARGUMENT',
        `${this.#symbol}: trades need a column for the ${what} (${named ?? usual.join(', ')})${hint}`,
      );
    }
    return asDoubles(columns[found], `${this.#symbol}: column "${found}"`);
  }

  #corrupt(row: number, what: string): AtcError {
    const line = this.#rows + row;
    return new AtcError(
      'CORRUPT',
      `trade ${line} of ${this.#symbol}: ${what}; trades come in order of time, with a price each`,
      {
        line,
      },
    );
  }
}
