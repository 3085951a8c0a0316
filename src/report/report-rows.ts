/** The rows of a backtest on their way into a report: a sink that retains figures, lines and trades, not rows. */
import { requireOptions, requireSymbol } from '../arguments.js';
import type { RowSink } from '../backtest/seams.js';
import { costRateOf, type TradingCosts } from '../backtest/trading.js';
import { type Columns, isTypedArray } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import type { TableBlock } from '../table.js';
import { Portfolio } from './portfolio.js';
import type { PackedSeries } from './series.js';
import { SymbolRecord, type SymbolReport } from './symbol-record.js';

/** Of all symbols together: points of lines and trades that are retained. One symbol alone has at most this many. */
const MOST_POINTS = 6144;
const MOST_TRADES = 2000;
const ALL_POINTS = 65_536;
const ALL_TRADES = 20_000;
const FEWEST_POINTS = 64;
const FEWEST_TRADES = 4;
/** Of the packed bars of all symbols, which bounds the page; symbols beyond are drawn from their extremes. */
const ALL_SERIES_BYTES = 12 * 2 ** 20;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How a run is traded, and how much of it is listed. */
export interface ReportRowsOptions extends TradingCosts {
  /**
   * Trades of each symbol that are listed, the latest ones; figures are of all whatever it is. Default 2,000, fewer
   * with more than ten symbols: 20,000 in all. `Infinity` lists every trade, some 100 bytes each in a page.
   */
  readonly maxTrades?: number;
}

/**
 * Collects what a report shows while a backtest runs. Give it to the run as `rows`, with the same costs, then to
 * `reportData` or `reportHtml` with the result. Memory: 56 bytes a bar of the symbol that is running, and a bounded
 * number of points, trades and packed bars.
 */
export class ReportRows implements RowSink {
  readonly #costRate: number;
  readonly #portfolio = new Portfolio();
  readonly #done = new Map<string, Omit<SymbolReport, 'curve' | 'trades' | 'tradesLeftOut'>>();
  readonly #records = new Map<string, SymbolRecord>();
  readonly #series = new Map<string, PackedSeries>();
  readonly #maxTrades: number | undefined;
  #seriesBytes = 0;
  #current: SymbolRecord | undefined;
  #dayEndMs = Number.NEGATIVE_INFINITY;

  /** Costs as the backtest has them. Throws ARGUMENT for costs outside [0, 1), and for `maxTrades` that is no count. */
  constructor(options: ReportRowsOptions = {}) {
    requireOptions(options, 'ReportRows');
    this.#costRate = costRateOf(options);
    const { maxTrades } = options;
    if (
      maxTrades !== undefined &&
      maxTrades !== Number.POSITIVE_INFINITY &&
      !(Number.isInteger(maxTrades) && maxTrades >= 0)
    ) {
      const allowed = 'a whole number from 0 on, or Infinity';
      throw new AtcError('ARGUMENT', `maxTrades is ${shown(maxTrades)}; allowed: ${allowed}`, { key: 'maxTrades' });
    }
    this.#maxTrades = maxTrades;
  }

