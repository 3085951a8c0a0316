/** The interval of candles: a fixed length, or a number of calendar months. */
import { AtcError, shown } from '../errors.js';

/** Length and edges of candles of one interval. Times are UTC ms of opens. */
export interface Interval {
  /** As sources name it: `1m`, `4h`, `1M`. */
  readonly text: string;
  /** The longest that one candle lasts: a page of n candles is asked for over n times that. */
  readonly longestMs: number;
  /**
   * The shortest that one lasts, which is the least distance of two opens and what a candle is known to cover: an hour
   * less for days and longer, of exchanges whose clocks change.
   */
  readonly shortestMs: number;
  /** Opens at or before this moment belong to candles that were closed at `nowMs`. */
  lastClosedOpen(nowMs: number): number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIXED_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};
const MONTHS: Readonly<Record<string, number>> = { M: 1, q: 3, y: 12 };
const FORM = /^([1-9]\d{0,5})(ms|s|m|h|d|w|M|q|y)$/;

/** From text such as `1m`, `4h`, `1d`, `1w`, `1M`, or a length in ms. ARGUMENT for anything else. */
export function intervalOf(value: unknown): Interval {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return fixed(textOf(value), value);
  const [, count, unit] = (typeof value === 'string' ? FORM.exec(value) : null) ?? [];
  if (typeof value !== 'string' || unit === undefined) {
    throw new AtcError(
      'ARGUMENT',
      `keepHistory: interval is ${shown(value)}; a count and a unit are needed, such as 1m, 4h, 1d, 1w or 1M`,
      { key: 'interval' },
    );
  }
  const months = MONTHS[unit];
  return months === undefined ? fixed(value, Number(count) * FIXED_MS[unit]) : ofMonths(value, Number(count) * months);
}

function fixed(text: string, ms: number): Interval {
  return {
    text,
    longestMs: ms,
    shortestMs: ms >= DAY_MS ? ms - HOUR_MS : ms,
    lastClosedOpen: (nowMs) => nowMs - ms,
  };
}

function ofMonths(text: string, months: number): Interval {
  return {
    text,
    longestMs: months * 31 * DAY_MS,
    shortestMs: months * 28 * DAY_MS - HOUR_MS,
    lastClosedOpen(nowMs) {
      const date = new Date(nowMs);
      const day = date.getUTCDate();
      date.setUTCDate(1);
      date.setUTCMonth(date.getUTCMonth() - months);
      const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
      return date.setUTCDate(Math.min(day, days));
    },
  };
}

function textOf(ms: number): string {
  const [unit, length] = Object.entries(FIXED_MS).findLast(([, one]) => ms % one === 0) as [string, number];
  return `${ms / length}${unit}`;
}

/** A moment as messages show it. */
export function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace(/\.000Z$/, 'Z');
}

/** A length of time as messages show it: `5m`, `90s`. */
export function lengthText(ms: number): string {
  return Number.isSafeInteger(ms) && ms > 0 ? textOf(ms) : `${ms} ms`;
}
