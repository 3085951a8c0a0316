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
import type { ExportFormat } from '../../formats/export/export-format.js';
import { exportFormat, formatOfEnding } from '../../formats/export/formats.js';
import type { ParquetCompression } from '../../formats/export/parquet-pages.js';
import { DirectoryWriter } from '../../io/atomic-directory.js';
import { FileWriter } from '../../io/file-writer.js';
import type { CandleTable, Dataset } from '../../table.js';
import { openDatasetSync } from '../open.js';
import type { AsOf } from '../versions/version-name.js';
import { writeCandleFiles } from './candle-files.js';
import { type ExportedFile, ExportJob, type ExportReport } from './export-job.js';
import { type ExportTable, tableToExport } from './export-table.js';
import { fileOf, freqtradeFile, hiveFile } from './file-names.js';
import type { LeanSecurity } from './lean-files.js';

/** What `exportDataset` writes, and how. */
export interface ExportOptions {
  /** Default: by the ending of the target, else `csv`. */
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
   * target has the ending of a file.
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
  if (options.security !== undefined && options.format !== 'lean') {
    throw new AtcError('ARGUMENT', 'security is for the archives of LEAN: format "lean"', { key: 'security' });
  }
  const isParquet = (options.format ?? formatOfEnding(target)?.name) === 'parquet';
  if (options.compression !== undefined && !isParquet) {
    throw new AtcError('ARGUMENT', 'compression is for the pages of Parquet; no other format has them', {
      key: 'compression',
    });
  }
  const dataset = openedSource(source, options.asOf);
  try {
    const tables = pickSymbols(dataset, options.symbols).map((table) => tableToExport(table, options));
    const job = new ExportJob(tables, options);
    if (options.format === 'backtest-kit' || options.format === 'lean') {
      return await inDirectory(target, (directory) =>
        writeCandleFiles(options.format as 'lean', job, directory, options),
      );
    }
    const format =
      options.format === undefined ? (formatOfEnding(target) ?? exportFormat('csv')) : exportFormat(options.format);
    const layout = options.layout ?? (path.extname(target).toLowerCase() === format.extension ? 'file' : 'symbols');
    if (layout === 'file') return await oneFile(format, job, target);
    return await inDirectory(target, (directory) => manyFiles(format, job, directory, layout));
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
  return (wanted ?? dataset.symbols).map((symbol) => dataset.table(symbol));
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
    throw error;
  }
}

async function oneFile(format: ExportFormat, job: ExportJob, target: string): Promise<ExportReport> {
  if (job.tables.length !== 1 && !format.holdsSymbols) {
    const what = `${format.name} holds one symbol a file, and there are ${job.tables.length}`;
    throw new AtcError('ARGUMENT', `${what}; export to a folder, or name one in symbols`);
  }
  return reportOf(format.name, [await writeFile(format, job, job.tables, target, target)]);
}

async function manyFiles(format: ExportFormat, job: ExportJob, directory: string, layout: 'symbols' | 'hive') {
  const names = new Set<string>();
  const files: ExportedFile[] = [];
  for (const table of job.tables) {
    const name =
      layout === 'hive'
        ? hiveFile(table.symbol, format)
        : format.name === 'freqtrade'
          ? freqtradeFile(table.symbol, table.stepMs)
          : fileOf(table.symbol, format, names);
    files.push(await writeFile(format, job, [table], path.join(directory, name), name));
  }
  return { format: format.name, files };
}

/** `shown`: the path of the report. */
async function writeFile(
  format: ExportFormat,
  job: ExportJob,
  tables: readonly ExportTable[],
  file: string,
  shown: string,
): Promise<ExportedFile> {
  const hasSymbolColumn = tables.length > 1;
  requireSameColumns(tables);
  const { schema } = tables[0];
  const times = tables.some((table) => table.times === 'numbers')
    ? 'numbers'
    : tables.some((table) => table.times === 'us')
      ? 'us'
      : 'ms';
  const sink = new FileWriter(file, { durability: 'process', replace: false });
  try {
    const symbols = tables.map(({ symbol }) => symbol);
    const { compression } = job;
    const spec = { schema, symbols, hasSymbolColumn, times, compression } as const;
    const writer = await format.open(sink, spec);
    let rows = 0;
    for (const table of tables) {
      for (const { length, columns } of table.batches()) {
        await writer.write(table.symbol, length, columns);
        rows += length;
        await job.step(length);
      }
    }
    await writer.finish();
    const bytes = sink.byteLength;
    sink.commit();
    return { path: shown, rows, bytes };
  } catch (error) {
    sink.abort();
    throw error;
  }
}

function requireSameColumns(tables: readonly ExportTable[]): void {
  const textOf = ({ schema }: ExportTable) => schema.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
  const odd = tables.find((table) => textOf(table) !== textOf(tables[0]));
  if (odd === undefined) return;
  const what = `${tables[0].symbol} has the columns (${textOf(tables[0])}), ${odd.symbol} has (${textOf(odd)})`;
  throw new AtcError('ARGUMENT', `${what}; one file needs the same: name them in columns, or write one file a symbol`);
}

function reportOf(format: string, files: readonly ExportedFile[]): ExportReport {
  const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
  return { format, files, rows: sum('rows'), bytes: sum('bytes') };
}
