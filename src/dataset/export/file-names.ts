/** Names of exported files: safe on every system, and never two alike. */
import { AtcError } from '../../errors.js';
import type { ExportFormat } from '../../formats/export/export-format.js';
import type { ExportTable } from './export-table.js';

/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
/** Bytes of UTF-8 of a name made of a symbol: file systems take 255, with an ending and a temporary one. */
const MAX_NAME_BYTES = 150;
/** Bytes of a name that most file systems take. */
const MAX_FOLDER_BYTES = 255;
const UNITS: readonly (readonly [ms: number, letter: string])[] = [
  [604_800_000, 'w'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
];

/** `BTC/USDT` -> `BTC_USDT.csv`; a number is added where another symbol has that name (case aside). */
export function fileOf(symbol: string, { extension }: ExportFormat, taken: Set<string>): string {
  const plain = shortened(symbol.replace(/[^\p{L}\p{N}._-]/gu, '_').replace(/^\.+/, '_')) || '_';
  const base = RESERVED.test(plain) ? `${plain}_` : plain;
  let name = `${base}${extension}`;
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${base}_${count}${extension}`;
  taken.add(name.toLowerCase());
  return name;
}

/** As many whole characters as fit. */
function shortened(name: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of name) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > MAX_NAME_BYTES) break;
    kept += character;
  }
  return kept;
}

/**
 * `symbol=BTC%2FUSDT/data.parquet`, as Hive, DuckDB, polars and Spark read it. ARGUMENT for a symbol too long for it.
 */
export function hiveFile(symbol: string, { extension }: ExportFormat): string {
  const value = encodeURIComponent(symbol).replace(
    /[.*'()!~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const folder = `symbol=${value}`;
  if (folder.length > MAX_FOLDER_BYTES) {
    const what = `the folder of ${symbol} would have a name of ${folder.length} bytes, and file systems take 255`;
    throw new AtcError('ARGUMENT', `${what}; choose the layout "symbols" or "file"`);
  }
  return `${folder}/data${extension}`;
}

/**
 * `BTC/USDT` -> `BTC_USDT-5m.json`, `PEPE/USDT:USDT` -> `futures/PEPE_USDT_USDT-1h-futures.json`: the characters that
 * freqtrade replaces, and those that no file name has.
 */
export function freqtradeFile(symbol: string, interval: string): string {
  const pair = symbol.replace(/[/ .@$+:\\*?"<>|\p{Cc}]/gu, '_');
  return symbol.includes(':') ? `futures/${pair}-${interval}-futures.json` : `${pair}-${interval}.json`;
}

/** Names that are made of symbols by the rules of another program: two symbols may not have one. */
export class ClaimedNames {
  readonly #owners = new Map<string, string>();
  readonly #format: string;

  constructor(format: string) {
    this.#format = format;
  }

  /** ARGUMENT where a symbol before has the name, or has it but for the case of its letters. */
  claim(name: string, symbol: string): void {
    const key = name.toLowerCase();
    const owner = this.#owners.get(key);
    if (owner !== undefined) {
      const what = `${owner} and ${symbol} have the same name in files of ${this.#format}: ${name}`;
      throw new AtcError('ARGUMENT', `${what}; export them apart, by symbols`);
    }
    this.#owners.set(key, symbol);
  }
}

/** `5m` of a table. ARGUMENT where rows are on no grid: the name of the file needs an interval. */
export function intervalText({ symbol, stepMs, interval }: ExportTable): string {
  if (typeof interval === 'string' && /^\d+M$/.test(interval)) return interval;
  for (const [ms, letter] of UNITS) if (stepMs !== undefined && stepMs % ms === 0) return `${stepMs / ms}${letter}`;
  throw new AtcError(
    'ARGUMENT',
    `${symbol}: its candles have no usual distance, which the names of these files need; give an interval`,
  );
}
