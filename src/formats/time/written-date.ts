/**
 * Dates and times as people write them -> parts. What a file leaves open (zone, which of day and month comes first) is
 * left open here.
 */

/** A date and a time of day as written. One object is reused by every call. */
export interface WrittenTime {
  /** As if the clock stood at UTC. */
  localMs: number;
  /** It has a time of day. */
  hasClock: boolean;
  /** ms east of UTC, where the text says it; NaN otherwise. */
  offsetMs: number;
  /** Digits finer than a ms that are not 0. */
  isFiner: boolean;
  /** Of three short numbers, so that `order` decides: where it is not given, the orders that are possible. */
  orders: readonly DateOrder[] | undefined;
  /** What is wrong, where nothing was understood. */
  problem: string;
}

const written: WrittenTime = {
  localMs: 0,
  hasClock: false,
  offsetMs: Number.NaN,
  isFiner: false,
  orders: undefined,
  problem: '',
};

/** What a date such as 01/02/24 begins with. */
export type DateOrder = 'mdy' | 'dmy' | 'ymd';

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];
/**
 * Names in other languages that begin as the English ones do. `marraskuu` and `martes` do as well, and are no March.
 */
const OTHER_MONTHS =
  /^(?:jan(?:v|vier|uar|uari|eiro)|februari?|mar(?:s|zo|z|t|tie|zec|ca)|aprile|jun[io]|junio|junho|jul[io]|julio|julho|august[ie]?|augustus|sept(?:embre|iembre|embrie)?|oct(?:obre|ubre|ombrie)|nov(?:embre|iembre|embro)|decem(?:bre|brie))$/;
const DATES: readonly { readonly pattern: RegExp; readonly order: string }[] = [
  { pattern: /^(\d{4})([-./])(\d{1,2})\2(\d{1,2})/, order: 'y m d' },
  { pattern: /^(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/, order: 'a b y' },
  { pattern: /^(\d{4})(\d{2})(\d{2})(?=$|[T _,;-])/, order: 'ymd' },
  { pattern: /^(\d{1,2})(?:st|nd|rd|th)?[-. /]?([a-z]{3,9})\.?[-. /,]{0,2}(\d{4}|\d{2})(?!\d)/i, order: 'd n y' },
  { pattern: /^([a-z]{3,9})\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?,?[- ](\d{4}|\d{2})(?!\d)/i, order: 'n d y' },
  { pattern: /^(\d{4})[-. ]([a-z]{3,9})[-. ](\d{1,2})/i, order: 'y n d' },
  { pattern: /^(\d{4})([-/])(\d{1,2})(?=$)/, order: 'y m' },
];
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,. ]+/i;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?/;
const COMPACT_CLOCK = /^(\d{2})(\d{2})(\d{2})?(?:[. ]?(\d{3,9}))?(?=$|[Zz +-])/;
const HOUR = /^(\d{1,2})(?=[- ]?[AP]\.?M\.?)/i;
const HALF = /^[- ]?([AP])\.?M\.?/i;
const ZONE = /^(?:Z|(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?|UTC|GMT)$/i;
const ALONE = /^(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,9}))?)?$/;

/** Reads a whole cell; undefined fields of the result say what is open. `problem` is set when it is not understood. */
export function readWrittenTime(text: string, order: DateOrder | undefined): WrittenTime {
  reset();
  const rest = text.replace(WEEKDAY, '');
  for (const { pattern, order: parts } of DATES) {
    const match = pattern.exec(rest);
    if (match === null) continue;
    if (!readDate(match, parts, order)) return written;
    readClock(rest.slice(match[0].length));
    return written;
  }
  return fail('it is neither a date nor a number since 1970');
}

/**
 * A time of day beside a date column: `09:30`, `93000` with hours that lost their 0, `0930`. ms since midnight, NaN for
 * anything else.
 */
