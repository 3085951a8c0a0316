/**
 * Datasets to the files of others: one file, one for each symbol, or a folder for each symbol as Hive lays them out.
 */
import path from 'node:path';
import {
  requireKnownOptions,
  requireMethodsOf,
  requireOneOf,
  requireOptionalFunction,
  requirePath,
} from '../../arguments.js';
import { AtcError, shown } from '../../errors.js';
import type { ParquetCompression } from '../../formats/export/parquet-pages.js';
import { DirectoryWriter } from '../../io/atomic-directory.js';
import type { CandleTable, Dataset } from '../../table.js';
import { openDatasetSync } from '../open.js';
import type { AsOf } from '../versions/version-name.js';
import { writeCandleFiles } from './candle-files.js';
import { type ExportedFile, ExportJob, type ExportReport } from './export-job.js';
import { tableToExport } from './export-table.js';
import { readTarget, requireFreeTarget } from './export-target.js';
import type { LeanSecurity } from './lean-files.js';
import { writeFileEach, writeOneFile } from './table-files.js';

/** What `exportDataset` writes, and how. */
export interface ExportOptions {
  /** Default: by the ending of the target; `csv` for a folder. */
  readonly format?:
    | 'csv'
    | 'ndjson'
    | 'parquet'
    | 'arrow'
    | 'feather'
    | 'npy'
    | 'freqtrade'
    | 'ccxt'
    | 'backtest-kit'
    | 'lean';
  /**
   * `file`: all symbols in one; `symbols`: one file each; `hive`: `symbol=NAME/data.parquet`. Default: `file` where the
   * target has an ending of the format, `symbols` where it has none; another ending needs the layout.
   */
  readonly layout?: 'file' | 'symbols' | 'hive';
  /** Default: all. */
  readonly symbols?: readonly string[];
  /** Columns besides the timestamp, in this order. Default: all, as the dataset has them. */
  readonly columns?: readonly string[];
  /** Only candles at or after this time, UTC ms. */
  readonly fromMs?: number;
  /** Only candles before this time. */
  readonly toMs?: number;
  /** Longer candles, as `resample` makes them: `1h`, `1d`, `1w`, or ms. */
  readonly interval?: string | number;
  /** With `interval`: whether the last candle is written while its time is not over. Default `include`. */
  readonly partial?: 'include' | 'omit';
  /**
   * Name of the exchange in the folders of backtest-kit and LEAN: one of LEAN's markets. Default `binance`, of
   * equities `usa`.
   */
  readonly exchange?: string;
  /**
   * Of LEAN: crypto currencies by UTC (default), or equities by the clock of their market, with LEAN's scaled prices.
   */
  readonly security?: LeanSecurity;
  /** Of the pages of Parquet, default `snappy`. `zstd` needs Node 22.15. */
  readonly compression?: ParquetCompression;
  /** The version, where the source is a directory, as `openDataset` takes it. Default: the current one. */
  readonly asOf?: AsOf;
  /** Ends the export; nothing is left at the target. */
  readonly signal?: AbortSignal;
  /** Rows written so far, and their share. */
  readonly onRows?: (rows: number, share?: number) => void;
}

const OPTIONS: readonly (keyof ExportOptions)[] = [
  'format',
  'layout',
  'symbols',
  'columns',
  'fromMs',
  'toMs',
  'interval',
  'partial',
  'exchange',
  'security',
  'compression',
  'asOf',
  'signal',
  'onRows',
];

/** Throws ARGUMENT for what is no list of names; undefined counts as all. */
function requireNames(value: unknown, what: string): void {
  if (value === undefined || (Array.isArray(value) && value.every((name) => typeof name === 'string'))) return;
  throw new AtcError('ARGUMENT', `${what} must be a list of names, got ${shown(value)}`);
}

