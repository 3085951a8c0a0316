/**
 * Formats of folders: backtest-kit's file for every candle (`exchange/SYMBOL/5m/1706655600000.json`), and LEAN's
 * archives.
 */
import path from 'node:path';
import { AtcError } from '../../errors.js';
import { candleColumns } from '../../formats/export/candle-columns.js';
import { appendBytes } from '../../io/append.js';
import { createDirectories } from '../../io/path-kind.js';
import type { ExportedFile, ExportJob } from './export-job.js';
import type { ExportTable } from './export-table.js';
import { ClaimedNames, intervalText } from './file-names.js';
import { type LeanSecurity, leanFiles, missing, type NewFile } from './lean-files.js';

/** What backtest-kit calls the columns, in the order of `candleColumns`. */
const CANDLE_KEYS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

export async function writeCandleFiles(
  format: 'backtest-kit' | 'lean',
  job: ExportJob,
  directory: string,
  { exchange, security = 'crypto' }: { readonly exchange?: string; readonly security?: LeanSecurity },
): Promise<{ format: string; files: ExportedFile[] }> {
  const files: ExportedFile[] = [];
  const claimed = new ClaimedNames(format === 'lean' ? 'LEAN' : format);
  // A symbol without rows in the range has no files; nor has it an interval.
  for (const table of job.tables.filter(({ sourceRows }) => sourceRows > 0)) {
    const write =
      format === 'lean' ? leanFiles(table, claimed, security, exchange) : candleFiles(table, claimed, exchange);
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

function* candleFiles(table: ExportTable, claimed: ClaimedNames, exchange = 'binance'): Generator<NewFile> {
  const { symbol } = table;
  const names = candleColumns(
    table.schema.map(({ name }) => name),
    symbol,
  );
  const folder = symbol.replace(/[^\p{L}\p{N}_-]/gu, '');
  if (folder === '') throw new AtcError('ARGUMENT', `${symbol}: nothing in this symbol can be a name in backtest-kit`);
  claimed.claim(folder, symbol);
  const directory = `${exchange}/${folder}/${intervalText(table)}`;
  let lastMs = Number.NaN;
  for (const { length, columns } of table.batches()) {
    for (let row = 0; row < length; row += 1) {
      const values = names.map((name) => Number(columns[name][row]));
      const [ms] = values;
      const odd = values.findIndex((value) => !Number.isFinite(value));
      if (odd >= 0) throw missing(symbol, names[odd], values[odd], ms);
      if (ms === lastMs) {
        const what = `${symbol}: two candles of ${new Date(ms).toISOString()}, and backtest-kit has a file for a time`;
        throw new AtcError('ARGUMENT', what);
      }
      lastMs = ms;
      const text = JSON.stringify(Object.fromEntries(CANDLE_KEYS.map((key, k) => [key, values[k]])));
      yield { name: `${directory}/${ms}.json`, bytes: new TextEncoder().encode(text), rows: 1 };
    }
  }
}
