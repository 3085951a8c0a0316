/**
 * Titles and first rows of a table -> which column is the time, the symbol, and which numbers are stored under which
 * name.
 */
import { isDaytime } from '../time/time-reader.js';
import { readWholeTime } from '../time/whole-number.js';
import { readDaytime, readWrittenTime } from '../time/written-date.js';
import { isInfinite, isMissing, readNumber } from './number-text.js';
import { DAYTIME_TITLES, isTimeTitle, TIME_TITLES } from './time-titles.js';
import { keyOf, lastPartOf } from './title-key.js';
import {
  currencyOf,
  currencyVolumes,
  FIELD_TITLES,
  type Field,
  INDEX_TITLES,
  PERIOD_TITLES,
  REAL_VOLUMES,
  SYMBOL_TITLES,
  TICK_VOLUMES,
} from './vocabulary.js';

export interface NumberColumn {
  /** Cell of the row. */
  readonly at: number;
  /** Name in the dataset. */
  readonly name: string;
}

export interface ColumnPlan {
  /** As the file has them. */
  readonly titles: readonly string[];
  readonly timeAt: number;
  /** A time of day beside a date; -1 for none. */
  readonly clockAt: number;
  readonly symbolAt: number;
  /** Length of the candles; -1 where no column says it. */
  readonly periodAt: number;
  readonly numbers: readonly NumberColumn[];
  /** Columns that hold text. */
  readonly leftOut: readonly string[];
  /** The volume is one of ticks because the other was 0 in all first rows. */
  readonly isTickVolume: boolean;
}

export interface PlanOptions {
  /** Titles that mean something else with this source: to a field, a name, or `-` for a column to leave out. */
  readonly renames?: Readonly<Record<string, string>>;
  /** The titles were named by the user or the preset: each is taken as it is. */
  readonly isNamed?: boolean;
  /** Of two volumes the traded one has a value somewhere. */
  readonly hasRealVolume?: boolean;
}

/** `rows`: the first rows as text, `''` for a missing cell. `timeAt` is -1 where there is no time. */
export function planColumns(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: PlanOptions,
): ColumnPlan {
  const keys = sidesOf(titles.map((title) => rename(keyOf(title), options.renames)));
  const taken = new Map<number, string>();
  const { timeAt, clockAt } = findTime(keys, rows);
  const periodAt = keys.findIndex((key, at) => PERIOD_TITLES.includes(key) || (key === 'i' && isPeriod(rows[0]?.[at])));
  const symbolAt = findSymbol(keys, [timeAt, clockAt, periodAt], rows);
  for (const field of ['open', 'high', 'low', 'close'] as const) {
    const at = findField(field, keys, [timeAt, clockAt, symbolAt, ...taken.keys()]);
    if (at >= 0) taken.set(at, field);
  }
  const volume = findVolume(
    keys,
    options.hasRealVolume === true ? undefined : rows,
    [timeAt, clockAt, symbolAt, ...taken.keys()],
    symbolAt < 0 ? '' : (rows[0]?.[symbolAt] ?? '').trim().toLowerCase(),
  );
  if (volume.at >= 0) taken.set(volume.at, 'volume');
  const leftOut: string[] = [];
  const names = new Set(['timestamp', ...taken.values()]);
  const numbers = keys.flatMap((key, at): NumberColumn[] => {
    if ([timeAt, clockAt, symbolAt, periodAt].includes(at) || key === '-') return [];
    const field = taken.get(at);
    if (field !== undefined) return [{ at, name: field }];
    if (INDEX_TITLES.includes(key)) return [];
    if (isTimeTitle(key) || !rows.every((row) => isNumeric(row[at] ?? ''))) {
      leftOut.push(titles[at].trim());
      return [];
    }
    const own = volume.isTicks && REAL_VOLUMES.includes(key) ? 'real_volume' : key;
    return [{ at, name: freeName(own, names) }];
  });
  return { titles, timeAt, clockAt, symbolAt, periodAt, numbers, leftOut, isTickVolume: volume.isTicks };
}

/** `1m`: what streams call the interval of a candle is often one letter, `i`. */
function isPeriod(text: string | undefined): boolean {
  return /^\d+[smhdwM]$/.test(text ?? '');
}

function rename(key: string, renames: PlanOptions['renames']): string {
  return renames !== undefined && Object.hasOwn(renames, key) ? renames[key] : key;
}

const LETTERS = { o: 'open', h: 'high', l: 'low', c: 'close' } as const;

/** Candles of bid and ask side by side: neither is the candle, the price between them is (`deriveMid`). */
function sidesOf(keys: readonly string[]): readonly string[] {
  const named = keys.map((key) =>
    key
      .replace(/^(bid|ask)[ _.]?(open|high|low|close)$/, '$1_$2')
      .replace(
        /^(bid|ask)[_.]([ohlc])$/,
        (_, side: string, letter: keyof typeof LETTERS) => `${side}_${LETTERS[letter]}`,
      ),
  );
  return named.includes('bid_close') && named.includes('ask_close') ? named : keys;
}

/** Infinite values are: they are refused where they stand, instead of costing the column. */
function isNumeric(text: string): boolean {
  return isMissing(text) || isInfinite(text) || readNumber(text, FORGIVING) !== undefined;
}

const FORGIVING = { decimal: '.', isGrouped: true } as const;

