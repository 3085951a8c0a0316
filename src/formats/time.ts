/** Times of a source file -> UTC milliseconds. Strict: what is not understood is not guessed. */

/** Units by the magnitude a time since 1973 has in them; `zeros`: decimal digits below the millisecond. */
const UNITS = [
  { kind: 's', below: 1e11, zeros: 0, times: 1000 },
  { kind: 'ms', below: 1e14, zeros: 0, times: 1 },
  { kind: 'us', below: 1e17, zeros: 3, times: 1 },
  { kind: 'ns', below: 1e20, zeros: 6, times: 1 },
] as const;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;
const WHOLE_NUMBER = /^[+-]?\d+(?:\.0*)?$/;

export interface TimeParser {
  (text: string): number | undefined;
  readonly kind: (typeof UNITS)[number]['kind'] | 'iso';
  /** Of whole numbers: from here on they are of a smaller unit than the first one. */
  readonly below: number;
}

/**
 * A parser for one column, chosen by its first value: whole numbers since 1970 (seconds, ms, µs or ns by magnitude), or ISO
 * 8601 dates and times (without a zone they are UTC). The parser returns ms, or undefined for text it does not understand or
 * for a time that is not a whole number of ms, or of a smaller unit than the first (sources have gone over from ms to µs).
 */
export function createTimeParser(firstValue: string): TimeParser | undefined {
  if (WHOLE_NUMBER.test(firstValue)) {
    const magnitude = Math.abs(Number(firstValue));
    const unit = UNITS.find((candidate) => magnitude < candidate.below);
    if (unit === undefined) return undefined;
    const { kind, below, zeros, times } = unit;
    const parse = (text: string) => (Math.abs(Number(text)) < below ? parseWholeNumber(text, zeros, times) : undefined);
    return Object.assign(parse, { kind, below });
  }
  if (parseIsoTime(firstValue) === undefined) return undefined;
  return Object.assign((text: string) => parseIsoTime(text), { kind: 'iso' as const, below: 0 });
}

/** By its digits: nanoseconds are beyond the integers that a double holds. */
function parseWholeNumber(text: string, zeros: number, times: number): number | undefined {
  if (!WHOLE_NUMBER.test(text)) return undefined;
  const whole = text.replace(/\.0*$/, '');
  const kept = Math.max(whole.length - zeros, 0);
  if (!/^0*$/.test(whole.slice(kept))) return undefined;
  const ms = Number(whole.slice(0, kept)) * times;
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function parseIsoTime(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const date = Date.UTC(+year, +month - 1, +day);
  // Date.UTC rolls 2023-02-30 over into March: such a date is refused instead.
  if (new Date(date).getUTCMonth() !== +month - 1 || +day < 1) return undefined;
  if (+hour > 23 || +minute > 59 || +second > 59) return undefined;
  const padded = fraction.padEnd(9, '0');
  if (padded.slice(3) !== '000000') return undefined;
  const ms = +padded.slice(0, 3);
  return date + ((+hour * 60 + +minute) * 60 + +second) * 1000 + ms - zoneOffsetMs(zone);
}

function zoneOffsetMs(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null) return 0;
  const minutes = +match[2] * 60 + +match[3];
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}