/**
 * Writes the candles of a dataset (or its directory) to `target`, which must not exist: complete or not at all, in
 * bounded memory. Columns keep their names and bits; timestamps become the format's own kind of time. ARGUMENT for
 * names that are none and for formats that cannot hold what they should; UNSUPPORTED for a package that is missing.
 */
export async function exportDataset(
  source: string | Dataset,
  target: string,
  options: ExportOptions = {},
): Promise<ExportReport> {
  if (typeof source !== 'string') requireMethodsOf(source, ['table'], 'a dataset or its directory');
  requirePath(target, 'the target of an export');
  requireKnownOptions(options, OPTIONS, 'exportDataset');
  requireNames(options.symbols, 'symbols');
  requireNames(options.columns, 'columns');
  requireOptionalFunction(options.onRows, 'onRows');
  requireOneOf(options.compression, ['snappy', 'gzip', 'zstd', 'none'], 'compression');
  requireOneOf(options.security, ['crypto', 'equity'], 'security');
  requireOneOf(options.layout, ['file', 'symbols', 'hive'], 'layout');
  requireOneOf(options.partial, ['include', 'omit'], 'partial');
  if (options.partial !== undefined && options.interval === undefined) {
    throw new AtcError('ARGUMENT', 'partial is for candles of a longer interval: give interval', { key: 'partial' });
  }
  if (options.security !== undefined && options.format !== 'lean') {
    throw new AtcError('ARGUMENT', 'security is for the archives of LEAN: format "lean"', { key: 'security' });
  }
  const ofFolders = options.format === 'backtest-kit' || options.format === 'lean' ? options.format : undefined;
  const into = ofFolders === undefined ? readTarget(target, options.format, options.layout) : undefined;
  if (options.compression !== undefined && into?.format.name !== 'parquet') {
    throw new AtcError('ARGUMENT', 'compression is for the pages of Parquet; no other format has them', {
      key: 'compression',
    });
  }
  requireFreeTarget(target, typeof source === 'string' ? source : undefined);
  const dataset = openedSource(source, options.asOf);
  try {
    const tables = pickSymbols(dataset, options.symbols).map((table) => tableToExport(table, options));
    const job = new ExportJob(tables, options);
    if (into === undefined) {
      return await inDirectory(target, (directory) => writeCandleFiles(ofFolders!, job, directory, options));
    }
    const { format, layout } = into;
    if (layout === 'file') return reportOf(format.name, [await writeOneFile(format, job, target)]);
    return await inDirectory(target, async (directory) => ({
      format: format.name,
      files: await writeFileEach(format, job, directory, layout),
    }));
  } finally {
    if (typeof source === 'string') dataset.close();
  }
}

function openedSource(source: string | Dataset, asOf: AsOf | undefined): Dataset {
  if (typeof source === 'string') return openDatasetSync(source, { asOf });
  if (asOf === undefined) return source;
  throw new AtcError('ARGUMENT', 'asOf is for a directory; a dataset that is open has its version already', {
    key: 'asOf',
  });
}

function pickSymbols(dataset: Dataset, wanted: readonly string[] | undefined): CandleTable[] {
  if (wanted?.length === 0) throw new AtcError('ARGUMENT', 'symbols is an empty list; leave it out for all of them');
  return [...new Set(wanted ?? dataset.symbols)].map((symbol) => dataset.table(symbol));
}

async function inDirectory(
  target: string,
  write: (directory: string) => Promise<Omit<ExportReport, 'rows' | 'bytes'>>,
): Promise<ExportReport> {
  const writer = new DirectoryWriter(target, { durability: 'process' });
  try {
    const { format, files } = await write(writer.temporary);
    writer.commit();
    return reportOf(
      format,
      files.map((file) => ({ ...file, path: path.join(target, file.path) })),
    );
  } catch (error) {
    writer.abort();
    throw writer.named(error);
  }
}

function reportOf(format: string, files: readonly ExportedFile[]): ExportReport {
  const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
  return { format, files, rows: sum('rows'), bytes: sum('bytes') };
}
