/**
 * The time column of a file -> UTC ms: units, dates, zones, hours that come twice. Nothing is guessed; what is wrong is
 * worded here.
 */
import type { Findings } from '../format.js';
import { readWholeTime, type TimeUnit } from './whole-number.js';
import { type DateOrder, readDaytime, readWrittenTime } from './written-date.js';
import { type Zone, zoneOf } from './zones.js';

export interface TimeRules {
  /** Zone of times that carry none: a name, or `ask`: only the user knows it. */
  readonly zone: string;
  /** The zone is the default of files that say nothing. */
  readonly isAssumed: boolean;
  readonly order?: DateOrder;
  /** Day and month cannot be distinguished. */
  readonly isOrderOpen: boolean;
  /** Candles of a day and longer: a time of day at 00:00 is only the form of a date. */
  readonly isDaily: boolean;
  /** Rows are newest first: of an hour that comes twice the later one stands first. */
  readonly isDescending: boolean;
  /** Drops what is finer than a ms (trades). */
  readonly truncate: boolean;
  /** Unit of numbers too small to show it: those of the first years after 1970. Undefined where nothing proves one. */
  readonly smallUnit?: 's' | 'ms';
  /** Midnight that times of day, in ms, are counted from. */
  readonly dayMs?: number;
}

/** A cell that is no time: `message` without location, and whether an option would help rather than the file. */
export class TimeProblem {
  constructor(
    readonly message: string,
    readonly needsOption = false,
  ) {}
}

export class TimeReader {
  readonly #rules: TimeRules;
  readonly #found: Findings;
  #zone: Zone | undefined;
  #lastUnit: TimeUnit | undefined;
  /** What was noted last: most columns have one unit. */
  #noted: TimeUnit | 'times' | 'zoned' | undefined;
  /** A time of day without a zone was read, though none is known; one with its offset from UTC. */
  #hasLocal = false;
  #hasOffset = false;
  /** Of each symbol, where a zone has hours that come twice. */
  readonly #lastOf = new Map<string, number>();
  /** What `#lastOf` held before the rows since `begin`: rows that are read a second time begin where they began. */
  readonly #before: (readonly [string, number | undefined])[] = [];

  constructor(rules: TimeRules, found: Findings) {
    this.#rules = rules;
    this.#found = found;
    if (rules.zone !== 'ask') this.#zone = zoneOf(rules.zone);
  }

  get rules(): TimeRules {
    return this.#rules;
  }

  /** Times of day are UTC, or there are none, so that plain forms can be read from their bytes. */
  get isPlain(): boolean {
    return this.#zone?.fixedOffsetMs === 0 && this.#rules.dayMs === undefined && !this.#rules.truncate;
  }

  /** Times of day are those of a known zone, and the form `yyyy-mm-dd hh:mm` may be read from its bytes. */
  get isZoned(): boolean {
    return this.#zone !== undefined && this.#rules.dayMs === undefined;
  }

  /**
   * UTC ms of a time of day in the zone, as the clock shows it; undefined for one that does not exist there or needs
   * more than a look.
   */
  ofClock(localMs: number, symbol: string): number | undefined {
    if (this.#rules.isDaily && localMs % DAY_MS === 0) return localMs;
    const zone = this.#zone!;
    if (zone.fixedOffsetMs !== undefined) {
      this.note('times');
      return localMs - zone.fixedOffsetMs;
    }
    const candidates = zone.candidates(localMs);
    if (candidates.length === 0) return undefined;
    this.note('times');
    return this.#remember(candidates.length === 1 ? candidates[0] : this.#byOrder(candidates, symbol), symbol);
  }

  #remember(ms: number, symbol: string): number {
    this.#before.push([symbol, this.#lastOf.get(symbol)]);
    this.#lastOf.set(symbol, ms);
    return ms;
  }

  /** Times of day without a zone stand among such as have one, and would be read as UTC: `read` refuses them. */
  get refusesLocal(): boolean {
    return this.#hasOffset && this.#rules.isAssumed;
  }

  /** Marks where the next rows begin; `rollBack` forgets them. */
  begin(): void {
    this.#before.length = 0;
  }