export function readDaytime(text: string): number {
  const trimmed = text.trim().replace(/\.0+$/, '');
  const padded = /^\d+$/.test(trimmed) ? trimmed.padStart(trimmed.length <= 4 ? 4 : 6, '0') : trimmed;
  const match = ALONE.exec(padded);
  if (match === null) {
    const half = /^(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*([AP])\.?M\.?$/i.exec(trimmed);
    if (half === null) return Number.NaN;
    return daytime(halfDay(Number(half[1]), half[4]), Number(half[2] ?? 0), Number(half[3] ?? 0), 0);
  }
  const fraction = (match[4] ?? '').padEnd(3, '0').slice(0, 3);
  return daytime(Number(match[1]), Number(match[2]), Number(match[3] ?? 0), Number(fraction));
}

function reset(): void {
  written.localMs = 0;
  written.hasClock = false;
  written.offsetMs = Number.NaN;
  written.isFiner = false;
  written.orders = undefined;
  written.problem = '';
}

function fail(problem: string): WrittenTime {
  written.problem = problem;
  return written;
}

function readDate(match: RegExpExecArray, parts: string, order: DateOrder | undefined): boolean {
  const [, one, two, three, four] = match;
  switch (parts) {
    case 'y m d':
      return setDate(one, three, four);
    case 'ymd':
      return setDate(one, two, three);
    case 'y m':
      return setDate(one, three, '1');
    case 'd n y':
      return setDate(three, month(two), one);
    case 'n d y':
      return setDate(three, month(one), two);
    case 'y n d':
      return setDate(one, month(two), three);
    default: {
      written.orders = ordersOf(two, four);
      const known = order !== undefined && written.orders.includes(order) ? order : written.orders[0];
      if (known === 'ymd') return setDate(one.padStart(2, '0'), three, four);
      return known === 'dmy' ? setDate(four, three, one) : setDate(four, one, three);
    }
  }
}

/** Dots are never month first; only years of two digits can stand first among short numbers. */
function ordersOf(mark: string, last: string): readonly DateOrder[] {
  if (mark === '.') return last.length === 4 ? DOTTED : DOTTED_SHORT;
  return last.length === 4 ? SLASHED : SLASHED_SHORT;
}

const DOTTED: readonly DateOrder[] = ['dmy'];
const DOTTED_SHORT: readonly DateOrder[] = ['dmy', 'ymd'];
const SLASHED: readonly DateOrder[] = ['mdy', 'dmy'];
const SLASHED_SHORT: readonly DateOrder[] = ['mdy', 'dmy', 'ymd'];

/** Its number; empty for a name that is none. */
function month(name: string): string {
  const lower = name.toLowerCase();
  const known = OTHER_MONTHS.test(lower) ? lower.slice(0, 3) : lower;
  return String(MONTHS.findIndex((full) => full.startsWith(known)) + 1 || '');
}

function setDate(yearText: string, monthText: string, dayText: string): boolean {
  const month = Number(monthText);
  const day = Number(dayText);
  // As POSIX does: 69 to 99 are the last century.
  const year = yearText.length === 2 ? Number(yearText) + (Number(yearText) >= 69 ? 1900 : 2000) : Number(yearText);
  if (year < 1600) {
    fail(`the year ${year} is no year that has prices; a date that was missing is often written so`);
    return false;
  }
  const date = Date.UTC(year, month - 1, day);
  // Date.UTC rolls 30 February over into March: such a date is refused instead.
  if (month < 1 || month > 12 || day < 1 || new Date(date).getUTCMonth() !== month - 1) {
    fail(monthText === '' ? 'the name of the month is not understood' : 'there is no such day in the calendar');
    return false;
  }
  written.localMs = date;
  return true;
}

/** What follows the date: nothing, a time of day, a zone. */
function readClock(text: string): void {
  let rest = text.replace(/^(?:[T_,;-]| )\s*/i, '');
  if (rest === '' || /^\.0+$/.test(rest)) return;
  let match = CLOCK.exec(rest) ?? HOUR.exec(rest) ?? COMPACT_CLOCK.exec(rest);
  let hour = 0;
  if (match !== null) {
    const [, h, m = '0', s = '0', fraction = ''] = match;
    hour = Number(h);
    rest = rest.slice(match[0].length);
    const half = HALF.exec(rest.trimStart());
    if (half !== null) {
      hour = halfDay(hour, half[1]);
      rest = rest.trimStart().slice(half[0].length);
    }
    const padded = fraction.padEnd(9, '0');
    const ms = daytime(hour, Number(m), Number(s), Number(padded.slice(0, 3)));
    if (Number.isNaN(ms)) {
      fail('there is no such time of day');
      return;
    }
    written.hasClock = true;
    written.isFiner = padded.slice(3) !== '000000';
    written.localMs += ms;
  }
  rest = rest.trim();
  if (rest === '') return;
  match = ZONE.exec(rest);
  if (match === null) {
    fail(
      /^[A-Z]{2,5}$/i.test(rest)
        ? `the zone "${rest}" has more than one meaning; leave it out and name the zone with --timezone`
        : `"${rest.slice(0, 20)}" behind the date is not understood`,
    );
    return;
  }
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  written.offsetMs = (match[1] === '-' ? -minutes : minutes) * 60_000;
}

function halfDay(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return 24;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function daytime(hour: number, minute: number, second: number, ms: number): number {
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}
