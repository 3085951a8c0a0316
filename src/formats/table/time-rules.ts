/**
 * How the times of a table are to be read: zone, order of dates, direction, from options, preset, titles and first
 * rows.
 */
import type { Findings, ReadContext } from '../format.js';
import { proveDateOrder } from '../time/date-order.js';
import { unitOfSteps } from '../time/small-times.js';
import { TimeProblem, TimeReader, type TimeRules } from '../time/time-reader.js';
import type { ColumnPlan } from './column-plan.js';
import { keyOf } from './title-key.js';

/** A zone that a title names: `Gmt time`, `Time (EET)`, `timestamp_utc`. */
function zoneOfTitle(title: string): string | undefined {
  const key = keyOf(title);
  const inside = /\(([a-z][a-z/_]*|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)\)$/.exec(key)?.[1];
  if (inside !== undefined)
    return /^(utc|gmt|z)$/.test(inside)
      ? 'UTC'
      : inside.includes('/')
        ? title.trim().slice(-inside.length - 1, -1)
        : inside.toUpperCase();
  if (/(^|[ _])(utc|gmt)([ _]|$)/.test(key)) return 'UTC';
  // `est` and the like have more than one meaning: of New York, or five hours behind all year.
  if (/[ _](?:e[sd]?t|c[sd]?t|p[sd]t|cest|eest|eet|bst|ist|jst|kst|hkt|sgt|msk)$/.test(key)) return 'ask';
  return key === 'local time' ? 'ask' : undefined;
}

/** Titles of numbers that are counted since 1970: small ones are its first years, no rows of a table. */
const COUNTS_SINCE_1970 = /^(timestamp|ts|unix|epoch|open_?time|t)\b/;

export function createTimeReader(
  context: ReadContext,
  plan: ColumnPlan,
  rows: readonly (readonly string[])[],
): TimeReader {
  const { options, preset, facts, found } = context;
  const texts = rows.map((row) => (row[plan.timeAt] ?? '').trim());
  const order = options.dates ?? preset?.dates;
  const proof =
    order === undefined ? proveDateOrder(plan.clockAt >= 0 ? texts.map(sixDigits) : texts) : { order, isOpen: false };
  const titled = zoneOfTitle(plan.titles[plan.timeAt] ?? '');
  const known = options.timezone ?? facts.zone ?? titled ?? preset?.zone;
  const rules: TimeRules = {
    zone: known ?? 'UTC',
    isAssumed: known === undefined,
    order: proof.order,
    isOrderOpen: proof.isOpen,
    isDaily: isDaily(options.interval ?? facts.interval ?? rows.find((row) => row[plan.periodAt])?.[plan.periodAt]),
    isDescending: false,
    truncate: preset?.rows === 'trades',
    smallUnit: COUNTS_SINCE_1970.test(keyOf(plan.titles[plan.timeAt] ?? '')) ? unitOfSteps(texts) : undefined,
    dayMs: facts.dayMs,
  };
  const first = readAll({ ...rules, zone: 'UTC' }, plan, rows);
  const isDescending = runsBackwards(first);
  const areMidnights = facts.dayMs === undefined && first.length > 1 && first.every(({ ms }) => ms % 86_400_000 === 0);
  return new TimeReader({ ...rules, isDescending, isDaily: rules.isDaily || areMidnights }, found);
}

/** Dates of six digits, `ddmmyy`, stand beside times of day in exports of terminals. */
function sixDigits(text: string): string {
  return /^\d{6}$/.test(text) ? '' : text;
}

interface SampleTime {
  readonly symbol: string;
  readonly ms: number;
}

/** The times of the first rows as far as they can be read, whatever their zone is. */
function readAll(rules: TimeRules, plan: ColumnPlan, rows: readonly (readonly string[])[]): SampleTime[] {
  const ignored: Findings = { title: '', times: new Set(), notes: new Set() };
  const reader = new TimeReader(rules, ignored);
  return rows.flatMap((row) => {
    try {
      const symbol = plan.symbolAt < 0 ? '' : (row[plan.symbolAt] ?? '');
      const clock = plan.clockAt < 0 ? undefined : row[plan.clockAt];
      return [{ symbol, ms: reader.read((row[plan.timeAt] ?? '').trim(), clock, symbol) }];
    } catch (error) {
      if (error instanceof TimeProblem) return [];
      throw error;
    }
  });
}

/** By the first two times of one symbol that differ. */
export function runsBackwards(times: readonly SampleTime[]): boolean {
  const firstOf = new Map<string, number>();
  for (const { symbol, ms } of times) {
    const first = firstOf.get(symbol);
    if (first === undefined) firstOf.set(symbol, ms);
    else if (ms !== first) return ms < first;
  }
  return false;
}

/** Candles of a day, a week, a month: their times are dates. */
export function isDaily(interval: string | undefined): boolean {
  return (
    interval !== undefined &&
    /^(\d*\s*(d|w|M|day|week|month|mo|q|y)s?|daily|weekly|monthly|D1|W1|MN1?|1440|10080|43200)$/i.test(interval) &&
    !/^\d*m$/.test(interval)
  );
}
