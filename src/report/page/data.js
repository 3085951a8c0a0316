/** The data of a backtest as `page-data.ts` writes it. */
import { deriveLines, unpackSeries } from './series.js';

const TRADE = ['entryMs', 'exitMs', 'entryPrice', 'exitPrice', 'bars', 'return', 'mae', 'mfe', 'costs'];

/** The parts of a page, by symbol; -1 is all of them together. Lines are unpacked when they are asked for. */
export class BacktestData {
  #page;
  #lines = new Map();

  constructor(page) {
    this.#page = page;
    this.symbols = page.symbols.map((one) => ({
      ...one,
      trades: one.trades.map((row) => tradeOf(one.symbol, row)),
    }));
  }

  get page() {
    return this.#page;
  }

  /** -1 where there are several. */
  get first() {
    return this.symbols.length === 1 ? 0 : -1;
  }

  /** Figures, months, returns and trades. */
  part(index) {
    if (index >= 0) return this.symbols[index];
    return {
      ...this.#page.all,
      trades: this.symbols.flatMap(({ trades }) => trades),
      tradesLeftOut: this.symbols.reduce((sum, one) => sum + one.tradesLeftOut, 0),
    };
  }

  /** A promise of the lines over time: Float64Arrays by name, and how many bars each point stands for. */
  lines(index) {
    let found = this.#lines.get(index);
    if (found === undefined) {
      const { series } = index < 0 ? this.#page.all : this.symbols[index];
      found = unpackSeries(series).then((lines) => ({
        ...deriveLines(lines, this.#page.costRate),
        barsPerPoint: series.barsPerPoint,
      }));
      // One symbol at a time: hundreds of them do not fit memory.
      this.#lines = new Map([[index, found]]);
    }
    return found;
  }
}

function tradeOf(symbol, row) {
  const trade = { symbol, side: row[0] & 1 ? 'long' : 'short', open: (row[0] & 2) !== 0 };
  for (const [k, key] of TRADE.entries()) trade[key] = row[k + 1];
  return trade;
}