  rollBack(): void {
    for (const [symbol, ms] of this.#before.reverse()) {
      if (ms === undefined) this.#lastOf.delete(symbol);
      else this.#lastOf.set(symbol, ms);
    }
    this.#before.length = 0;
  }

  /** Notes a unit or form that another parser has read. */
  note(unit: TimeUnit | 'times'): void {
    if (unit === this.#noted) return;
    this.#noted = unit;
    if (unit === 'date') this.#found.times.add('dates');
    else if (unit === 'times') {
      this.#found.times.add('dates');
      this.#hasLocal = true;
      this.noteZone();
    } else {
      this.#lastUnit = unit;
      this.#found.times.add(unit);
      this.#found.zone ??= 'UTC';
    }
  }

  /** Notes a time whose text has its zone, read by another parser. */
  noteOffset(): void {
    if (this.#noted === 'zoned') return;
    this.#noted = 'zoned';
    this.#found.times.add('dates');
    this.#found.zone ??= 'the zone in the text';
  }

  /** UTC ms. Throws a TimeProblem. `clock` is the cell of a column of times of day beside a date. */
  read(text: string, clock: string | undefined, symbol: string): number {
    const { truncate, dayMs, isOrderOpen, order } = this.#rules;
    if (dayMs !== undefined) return this.#readSinceMidnight(text, dayMs, symbol);
    const first = text.charCodeAt(0);
    // A digit or a sign, and nothing that only a written date has.
    if (
      clock === undefined &&
      ((first >= 48 && first <= 57) || first === 43 || first === 45) &&
      (!WRITTEN.test(text) || EXPONENT.test(text))
    ) {
      return this.#readWhole(text, truncate, symbol);
    }
    const named = NAMED_ZONE.exec(text);
    if (named !== null) return this.#readInZone(named[1], named[2], symbol);
    let date = text;
    if (clock !== undefined && /^\d{6}(?:\.0+)?$/.test(text))
      date = `${text.slice(4, 6)}/${text.slice(2, 4)}/${text.slice(0, 2)}`;
    const written = readWrittenTime(clock === undefined ? text : date.replace(/\.0+$/, ''), order);
    if (written.problem !== '') throw new TimeProblem(`"${shorten(text)}" is not a time: ${written.problem}`);
    if (isOrderOpen && written.orders !== undefined && written.orders.length > 1) {
      const what = `the date "${shorten(text)}" can be read in more than one way and the rows do not tell which`;
      throw new TimeProblem(`${what}; say --dates mdy, dmy or ymd`, true);
    }
    if (written.isFiner && !truncate) throw new TimeProblem(`"${shorten(text)}" is not a whole number of ms`);
    let { localMs, hasClock } = written;
    if (clock !== undefined && clock.trim() !== '') {
      const daytime = readDaytime(clock);
      if (Number.isNaN(daytime)) throw new TimeProblem(`"${shorten(clock)}" is not a time of day`);
      // A column of dates may carry a midnight of its own.
      localMs = Math.floor(localMs / DAY_MS) * DAY_MS + daytime;
      hasClock = true;
    }
    this.#found.times.add('dates');
    if (!Number.isNaN(written.offsetMs)) {
      this.#found.zone ??= 'the zone in the text';
      if (written.offsetMs !== 0) {
        if (this.#hasLocal && this.#rules.isAssumed)
          throw mixed(`"${shorten(text)}" has a zone, times before it have none`);
        this.#hasOffset = true;
      }
      return localMs - written.offsetMs;
    }
    return this.#inZone(localMs, hasClock, text, clock, symbol);
  }

  /** A text that names its zone itself. */
  #readInZone(text: string, name: string, symbol: string): number {
    let zone: Zone;
    try {
      zone = zoneOf(name);
    } catch (error) {
      throw new TimeProblem(`"${shorten(`${text} ${name}`)}" is not a time: ${(error as Error).message}`);
    }
    if (this.#hasLocal && this.#rules.isAssumed)
      throw mixed(`"${shorten(text)}" has a zone, times before it have none`);
    const before = this.#zone;
    this.#zone = zone;
    this.#hasOffset = false;
    try {
      return this.read(text, undefined, symbol);
    } finally {
      this.#zone = before;
      this.#hasLocal = false;
      this.#hasOffset = true;
      this.#found.zone = name;
    }
  }

  #readSinceMidnight(text: string, dayMs: number, symbol: string): number {
    const since = /^\d+(?:\.0*)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(since < 2 * DAY_MS)) throw new TimeProblem(`"${shorten(text)}" is not a number of ms since midnight`);
    this.#found.times.add('ms since midnight');
    return this.#inZone(dayMs + since, true, text, undefined, symbol);
  }

  #readWhole(text: string, truncate: boolean, symbol: string): number {
    const { ms, unit, problem } = readWholeTime(text, truncate, this.#lastUnit ?? this.#rules.smallUnit);
    if (problem !== '') throw new TimeProblem(`"${shorten(text)}" is not a time: ${problem}`);
    if (unit === 'date') {
      this.#found.times.add('dates');
      this.#lastUnit = unit;
      return this.#inZone(ms, text.replace(/\..*$/, '').length > 8, text, undefined, symbol);
    }
    if (unit !== this.#lastUnit) this.note(unit);
    this.#lastUnit = unit;
    return ms;
  }

  #inZone(localMs: number, hasClock: boolean, text: string, clock: string | undefined, symbol: string): number {
    const isMidnight = localMs % DAY_MS === 0;
    if (!hasClock || (this.#rules.isDaily && isMidnight)) return localMs;
    const zone = this.#zone;
    if (this.refusesLocal) throw mixed(`"${shorten(text)}" has no zone, times before it have one`);
    this.#hasLocal = true;
    const shown = clock === undefined ? text : `${text} ${clock}`;
    if (zone === undefined) {
      const what = `"${shorten(shown)}" is in a zone that only the user knows (the time of a broker or of a program)`;
      throw new TimeProblem(`${what}; name it with --timezone, such as --timezone Europe/Athens`, true);
    }
    this.noteZone();
    if (zone.fixedOffsetMs !== undefined) return localMs - zone.fixedOffsetMs;
    const candidates = zone.candidates(localMs);
    if (candidates.length === 0) {
      const what = `"${shorten(shown)}" does not exist in ${zone.name}`;
      const why = 'clocks are put forward in that hour (daylight saving)';
      throw new TimeProblem(`${what}: ${why}; the times are in another zone (--timezone)`);
    }
    const ms = candidates.length === 1 ? candidates[0] : this.#byOrder(candidates, symbol);
    return this.#remember(ms, symbol);
  }

  /** Of an hour that comes twice: the first of the two that carries on from the row before. */
  #byOrder(candidates: readonly number[], symbol: string): number {
    const last = this.#lastOf.get(symbol);
    this.#found.notes.add('an hour comes twice (daylight saving): distinguished by the order of the rows');
    if (this.#rules.isDescending) {
      const fitting = candidates.filter((ms) => last === undefined || ms < last);
      return fitting.length > 0 ? fitting[fitting.length - 1] : candidates[0];
    }
    return candidates.find((ms) => last === undefined || ms > last) ?? candidates[candidates.length - 1];
  }

  /** Notes the zone in which times without one are read. */
  noteZone(): void {
    const { zone, isAssumed } = this.#rules;
    this.#found.zone = isAssumed ? `${zone} (assumed; --timezone names another)` : zone;
  }
}

function mixed(what: string): TimeProblem {
  return new TimeProblem(`${what}; name the zone of those without with --timezone, such as --timezone UTC`, true);
}

const DAY_MS = 86_400_000;
const EXPONENT = /^[+-]?[\d.]+e[+-]?\d+$/i;
/** A zone of the tz database behind a time, as Interactive Brokers writes it. */
const NAMED_ZONE = /^(.*\d) ([A-Z][A-Za-z]+\/[A-Za-z_+-]+(?:\/[A-Za-z_]+)?)$/;
const WRITTEN = /[^\d.+-]|\d-|\.\d+\./;

/** Whether a cell can only be a time of day: `09:30`, `16:00:00`. */
export function isDaytime(text: string): boolean {
  return /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AP]M)?$/i.test(text.trim());
}

export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
