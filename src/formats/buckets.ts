/**
 * Which stretch of time a row belongs to when candles of a longer interval are made: fixed lengths, calendar units,
 * sessions.
 */
import { requireOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { toUtc, type Zone, zoneOf } from './time/zones.js';

/** A daily session by the clock of the zone: `{ start: '09:30', end: '16:00' }`. */
export interface Session {
  /** `HH:MM`. From noon on, the session belongs to the date of the next day, as that of futures which open at 18:00. */
  readonly start: string;
  /** `HH:MM`; rows at or after it, up to the next start, are left out. Default: the next start. */
  readonly end?: string;
}

/** Where buckets begin. */
export interface BucketOptions {
  /**
   * Only for intervals in ms: where the buckets begin, in ms after a multiple of the interval since 1970. Default 0.
   */
  readonly offsetMs?: number;
  /** IANA name of the zone whose days, weeks and months are meant. Default UTC. */
  readonly timezone?: string;
  /** Days begin with it instead of at midnight, and intervals within the day are counted from its start. */
  readonly session?: Session;
}

const DAY_MS = 86_400_000;
const FIXED_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** Months of each calendar unit. */
const MONTHS: Readonly<Record<string, number>> = { M: 1, q: 3, Q: 3, y: 12, Y: 12 };
const INTERVAL = /^(\d{1,6}) ?(ms|s|m|h|d|D|w|W|M|q|Q|y|Y)$/;
/** 1970-01-01 was a Thursday: three days after a Monday. */
const DAYS_AFTER_MONDAY = 3;

/** Length of an interval in ms; undefined of months, quarters, years and of what is no interval. */
export function fixedLengthMs(interval: number | string): number | undefined {
  if (typeof interval === 'number') return interval;
  const [, count, unit = ''] = INTERVAL.exec(interval) ?? [];
  const days = { d: 1, D: 1, w: 7, W: 7 }[unit];
  const one = unit === 'ms' ? 1 : (FIXED_MS[unit] ?? (days === undefined ? undefined : days * DAY_MS));
  return one === undefined ? undefined : Number(count) * one;
}

/** Buckets are looked up in order of time; `start` and `end` (exclusive) are those of the last one found, in UTC ms. */
export interface Buckets {
  readonly start: number;
  readonly end: number;
  /** The moment from which no row of the bucket can come: `end`, or the end of its last session. UTC ms. */
  readonly completeAt: number;
  /** False when the moment is outside the session. */
  find(ms: number): boolean;
}

/**
 * `interval` in ms, or as text: `5m`, `4h`, `1d`, `1w` (from Monday), `1M`, `1q`, `1y`. ARGUMENT for anything else, for
 * an unknown zone and for a session without a zone.
 */
export function createBuckets(interval: number | string, options: BucketOptions = {}): Buckets {
  requireOptions(options, 'an interval');
  if (typeof interval !== 'number' && typeof interval !== 'string') {
    throw new AtcError('ARGUMENT', `the interval must be ms or text such as 5m, 1h or 1d, got ${shown(interval)}`);
  }
  const { offsetMs = 0, timezone, session } = options;
  if (typeof interval === 'number') {
    if (!(Number.isSafeInteger(interval) && interval > 0 && Number.isSafeInteger(offsetMs))) {
      throw new AtcError('ARGUMENT', `the interval must be a positive whole number of ms, got ${interval}`);
    }
    if (timezone === undefined && session === undefined) return new FixedBuckets(interval, offsetMs);
  } else if (offsetMs !== 0) {
    throw new AtcError(
      'ARGUMENT',
      `offsetMs goes with an interval in ms, not with "${interval}"; use timezone or session`,
    );
  }
  const days = new TradingDays(timezone, session);
  if (typeof interval === 'number') return new DayPartBuckets(days, interval);
  const [, count = '0', unit = ''] = INTERVAL.exec(interval) ?? [];
  const units = Number(count);
  if (units === 0) {
    throw new AtcError(
      'ARGUMENT',
      `there is no interval "${interval}"; write a count and a unit: 5m, 4h, 1d, 1w, 1M (months), 1q, 1y`,
    );
  }
  if (unit === 'ms' || unit in FIXED_MS) {
    const ms = units * (FIXED_MS[unit] ?? 1);
    return timezone === undefined && session === undefined ? new FixedBuckets(ms, 0) : new DayPartBuckets(days, ms);
  }
  if (unit in MONTHS) return new DayBuckets(days, monthsRule(units * MONTHS[unit]));
  const isWeek = unit.toLowerCase() === 'w';
  return new DayBuckets(days, daysRule(isWeek ? units * 7 : units, isWeek ? DAYS_AFTER_MONDAY : 0));
}

class FixedBuckets implements Buckets {
  start = Number.NaN;
  end = Number.NaN;

  get completeAt(): number {
    return this.end;
  }
  readonly #interval: number;
  readonly #offset: number;

  constructor(interval: number, offset: number) {
    this.#interval = interval;
    this.#offset = offset;
  }

  find(ms: number): boolean {
    if (ms >= this.start && ms < this.end) return true;
    this.start = Math.floor((ms - this.#offset) / this.#interval) * this.#interval + this.#offset;
    this.end = this.start + this.#interval;
    return true;
  }
}

/** Days by number (1970-01-01 is 0): each begins when its session does. */
class TradingDays {
  /** Of the last moment looked up: the day, where it begins, where its session ends, where the next day begins. */
  day = 0;
  start = Number.NaN;
  sessionEnd = Number.NaN;
  next = Number.NaN;
  readonly #zone: Zone;
  readonly #startMs: number;
  readonly #lengthMs: number | undefined;
  /** A session from noon on belongs to the next date. */
  readonly #shift: number;

  constructor(timezone: string | undefined, session: Session | undefined) {
    if (session !== undefined && timezone === undefined) {
      throw new AtcError('ARGUMENT', 'a session needs the zone of its clock: give timezone, such as America/New_York');
    }
    this.#zone = zoneOf(timezone ?? 'UTC');
    this.#startMs = session === undefined ? 0 : clockTime(session.start, 'session.start');
    const end = session?.end === undefined ? undefined : clockTime(session.end, 'session.end');
    // An end at or before the start is on the next day.
    this.#lengthMs = end === undefined ? undefined : end - this.#startMs + (end > this.#startMs ? 0 : DAY_MS);
    this.#shift = this.#startMs >= DAY_MS / 2 ? 1 : 0;
  }

  /** False when the moment is outside the session of its day. */
  find(ms: number): boolean {
    if (!(ms >= this.start && ms < this.next)) {
      const local = ms + this.#zone.offsetAt(ms);
      let day = Math.floor((local - this.#startMs) / DAY_MS) + this.#shift;
      // By the clock; where it jumps at the day's border, the moments decide.
      while (this.startOf(day + 1) <= ms) day += 1;
      while (this.startOf(day) > ms) day -= 1;
      this.day = day;
      this.start = this.startOf(day);
      this.next = this.startOf(day + 1);
      this.sessionEnd = this.sessionEndOf(day);
    }
    return ms < this.sessionEnd;
  }

  sessionEndOf(day: number): number {
    const next = this.startOf(day + 1);
    if (this.#lengthMs === undefined) return next;
    return Math.min(next, toUtc(this.#zone, (day - this.#shift) * DAY_MS + this.#startMs + this.#lengthMs));
  }

  startOf(day: number): number {
    return toUtc(this.#zone, (day - this.#shift) * DAY_MS + this.#startMs);
  }
}

/** Equal parts of a day, counted from its beginning; the last one ends with the session. */
class DayPartBuckets implements Buckets {
  start = Number.NaN;
  end = Number.NaN;

  get completeAt(): number {
    return this.end;
  }
  readonly #days: TradingDays;
  readonly #interval: number;

  constructor(days: TradingDays, interval: number) {
    this.#days = days;
    this.#interval = interval;

    if (interval > DAY_MS) {
      throw new AtcError(
        'ARGUMENT',
        `with a zone or a session, an interval of ${interval} ms is longer than a day; use 1d, 1w, 1M`,
      );
    }
  }

  find(ms: number): boolean {
    if (ms >= this.start && ms < this.end) return true;
    if (!this.#days.find(ms)) return false;
    this.start = this.#days.start + Math.floor((ms - this.#days.start) / this.#interval) * this.#interval;
    this.end = Math.min(this.start + this.#interval, this.#days.sessionEnd);
    return true;
  }
}

/** The first day of the bucket that holds a day, and the first day after it. */
type DayRule = (day: number) => readonly [number, number];

class DayBuckets implements Buckets {
  start = Number.NaN;
  end = Number.NaN;
  completeAt = Number.NaN;
  readonly #days: TradingDays;
  readonly #rule: DayRule;

  constructor(days: TradingDays, rule: DayRule) {
    this.#days = days;
    this.#rule = rule;
  }

  find(ms: number): boolean {
    if (!this.#days.find(ms)) return false;
    if (ms >= this.start && ms < this.end) return true;
    const [first, next] = this.#rule(this.#days.day);
    this.start = this.#days.startOf(first);
    this.end = this.#days.startOf(next);
    this.completeAt = this.#days.sessionEndOf(next - 1);
    return true;
  }
}

function daysRule(count: number, after: number): DayRule {
  return (day) => {
    const first = Math.floor((day + after) / count) * count - after;
    return [first, first + count];
  };
}

function monthsRule(count: number): DayRule {
  const firstDay = (month: number) => Date.UTC(1970 + Math.floor(month / 12), ((month % 12) + 12) % 12) / DAY_MS;
  return (day) => {
    const date = new Date(day * DAY_MS);
    const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
    const first = Math.floor(month / count) * count;
    return [firstDay(first), firstDay(first + count)];
  };
}

function clockTime(text: string, what: string): number {
  const match = /^(\d{1,2}):(\d{2})$/.exec(String(text));
  const [hours, minutes] = match === null ? [99, 0] : [Number(match[1]), Number(match[2])];
  if (hours > 23 || minutes > 59)
    throw new AtcError('ARGUMENT', `${what} must be a time such as 09:30, got ${shown(text)}`);
  return (hours * 60 + minutes) * 60_000;
}