/** `ma`, then `ma_2`. */
function freeName(key: string, names: Set<string>): string {
  let name = key;
  for (let count = 2; names.has(name); count += 1) name = `${key}_${count}`;
  names.add(name);
  return name;
}

function findTime(keys: readonly string[], rows: readonly (readonly string[])[]): { timeAt: number; clockAt: number } {
  const sampleOf = (at: number) => rows.find((row) => !isMissing(row[at] ?? ''))?.[at] ?? '';
  const isTime = (at: number) => rows.length === 0 || isFullTime(sampleOf(at));
  const named = TIME_TITLES.flatMap((title) => keys.flatMap((key, at) => (key === title ? [at] : [])));
  const further = keys.flatMap((key, at) => (isTimeTitle(key) && !named.includes(at) ? [at] : []));
  const candidates = [...named, ...further];
  // `hour` and `minute` are no times by themselves: only as `09:30` beside a date.
  const daytimes = keys.flatMap((key, at) => (DAYTIME_TITLES.includes(key) && isDaytime(sampleOf(at)) ? [at] : []));
  const clocks = [
    ...candidates.filter((at) => isClock(sampleOf(at)) && DAYTIME_TITLES.includes(lastPartOf(keys[at]))),
    ...daytimes,
  ];
  let timeAt = candidates.find((at) => !clocks.includes(at) && isTime(at)) ?? -1;
  // An index without a name is the time where no column is called one and it holds times.
  if (timeAt < 0)
    timeAt = keys.findIndex((key, at) => at < 2 && INDEX_TITLES.includes(key) && isFullTime(sampleOf(at)));
  // A column that is called a time and holds something else: its cells are refused by what is wrong with them.
  if (timeAt < 0) timeAt = candidates.find((at) => !clocks.includes(at)) ?? candidates[0] ?? -1;
  const clockAt = timeAt >= 0 && !hasClock(sampleOf(timeAt)) ? (clocks.find((at) => at !== timeAt) ?? -1) : -1;
  return { timeAt, clockAt };
}

function isFullTime(text: string): boolean {
  return (
    readWholeTime(text.trim(), true, undefined).problem === '' ||
    readWrittenTime(text.trim(), undefined).problem === '' ||
    /^\d{6}$/.test(text.trim())
  );
}

/** Times of day as text, or numbers that no unit makes a time. */
function isClock(text: string): boolean {
  if (isDaytime(text)) return true;
  return /^\d{1,6}(\.0+)?$/.test(text.trim()) && !Number.isNaN(readDaytime(text));
}

function hasClock(text: string): boolean {
  const { problem, hasClock, localMs } = readWrittenTime(text.trim(), undefined);
  if (problem === '') return hasClock && localMs % 86_400_000 !== 0;
  const { unit, problem: wrong } = readWholeTime(text.trim(), true, undefined);
  return wrong === '' && !(unit === 'date' && text.trim().length === 8);
}

function findSymbol(keys: readonly string[], others: readonly number[], rows: readonly (readonly string[])[]): number {
  for (const title of SYMBOL_TITLES) {
    const at = keys.indexOf(title);
    if (at >= 0 && !others.includes(at) && (rows.length === 0 || rows.some((row) => !isMissing(row[at] ?? ''))))
      return at;
  }
  // One letter, where it is no number.
  const at = keys.indexOf('s');
  return at >= 0 && !others.includes(at) && rows.length > 0 && !isNumeric(rows[0][at] ?? '') ? at : -1;
}

function findField(field: Field, keys: readonly string[], others: readonly number[]): number {
  const areSides = keys.includes('bid_close') && keys.includes('ask_close');
  for (const title of FIELD_TITLES[field]) {
    if (areSides && title.startsWith('bid')) continue;
    const at = keys.findIndex((key, k) => key === title && !others.includes(k));
    if (at >= 0) return at;
  }
  for (const title of FIELD_TITLES[field]) {
    if (areSides && title.startsWith('bid')) continue;
    const at = keys.findIndex((key, k) => lastPartOf(key) === title && !others.includes(k));
    if (at >= 0) return at;
  }
  return -1;
}

/** `rows` undefined: the traded volume is not 0 throughout. `base`: a symbol of the table, in lower case, or ''. */
function findVolume(
  keys: readonly string[],
  rows: readonly (readonly string[])[] | undefined,
  others: readonly number[],
  base: string,
): { at: number; isTicks: boolean } {
  const ticks = keys.findIndex((key) => TICK_VOLUMES.includes(key));
  const real = keys.findIndex((key) => REAL_VOLUMES.includes(key));
  if (ticks >= 0 && real >= 0) {
    const isZero = rows?.every((row) => isMissing(row[real] ?? '') || Number(row[real]) === 0) === true;
    return { at: isZero ? ticks : real, isTicks: isZero };
  }
  const ofCurrency = currencyVolumes(keys).filter((at) => !others.includes(at));
  if (keys.includes('volume')) {
    // `volume_btc` beside `volume` of BTCUSD: the other one is of the money.
    const ofBase = ofCurrency.find((at) => base !== '' && base.startsWith(currencyOf(keys[at])));
    return { at: ofBase ?? keys.indexOf('volume'), isTicks: false };
  }
  if (ofCurrency.length > 0) return { at: ofCurrency[0], isTicks: false };
  return { at: findField('volume', keys, others), isTicks: false };
}
