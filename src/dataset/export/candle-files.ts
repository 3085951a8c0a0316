/**
 * Formats of folders: backtest-kit's file for every candle, and the archives of LEAN for crypto currencies:
 *   exchange/SYMBOL/5m/1706655600000.json
 *   crypto/exchange/minute/btcusdt/20240130_trade.zip       ms since midnight UTC, open, high, low, close, volume
 *   crypto/exchange/hour/btcusdt_trade.zip, daily likewise  yyyymmdd hh:mm, …
 */
import path from 'node:path';
import { AtcError } from '../../errors.js';
import { numberText } from '../../formats/export/number-text.js';
import { zipOf } from '../../formats/export/zip.js';
import { appendBytes } from '../../io/append.js';
import { createDirectories } from '../../io/path-kind.js';
import type { ExportedFile, ExportJob } from './export-job.js';
import type { ExportTable } from './export-table.js';
import { intervalText } from './file-names.js';

const DAY_MS = 86_400_000;
const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const;
const RESOLUTIONS: Readonly<Record<string, string>> = { '1s': 'second', '1m': 'minute', '1h': 'hour', '1d': 'daily' };

export async function writeCandleFiles(
  format: 'backtest-kit' | 'lean',
  job: ExportJob,
  directory: string,
  exchange = 'binance',
): Promise<{ format: string; files: ExportedFile[] }> {
  const files: ExportedFile[] = [];
  for (const table of job.tables) {
    const write = format === 'lean' ? leanFiles(table, exchange) : candleFiles(table, exchange);
    for await (const { name, bytes, rows } of write) {
      const target = path.join(directory, name);
      createDirectories(path.dirname(target));
      appendBytes(target, bytes);
      files.push({ path: name, rows, bytes: bytes.length });
      await job.step(rows);
    }
  }
  return { format, files };
}

interface NewFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
}

function* candleFiles(table: ExportTable, exchange: string): Generator<NewFile> {
  const folder = `${exchange}/${safe(table.symbol)}/${intervalText(table.stepMs, table.symbol)}`;
  for (const { length, columns } of table.batches()) {
    const names = Object.keys(columns);
    for (let row = 0; row < length; row += 1) {
      const candle = Object.fromEntries(names.map((name) => [name, Number(columns[name][row])]));
      const text = JSON.stringify(candle);
      yield { name: `${folder}/${candle.timestamp}.json`, bytes: new TextEncoder().encode(text), rows: 1 };
    }
  }
}

function* leanFiles(table: ExportTable, exchange: string): Generator<NewFile> {
  const interval = intervalText(table.stepMs, table.symbol);
  const resolution = RESOLUTIONS[interval];
  if (resolution === undefined) {
    throw new AtcError(
      'ARGUMENT',
      `${table.symbol}: LEAN has candles of 1s, 1m, 1h and 1d, these are of ${interval}; resample them: interval`,
    );
  }
  const ticker = table.symbol.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  const folder = `crypto/${exchange}/${resolution}`;
  const isDaily = resolution === 'hour' || resolution === 'daily';
  let day = Number.NaN;
  let lines: string[] = [];
  const file = (): NewFile => {
    const date = isDaily ? '' : dateText(day * DAY_MS);
    const inner = isDaily ? `${ticker}.csv` : `${date}_${ticker}_${resolution}_trade.csv`;
    const name = isDaily ? `${folder}/${ticker}_trade.zip` : `${folder}/${ticker}/${date}_trade.zip`;
    return { name, bytes: zipOf(inner, new TextEncoder().encode(`${lines.join('\n')}\n`)), rows: lines.length };
  };
  for (const { length, columns } of table.batches()) {
    const prices = PRICES.map((name) => {
      const found = Object.keys(columns).find((column) => column.toLowerCase() === name);
      if (found !== undefined) return columns[found];
      throw new AtcError('ARGUMENT', `${table.symbol}: LEAN needs ${PRICES.join(', ')}; there is no "${name}"`, {
        column: name,
      });
    });
    for (let row = 0; row < length; row += 1) {
      const ms = Number(columns.timestamp[row]);
      const own = isDaily ? 0 : Math.floor(ms / DAY_MS);
      if (own !== day && lines.length > 0) {
        yield file();
        lines = [];
      }
      day = own;
      const time = isDaily ? `${dateText(ms)} ${new Date(ms).toISOString().slice(11, 16)}` : String(ms - day * DAY_MS);
      lines.push([time, ...prices.map((values) => numberText(Number(values[row])))].join(','));
    }
  }
  if (lines.length > 0) yield file();
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}

function safe(symbol: string): string {
  return symbol.replace(/[^A-Za-z0-9_-]/g, '');
}
