/** Files of tables: one for all symbols, or one for each, named by the layout and the format. */
import path from 'node:path';
import { AtcError } from '../../errors.js';
import { type ExportFormat, SYMBOL_COLUMN } from '../../formats/export/export-format.js';
import { FileWriter } from '../../io/file-writer.js';
import type { ExportedFile, ExportJob } from './export-job.js';
import type { ExportTable } from './export-table.js';
import { ClaimedNames, fileOf, freqtradeFile, hiveFile, intervalText } from './file-names.js';

/** All symbols in one file. ARGUMENT for formats that hold one symbol, and for columns that differ. */
export async function writeOneFile(format: ExportFormat, job: ExportJob, target: string): Promise<ExportedFile> {
  if (job.tables.length !== 1 && !format.holdsSymbols) {
    const what = `${format.name} holds one symbol a file, and there are ${job.tables.length}`;
    throw new AtcError('ARGUMENT', `${what}; export to a folder, or name one in symbols`);
  }
  return writeFile(format, job, job.tables, target, target);
}

/** A file for each symbol, below `directory`. */
export async function writeFileEach(
  format: ExportFormat,
  job: ExportJob,
  directory: string,
  layout: 'symbols' | 'hive',
): Promise<ExportedFile[]> {
  const nameOf = layout === 'hive' ? hiveNames(format) : format.name === 'freqtrade' ? pairNames() : plainNames(format);
  const files: ExportedFile[] = [];
  for (const table of job.tables) {
    const name = nameOf(table);
    if (name !== undefined) files.push(await writeFile(format, job, [table], path.join(directory, name), name));
  }
  return files;
}

/** What the file of a table is called; undefined for none. */
type NameOf = (table: ExportTable) => string | undefined;

function hiveNames(format: ExportFormat): NameOf {
  return (table) => {
    requireNoSymbolColumn([table], 'a folder for each symbol');
    return hiveFile(table.symbol, format);
  };
}

function plainNames(format: ExportFormat): NameOf {
  const taken = new Set<string>();
  return ({ symbol }) => fileOf(symbol, format, taken);
}

/** A pair without rows in the range has no interval either, and no file. */
function pairNames(): NameOf {
  const claimed = new ClaimedNames('freqtrade');
  return (table) => {
    if (table.sourceRows === 0) return undefined;
    const name = freqtradeFile(table.symbol, intervalText(table));
    claimed.claim(name, table.symbol);
    return name;
  };
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
  if (hasSymbolColumn) requireNoSymbolColumn(tables, 'a file of several symbols');
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

/** Readers that ignore the case of names, as DuckDB and Spark do, could not tell it from the one that is added. */
function requireNoSymbolColumn(tables: readonly ExportTable[], where: string): void {
  const own = tables[0].schema.find(({ name }) => name.toLowerCase() === SYMBOL_COLUMN);
  if (own === undefined) return;
  const what = `${tables[0].symbol} has a column "${own.name}", and ${where} gets one of that name`;
  throw new AtcError('ARGUMENT', `${what}; leave it out with columns, or choose the layout "symbols"`, {
    column: own.name,
  });
}
