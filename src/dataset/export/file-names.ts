/** Names of exported files: safe on every system, and never two alike. */
import { AtcError } from '../../errors.js';
import type { ExportFormat } from '../../formats/export/export-format.js';

/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const UNITS: readonly (readonly [ms: number, letter: string])[] = [
  [604_800_000, 'w'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
];

/** `BTC/USDT` -> `BTC_USDT.csv`; a number is added where another symbol has that name (case aside). */
export function fileOf(symbol: string, { extension }: ExportFormat, taken: Set<string>): string {
  const plain =
    symbol
      .replace(/[^\p{L}\p{N}._-]/gu, '_')
      .replace(/^\.+/, '_')
      .slice(0, 100) || '_';
  const base = RESERVED.test(plain) ? `${plain}_` : plain;
  let name = `${base}${extension}`;
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${base}_${count}${extension}`;
  taken.add(name.toLowerCase());
  return name;
}

/** `symbol=BTC%2FUSDT/data.parquet`, as Hive, DuckDB, polars and Spark read it. */
export function hiveFile(symbol: string, { extension }: ExportFormat): string {
  const value = encodeURIComponent(symbol).replace(
    /[.*'()!~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `symbol=${value}/data${extension}`;
}

/** `BTC/USDT` -> `BTC_USDT-5m.json`, `PEPE/USDT:USDT` -> `futures/PEPE_USDT_USDT-1h-futures.json`. */
export function freqtradeFile(symbol: string, stepMs: number | undefined): string {
  const pair = symbol.replace(/[^A-Za-z0-9]/g, '_');
  const interval = intervalText(stepMs, symbol);
  return symbol.includes(':') ? `futures/${pair}-${interval}-futures.json` : `${pair}-${interval}.json`;
}

/** `5m` of ms. ARGUMENT where rows are on no grid: the name of the file needs an interval. */
export function intervalText(stepMs: number | undefined, symbol: string): string {
  for (const [ms, letter] of UNITS) if (stepMs !== undefined && stepMs % ms === 0) return `${stepMs / ms}${letter}`;
  throw new AtcError(
    'ARGUMENT',
    `${symbol}: its candles have no usual distance, which the names of these files need; give an interval`,
  );
}
