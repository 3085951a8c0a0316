/** Whether a strategy looks ahead: a signal that changes when later bars are cut off knew them. */

import { requireMethodsOf, requireOptions } from '../arguments.js';
import { withNumericClose } from '../backtest/closes.js';
import { requireStrategy } from '../backtest/plan.js';
import type { Strategy } from '../backtest/seams.js';
import { naming, requireRows } from '../backtest/symbol-run.js';
import { AtcError, shown } from '../errors.js';
import type { CandleTable } from '../table.js';
import { randomOf } from './random.js';

/** How much is tried. */
export interface LookaheadOptions {
  /** Locations at which the history is cut. Default 20. */
  readonly cuts?: number;
  /** Chooses them. Default 0. */
  readonly seed?: number;
}

/** The first bar whose rows depend on what comes later. */
export interface Lookahead {
  /** Index of the bar, counted from the table's first row. */
  readonly row: number;
  /** UTC ms. */
  readonly timestamp: number;
  /** Column of the strategy's rows. */
  readonly column: string;
  /** Its value with all bars. */
  readonly whole: number | bigint;
  /** Its value with the history cut off after `cut` rows. */
  readonly truncated: number | bigint;
  /** Rows that were left. */
  readonly cut: number;
}

/**
 * Runs a strategy over a whole table and over truncated ones, and compares every bit of its rows. Returns the first bar
 * that differs, or undefined. Bars are handed over in the blocks of the table: a strategy that looks ahead within a
 * block is found by cuts within it.
 *
 * @throws AtcError ARGUMENT for wrong options, and what the strategy throws.
 */
export function checkLookahead(
  strategy: Strategy<unknown>,
  table: CandleTable,
  options: LookaheadOptions = {},
): Lookahead | undefined {
  requireStrategy(strategy);
  if (!Array.isArray(strategy.columns)) {
    throw new AtcError('ARGUMENT', `columns of the strategy must be a list of names, got ${shown(strategy.columns)}`);
  }
  requireMethodsOf(table, ['blocks'], 'a table of candles');
  requireOptions(options, 'checkLookahead');
  const { cuts = 20, seed = 0 } = options;
  if (!Number.isSafeInteger(cuts) || cuts < 1) {
    throw new AtcError('ARGUMENT', `cuts is ${shown(cuts)}; allowed: a whole number from 1`, { key: 'cuts' });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new AtcError('ARGUMENT', `seed is ${shown(seed)}; allowed: whole numbers`, { key: 'seed' });
  }
  const least = Math.max(1, strategy.minimumRows ?? 1);
  if (table.length <= least) {
    throw new AtcError(
      'ARGUMENT',
      `${table.symbol} has ${table.length} rows; more than ${least} are needed to cut some off`,
    );
  }
  const random = randomOf(seed, 0, 0x100c);
  const whole = rowsOf(strategy, table, table.length);
  const room = table.length - least;
  // The last bar alone is the cut that most strategies with a look ahead stumble over.
  const places = [table.length - 1, ...Array.from({ length: cuts - 1 }, () => least + Math.floor(random() * room))];
  let found: Omit<Lookahead, 'timestamp'> | undefined;
  for (const cut of [...new Set(places)].sort((a, b) => a - b)) {
    const first = firstDifference(whole, rowsOf(strategy, table, cut), cut);
    if (first !== undefined && (found === undefined || first.row < found.row)) found = { ...first, cut };
  }
  if (found === undefined) return undefined;
  const [block] = table.blocks(['timestamp'], { from: found.row, to: found.row + 1 });
  return { ...found, timestamp: Number(block.columns.timestamp[0]) };
}

type Rows = Map<string, (number | bigint)[]>;

function rowsOf(strategy: Strategy<unknown>, table: CandleTable, to: number): Rows {
  const rows: Rows = new Map();
  const cut = to === table.length ? table : truncated(table, to);
  const run = naming(strategy, table.symbol, () => strategy.start(cut));
  const names = [...new Set(['close', ...strategy.columns])];
  for (const block of table.blocks(names, { from: 0, to })) {
    const priced = withNumericClose(block);
    for (const [name, values] of Object.entries(
      naming(strategy, table.symbol, () => requireRows(run.push(priced), priced)),
    )) {
      const all = rows.get(name) ?? [];
      if (!rows.has(name)) rows.set(name, all);
      for (const value of values) all.push(value);
    }
  }
  run.finish();
  return rows;
}

/** A table that ends earlier: a strategy may look at its length, not at more. */
function truncated(table: CandleTable, length: number): CandleTable {
  const cut: CandleTable = {
    symbol: table.symbol,
    length,
    columns: table.columns,
    column: (name) => table.column(name).slice(0, length),
    range: (fromMs, toMs) => table.range(fromMs, toMs),
    toArrow: async <Table>(options = {}) =>
      (await (await import('../dataset/arrow-table.js')).arrowTable(cut, options)) as Table,
    blocks: (names, { from = 0, to = length } = {}) => table.blocks(names, { from, to: Math.min(to, length) }),
  };
  return cut;
}

function firstDifference(whole: Rows, cut: Rows, rows: number) {
  for (let row = 0; row < rows; row++) {
    for (const [column, values] of whole) {
      const other = cut.get(column)?.[row];
      if (!Object.is(values[row], other)) {
        return { row, column, whole: values[row], truncated: other ?? Number.NaN };
      }
    }
  }
  return undefined;
}
