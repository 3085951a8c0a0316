/**
 * Formats of folders: backtest-kit's file for every candle (`exchange/SYMBOL/5m/1706655600000.json`), and LEAN's
 * archives.
 */
import path from 'node:path';
import { appendBytes } from '../../io/append.js';
import { createDirectories } from '../../io/path-kind.js';
import type { ExportedFile, ExportJob } from './export-job.js';
import type { ExportTable } from './export-table.js';
import { intervalText } from './file-names.js';
import { type LeanSecurity, leanFiles, type NewFile } from './lean-files.js';

export async function writeCandleFiles(
  format: 'backtest-kit' | 'lean',
  job: ExportJob,
  directory: string,
  { exchange, security = 'crypto' }: { readonly exchange?: string; readonly security?: LeanSecurity },
): Promise<{ format: string; files: ExportedFile[] }> {
  const files: ExportedFile[] = [];
  for (const table of job.tables) {
    const write = format === 'lean' ? leanFiles(table, security, exchange) : candleFiles(table, exchange);
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

function* candleFiles(table: ExportTable, exchange = 'binance'): Generator<NewFile> {
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

function safe(symbol: string): string {
  return symbol.replace(/[^A-Za-z0-9_-]/g, '');
}