  /** Rows of one symbol after the other, each in order; `rows.signal` is what is traded, by its sign. */
  write(symbol: string, block: TableBlock, rows: Columns): void {
    requireSymbol(symbol, 'ReportRows.write');
    const { timestamp, close } = requireBlock(block, rows);
    if (this.#current?.symbol !== symbol) this.#begin(symbol);
    const record = this.#current!;
    const { signal } = rows;
    for (let row = 0; row < block.length; row += 1) {
      const timeMs = Number(timestamp[row]);
      if (timeMs >= this.#dayEndMs) {
        this.#markDay();
        this.#dayEndMs = (Math.floor(timeMs / DAY_MS) + 1) * DAY_MS;
      }
      record.bar(timeMs, Number(close[row]), signal === undefined ? 0 : Number(signal[row]));
    }
  }

  /** Values of the current symbol after its last bar so far, for the account of all symbols. */
  #markDay(): void {
    const record = this.#current;
    if (record === undefined || Number.isNaN(record.lastMs)) return;
    const { all, long, short } = record.sides;
    this.#portfolio.mark(record.firstMs, record.lastMs, {
      all: all.account.value,
      long: long.account.value,
      short: short.account.value,
      held: record.held.value,
    });
  }

  #begin(symbol: string): void {
    this.#end();
    this.#current = new SymbolRecord(symbol, this.#costRate, MOST_POINTS, this.#maxTrades ?? MOST_TRADES);
    this.#dayEndMs = Number.NEGATIVE_INFINITY;
    this.#portfolio.begin();
  }

  #end(): void {
    const record = this.#current;
    if (record === undefined) return;
    this.#markDay();
    this.#current = undefined;
    const { statistics, returns } = record.finish();
    const { all, long, short } = record.sides;
    this.#portfolio.end(statistics, { all: all.trades, long: long.trades, short: short.trades });
    const { months } = all.account;
    this.#done.set(record.symbol, { statistics, returns, months: months.months(), years: months.years() });
    this.#records.set(record.symbol, record);
    this.#storeSeries(record);
    record.release();
    const count = this.#records.size;
    for (const one of this.#records.values()) {
      one.curve.reduce(Math.max(FEWEST_POINTS, ALL_POINTS / count));
      one.trimTrades(this.#maxTrades ?? Math.max(FEWEST_TRADES, Math.floor(ALL_TRADES / count)));
    }
  }

  #storeSeries({ symbol, series }: SymbolRecord): void {
    const packed = series.pack();
    if (packed === undefined || this.#seriesBytes + packed.bytes.length > ALL_SERIES_BYTES) return;
    this.#seriesBytes += packed.bytes.length;
    this.#series.set(symbol, packed);
  }

  /** After the run: what was collected of each symbol, and of all together. @internal */
  collected(): CollectedRows {
    this.#end();
    const symbols = new Map<string, SymbolReport>();
    for (const [symbol, figures] of this.#done) {
      const { curve, trades, tradesLeftOut } = this.#records.get(symbol)!;
      symbols.set(symbol, { ...figures, curve: curve.curve(), trades, tradesLeftOut });
    }
    return {
      symbols,
      all: this.#portfolio.report(),
      series: this.#series,
      allSeries: () => this.#portfolio.series(),
      costRate: this.#costRate,
    };
  }
}

/**
 * For callers without types; it is asked once per block. Throws ARGUMENT for what is no block of candles, or no rows.
 */
function requireBlock(block: TableBlock, rows: Columns): Columns {
  const { columns, length } = (block ?? {}) as Partial<TableBlock>;
  if (!isTypedArray(columns?.timestamp) || !isTypedArray(columns?.close) || !Number.isInteger(length)) {
    const advice = 'a block of a table with the columns timestamp and close';
    throw new AtcError('ARGUMENT', `ReportRows.write: ${advice} is needed, got ${shown(block)}`);
  }
  if (typeof rows === 'object' && rows !== null && (rows.signal === undefined || isTypedArray(rows.signal))) {
    return columns;
  }
  throw new AtcError('ARGUMENT', `ReportRows.write: rows must be { signal } as a typed array, got ${shown(rows)}`);
}

/** What a report is made of after the run. */
export interface CollectedRows {
  readonly symbols: ReadonlyMap<string, SymbolReport>;
  readonly all: Omit<SymbolReport, 'trades' | 'tradesLeftOut'>;
  /** Every bar (`timeMs`, `price`, `signal`) of the symbols that are not too long. */
  readonly series: ReadonlyMap<string, PackedSeries>;
  /** Every day (`timeMs`, `equity`, `held`) of all symbols as one account. */
  readonly allSeries: () => PackedSeries;
  /** Fee and slippage of each trade. */
  readonly costRate: number;
}
