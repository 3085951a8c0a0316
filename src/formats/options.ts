/** How other people's files are read: what a file does not say by itself. */
import { MAX_TIME_MS } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { readWrittenTime } from './time/written-date.js';

/** What was understood of one file or one member of an archive; `atc import` prints it as one line. */
export interface FileReport {
  /** As it was found; a member of an archive is `archive.zip:member.csv`. */
  readonly path: string;
  /** Symbol of all its rows: by `symbol`, its name, its folders or a column. Undefined where it has several, or no row. */
  readonly symbol?: string;
  /** What it was taken for, such as `Binance spot klines` or `CSV`. */
  readonly title: string;
  /** Unit or form of its times: `s`, `ms`, `us`, `ns` (joined by `+` where the file changes over), or `dates`. */
  readonly times: string;
  /** Zone of its times; undefined for dates without a time of day. */
  readonly zone?: string;
  /** Candles that were read, after trades became candles, duplicates and the range. */
  readonly rows: number;
  /** What the reader should know: rows turned round, duplicates left out, files of other kinds left out. */
  readonly notes: readonly string[];
}

/** Options of everything that reads files of others. Each default means: the file says it, or it is refused. */
export interface ImportOptions {
  /**
   * Name of a preset (`atc import --list`). Default: recognised by name, first bytes or header. ARGUMENT for an unknown
   * one.
   */
  readonly as?: string;
  /** Zone of times that carry none: an IANA name (`Europe/Athens`), `UTC` or an offset (`+02:00`). */
  readonly timezone?: string;
  /** Symbol of rows that name none. Default: what the name of the file says. */
  readonly symbol?: string;
  /** Names of the columns in order, `-` skips one: for files without a header or with names in another language. */
  readonly columns?: string | readonly string[];
  /** Decimal mark; the other one then separates thousands. Default `.`. */
  readonly decimal?: '.' | ',';
  /** Order of dates such as 01/02/2024 where the file itself does not prove it. */
  readonly dates?: 'mdy' | 'dmy' | 'ymd';
  /** Interval of a candle, such as `1m`, `4h`, `1d`: for trades, and where the file does not say it. */
  readonly interval?: string;
  /**
   * Which of several different rows of one time stays. Default: they are refused. Equal rows are taken once either way.
   */
  readonly duplicates?: 'first' | 'last';
  /** Only rows at or after this time: UTC ms, a Date, or an ISO text. */
  readonly from?: number | string | Date;
  /** Only rows before this time. */
  readonly to?: number | string | Date;
  /** Encoding of text. Default: by its byte order mark, else UTF-8. */
  readonly encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';
  /** Compares archives with the `.CHECKSUM` file beside them. Default false. */
  readonly checksums?: boolean;
  /** Called for every file once it has been read. */
  readonly onFile?: (report: FileReport) => void;
}

/** ARGUMENT for an option that cannot be meant. Names of presets and zones are checked where they are looked up. */
export function requireImportOptions(options: ImportOptions): void {
  const { decimal, dates, duplicates, encoding, interval, symbol, columns } = options;
  requireOneOf('decimal', decimal, ['.', ',']);
  requireOneOf('dates', dates, ['mdy', 'dmy', 'ymd']);
  requireOneOf('duplicates', duplicates, ['first', 'last']);
  requireOneOf('encoding', encoding, ['utf-8', 'utf-16le', 'utf-16be', 'latin1']);
  if (symbol !== undefined && (typeof symbol !== 'string' || symbol.trim() === '')) refuse('symbol', symbol, 'a name');
  if (interval !== undefined && !(typeof interval === 'string' && /^\d+(ms|s|m|h|d|w|M|q|y)$/.test(interval))) {
    refuse('interval', interval, 'a number and a unit, such as 1m, 4h, 1d, 1w or 1M');
  }
  const names = typeof columns === 'string' ? columns.split(',') : columns;
  if (names !== undefined && (!Array.isArray(names) || names.length < 2)) {
    refuse('columns', columns, 'the names of the columns in order, such as timestamp,open,high,low,close,volume');
  }
  void timeBound('from', options.from);
  void timeBound('to', options.to);
}

function requireOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value as string)) return;
  refuse(name, value, allowed.map((one) => `"${one}"`).join(' or '));
}

function refuse(name: string, value: unknown, wanted: string): never {
  throw new AtcError('ARGUMENT', `${name} must be ${wanted}, got ${shown(value)}`);
}

/** UTC ms of a bound; undefined where there is none. */
export function timeBound(name: string, value: ImportOptions['from']): number | undefined {
  if (value === undefined) return undefined;
  const ms =
    typeof value === 'number'
      ? value
      : value instanceof Date
        ? value.getTime()
        : typeof value === 'string'
          ? parseBound(value)
          : Number.NaN;
  const problem = wrongUnit(ms);
  if (problem !== undefined) throw new AtcError('ARGUMENT', `${name} is ${shown(value)}, ${problem}`);
  if (Number.isFinite(ms)) return ms;
  refuse(name, value, 'UTC ms, a Date, or an ISO time such as 2024-01-31 or 2024-01-31T09:30:00Z');
}

function parseBound(text: string): number {
  if (/^-?\d{11,}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d{2}-\d{2}(?:$|[ T]\d)/.test(text)) return Number.NaN;
  const { localMs, offsetMs, problem, isFiner } = readWrittenTime(text, undefined);
  // The parser of JavaScript makes the 1st of March of the 30th of February.
  if (problem !== '' || isFiner) return Number.NaN;
  return Number.isNaN(offsetMs) ? localMs : localMs - offsetMs;
}

/** Bounds of today in another unit select all rows, or none. What is beyond every unit is an open end. */
function wrongUnit(ms: number): string | undefined {
  const wrong = (unit: string) => `which looks like ${unit}: times are UTC ms`;
  if (ms >= 5e8 && ms <= 4.2e9) return wrong('seconds');
  if (ms > MAX_TIME_MS && ms <= 4.2e15) return wrong('microseconds');
  return ms > 1e17 && ms <= 4.2e18 ? wrong('nanoseconds') : undefined;
}

/** Only the options of reading files, of an object that has others too. */
export function importOptionsOf(options: ImportOptions): ImportOptions {
  const own: Record<string, unknown> = {};
  for (const name of IMPORT_OPTIONS) if (options[name] !== undefined) own[name] = options[name];
  return own;
}

/** The options that decide which rows are read, as one text; undefined where there are none. */
export function readingKey(options: ImportOptions): string | undefined {
  const { onFile: _, ...own } = importOptionsOf(options);
  return Object.keys(own).length === 0 ? undefined : JSON.stringify(own);
}

/** Names of `ImportOptions`. */
export const IMPORT_OPTIONS = [
  'as',
  'timezone',
  'symbol',
  'columns',
  'decimal',
  'dates',
  'interval',
  'duplicates',
  'from',
  'to',
  'encoding',
  'checksums',
  'onFile',
] as const satisfies readonly (keyof ImportOptions)[];
