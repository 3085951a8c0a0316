/**
 * Archives of QuantConnect's LEAN, one CSV in each:
 *   crypto/binance/minute/btcusdt/20240130_trade.zip       ms since midnight, open, high, low, close, volume
 *   crypto/binance/hour/btcusdt_trade.zip, daily likewise  yyyymmdd hh:mm, …
 *   equity/usa/minute/spy/20240130_trade.zip               the same by the clock of the market, prices times 10,000
 *   equity/usa/hour/spy.zip, daily likewise
 */
import { AtcError } from '../../errors.js';
import { candleColumns } from '../../formats/export/candle-columns.js';
import { numberText } from '../../formats/export/number-text.js';
import { zipOf } from '../../formats/export/zip.js';
import { LEAN_PRICE_SCALE, leanZone } from '../../formats/presets/lean.js';
import { zoneOf } from '../../formats/time/zones.js';
import type { ExportTable } from './export-table.js';
import { type ClaimedNames, intervalText } from './file-names.js';

/** Kinds of securities that LEAN keeps apart. */
export type LeanSecurity = 'crypto' | 'equity';

export interface NewFile {
  /** Below the target. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
}

const DAY_MS = 86_400_000;
const RESOLUTIONS: Readonly<Record<string, string>> = { '1s': 'second', '1m': 'minute', '1h': 'hour', '1d': 'daily' };
/** Open, high, low, close; the volume follows them. */
const PRICES = 4;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;
/** Of `LEAN_PRICE_SCALE`. */
const SCALE_DIGITS = Math.log10(LEAN_PRICE_SCALE);

export function* leanFiles(
  table: ExportTable,
  claimed: ClaimedNames,
  security: LeanSecurity,
  exchange = security === 'equity' ? 'usa' : 'binance',
): Generator<NewFile> {
  const names = candleColumns(
    table.schema.map(({ name }) => name),
    table.symbol,
  ).slice(1);
  const archive = new Archive(table, security, exchange);
  claimed.claim(archive.ticker, table.symbol);
  const zone = zoneOf(zoneName(security, exchange));
  for (const { length, columns } of table.batches()) {
    const values = names.map((name) => columns[name]);
    for (let row = 0; row < length; row += 1) {
      const ms = Number(columns.timestamp[row]);
      // A day that begins at midnight UTC is that day, wherever the market is.
      const isDate = archive.isDaily && ms % DAY_MS === 0;
      const localMs = isDate ? ms : ms + zone.offsetAt(ms);
      const full = archive.startDay(localMs);
      if (full !== undefined) yield full;
      archive.add(
        localMs,
        values.map((column, k) => {
          const value = column[row];
          if (!Number.isFinite(Number(value))) throw missing(table.symbol, names[k], value, ms);
          return security === 'equity' && k < PRICES ? scaledText(value) : numberText(value);
        }),
      );
    }
  }
  const last = archive.finish();
  if (last !== undefined) yield last;
}

/** The lines of one file, and what it is called: one for each day, or one for all of them. */
class Archive {
  readonly isDaily: boolean;
  /** Folders and name by which LEAN finds the symbol. */
  readonly ticker: string;
  #day = Number.NaN;
  #lines: string[] = [];
  readonly #folder: string;
  readonly #resolution: string;
  readonly #ending: string;

  constructor(table: ExportTable, security: LeanSecurity, exchange: string) {
    const interval = intervalText(table);
    const resolution = RESOLUTIONS[interval];
    if (resolution === undefined) {
      const what = `${table.symbol}: LEAN has candles of 1s, 1m, 1h and 1d, these are of ${interval}`;
      throw new AtcError('ARGUMENT', `${what}; resample them: interval`);
    }
    this.isDaily = resolution === 'daily';
    this.#resolution = resolution;
    // BRK.B keeps its dot, BTC/USDT not its slash.
    const other = security === 'equity' ? /[^\p{L}\p{N}.]/gu : /[^\p{L}\p{N}]/gu;
    this.ticker = table.symbol.replace(other, '').replace(/^\.+/, '').toLowerCase();
    if (this.ticker === '') {
      throw new AtcError('ARGUMENT', `${table.symbol}: nothing in this symbol can be a ticker of LEAN`);
    }
    this.#folder = `${security}/${exchange}/${resolution}`;
    this.#ending = security === 'equity' ? '' : '_trade';
  }

  get #isWhole(): boolean {
    return this.isDaily || this.#resolution === 'hour';
  }

  /** The file of the day before, where another one begins. */
  startDay(localMs: number): NewFile | undefined {
    const day = this.#isWhole ? 0 : Math.floor(localMs / DAY_MS);
    const full = day === this.#day ? undefined : this.finish();
    this.#day = day;
    return full;
  }

  add(localMs: number, values: readonly string[]): void {
    const clock = new Date(localMs).toISOString().slice(11, 16);
    const time = this.#isWhole ? `${dateText(localMs)} ${clock}` : numberText(localMs - this.#day * DAY_MS);
    this.#lines.push([time, ...values].join(','));
  }

  finish(): NewFile | undefined {
    const rows = this.#lines.length;
    if (rows === 0) return undefined;
    const text = new TextEncoder().encode(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    if (this.#isWhole) {
      const name = `${this.#folder}/${this.ticker}${this.#ending}.zip`;
      return { name, bytes: zipOf(`${this.ticker}.csv`, text), rows };
    }
    const date = dateText(this.#day * DAY_MS);
    const inner = `${date}_${this.ticker}_${this.#resolution}_trade.csv`;
    return { name: `${this.#folder}/${this.ticker}/${date}_trade.zip`, bytes: zipOf(inner, text), rows };
  }
}

function zoneName(security: LeanSecurity, exchange: string): string {
  const zone = leanZone(security, exchange);
  if (zone !== undefined) return zone;
  const what = `LEAN has no equities of a market "${exchange}" whose clock is known here`;
  throw new AtcError('ARGUMENT', `${what}; usa and india are`, { key: 'exchange' });
}

/** Of a value that is no number, which no file of candles has. */
export function missing(symbol: string, column: string, value: number | bigint, ms: number): AtcError {
  const time = new Date(ms).toISOString();
  const what = `${symbol}: ${column} of ${time} is ${value}, which these files cannot hold`;
  return new AtcError('ARGUMENT', `${what}; export the ranges around it, or as csv or parquet`, { column });
}

/** The shortest decimal of a price with its point moved: exact, whole for prices of at most four decimals. */
function scaledText(price: number | bigint): string {
  const [, sign, whole, fraction = '', exponent = '0'] = DECIMAL.exec(String(price))!;
  const point = whole.length + Number(exponent) + SCALE_DIGITS;
  const digits = `${whole}${fraction}`;
  const padded = point > 0 ? digits.padEnd(point, '0') : `${'0'.repeat(1 - point)}${digits}`;
  const at = Math.max(1, point);
  const before = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const after = padded.slice(at).replace(/0+$/, '');
  return `${sign}${before}${after === '' ? '' : `.${after}`}`;
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}
