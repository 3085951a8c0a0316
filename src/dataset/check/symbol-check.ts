/** One symbol under check: rows in, a report out. */
import { matchName } from '../aggregates.js';
import type { TimeSpan } from '../catalogue.js';
import { type Finding, type FindingKind, Tally } from './findings.js';
import { checkGaps, type TimeFacts } from './gap-check.js';
import { PriceCheck, type PriceColumns } from './price-check.js';
import { TimeRuns } from './time-runs.js';

/** What is known of the market, where the rows themselves do not say it. */
export interface CheckOptions {
  /** Distance of candles in ms. Default: the most frequent distance. */
  readonly stepMs?: number;
  /** Zone of the market's hours. Default: learned from the rows. */
  readonly timezone?: string;
  /** A jump is a move of more than this many times the usual one, and of more than 20 %. Default 40. */
  readonly jumpFactor?: number;
  /** Kinds of findings that are not looked for. */
  readonly ignore?: readonly FindingKind[];
}

/** What was found in one symbol. */
export interface SymbolCheck extends Omit<TimeFacts, 'closedSpans'> {
  /** As the source spells it. */
  readonly symbol: string;
  /** Rows that were looked at. */
  readonly rows: number;
  /** UTC ms of the first row; NaN without rows. */
  readonly firstMs: number;
  /** UTC ms of the last row. */
  readonly lastMs: number;
  /** In the order of their importance. */
  readonly findings: readonly Finding[];
}

const DEFAULT_JUMP_FACTOR = 40;
/** ln 1.2: less is no jump, however calm the market. */
const LEAST_JUMP = 0.18;
/** A wick may be longer than a move from close to close. */
const LEAST_WICK = 0.4;
const MAX_MS = 8.64e15;
const PRICES = ['open', 'high', 'low', 'close'] as const;

export class SymbolChecker {
  readonly #tally = new Tally();
  readonly #times = new TimeRuns();
  readonly #prices = new PriceCheck(this.#tally);
  #rows = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Open, high, low, close and volume of the row before: equal ones make it the same row again. */
  readonly #lastValues: (number | bigint | undefined)[] = [];
  #hasVolume = false;
  readonly #options: CheckOptions;

  constructor(
    readonly symbol: string,
    options: CheckOptions,
  ) {
    this.#options = options;
  }

  /** Rows [from, to) of columns by name; their order and repetitions are what is checked. */
  add(columns: Readonly<Record<string, ArrayLike<number | bigint>>>, from: number, to: number): void {
    const names = Object.keys(columns);
    const pick = (name: string) => {
      const found = matchName(name, names);
      return found === undefined ? undefined : columns[found];
    };
    const picked = {
      open: pick('open'),
      high: pick('high'),
      low: pick('low'),
      close: pick('close'),
      volume: pick('volume'),
    };
    this.#hasVolume ||= picked.volume !== undefined;
    for (let row = from; row < to; row += 1) this.#addRow(Number(columns.timestamp[row]), picked as PriceColumns, row);
  }

  /** `empty`: spans without candles at the source. */
  finish(empty: readonly TimeSpan[] = []): { check: SymbolCheck; closedSpans: readonly TimeSpan[] } {
    const { closedSpans, ...times } = checkGaps(this.#times, empty, this.#tally, this.#options);
    this.#prices.finish(times.stepMs, this.#hasVolume);
    this.#findJumps();
    this.#findWrongNames();
    this.#tally.drop(...(this.#options.ignore ?? []));
    const { firstMs, lastMs } = this.#times;
    const check = {
      symbol: this.symbol,
      rows: this.#rows,
      firstMs,
      lastMs,
      ...times,
      findings: this.#tally.findings(textOf),
    };
    return { check, closedSpans };
  }

  #addRow(ms: number, columns: PriceColumns, at: number): void {
    const row = this.#rows++;
    if (!(Math.abs(ms) <= MAX_MS)) {
      this.#tally.add('bad-times', () => ({ row, text: `the time is ${ms}` }));
      return;
    }
    if (ms < this.#lastMs) {
      this.#tally.add('order', () => ({ ms, row, text: `after ${new Date(this.#lastMs).toISOString()}` }));
      return;
    }
    const { open, high, low, close, volume } = columns;
    const isSame = this.#remember(open?.[at], high?.[at], low?.[at], close?.[at], volume?.[at]);
    if (ms === this.#lastMs) {
      this.#tally.add('duplicates', () => ({
        ms,
        row,
        text: isSame ? 'the same row again' : 'another row of the same time',
      }));
      return;
    }
    this.#lastMs = ms;
    this.#times.add(ms);
    if (columns.close !== undefined) this.#prices.add(ms, columns, at);
  }

  /** Whether they are the values of the row before. */
  #remember(...values: (number | bigint | undefined)[]): boolean {
    let isSame = true;
    for (let k = 0; k < values.length; k += 1) {
      if (Object.is(values[k], this.#lastValues[k])) continue;
      isSame = false;
      this.#lastValues[k] = values[k];
    }
    return isSame;
  }

  #findJumps(): void {
    const factor = this.#options.jumpFactor ?? DEFAULT_JUMP_FACTOR;
    const seen = new Set<number>();
    const jumps = [...this.#prices.moves.beyond(factor, LEAST_JUMP), ...this.#prices.wicks.beyond(factor, LEAST_WICK)];
    for (const { ms, row, text } of jumps.sort((a, b) => a.row - b.row)) {
      if (seen.has(row)) continue;
      seen.add(row);
      this.#tally.add('jumps', () => ({ ms, row, text }));
    }
  }

  /** High below low in most rows is no damage of rows: the columns have wrong names. */
  #findWrongNames(): void {
    const { shaped, largest, smallest } = this.#prices;
    const broken = this.#tally.count('high-below-low') + this.#tally.count('outside-range');
    if (shaped < 5 || broken * 2 <= shaped) return;
    const top = largest.indexOf(Math.max(...largest));
    const bottom = smallest.indexOf(Math.max(...smallest));
    if (PRICES[top] === 'high' && PRICES[bottom] === 'low') return;
    const share = (count: number) => `${Math.round((100 * count) / shaped)} %`;
    const text =
      `"${PRICES[top]}" is the highest price in ${share(largest[top])} of the rows and "${PRICES[bottom]}" the ` +
      `lowest in ${share(smallest[bottom])}: the columns seem to be in another order`;
    this.#tally.add('column-names', () => ({ text }), broken);
    this.#tally.drop('high-below-low', 'outside-range');
  }
}

const TEXTS: Readonly<Record<FindingKind, string>> = {
  unreadable: 'cannot be read',
  'bad-times': 'times that are none',
  order: 'rows earlier than the row before',
  duplicates: 'rows of a time that was there',
  'missing-candles': 'candles missing while the market was open',
  'column-names': 'rows that contradict the names of their columns',
  'high-below-low': 'rows with high below low',
  'outside-range': 'rows with open or close outside low to high',
  'zero-prices': 'prices of zero',
  'negative-prices': 'prices below zero',
  'missing-prices': 'rows with a price missing',
  'infinite-values': 'infinite values',
  jumps: 'jumps far beyond the usual moves',
  'stuck-prices': 'rows stuck at one price',
  'missing-volumes': 'rows without a volume',
  'negative-volumes': 'volumes below zero',
  'absent-days': 'days without any candle (holidays?)',
  'flat-candles': 'rows at one price without volume (filled in?)',
  'no-volume': 'rows, all with a volume of 0',
};

function textOf(kind: FindingKind, count: number): string {
  return `${count.toLocaleString('en-US')} ${TEXTS[kind]}`;
}
