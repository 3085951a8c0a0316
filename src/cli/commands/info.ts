/**
 * `atc info`: what a path holds, without reading more than headers and indexes; who uses how much of the cache
 * directory.
 */
import path from 'node:path';
import { Command } from 'commander';
import { getMemoryMappedInfo } from '../../array/load.js';
import { isNpy } from '../../array/npy-header.js';
import { type EntryUsage, listUsage } from '../../cache-directory/cache-usage.js';
import { isFrame } from '../../codec/frame-format.js';
import { FrameReader } from '../../codec/frame-reader.js';
import { loadConfig } from '../../config/load.js';
import { CATALOGUE_FILE, type SymbolEntry } from '../../dataset/catalogue.js';
import { readSources } from '../../dataset/copy.js';
import { openDataset, openDatasetSync } from '../../dataset/open.js';
import { areUnchanged } from '../../dataset/source-stamps.js';
import { AtcError } from '../../errors.js';
import { diskUsage } from '../../io/disk-usage.js';
import { openFileReader } from '../../io/file-reader.js';
import { isPresent } from '../../io/json-file.js';
import { isDirectory } from '../../io/path-kind.js';
import { isRemoteUrl, type RemoteUrl } from '../../remote-url.js';
import { cacheReport, cacheUsers } from '../cache-report.js';
import { candleStoreFacts, candleStoreText, isCandleStore } from '../candle-store-report.js';
import { escapeLine, printOut } from '../output.js';
import { formatBytes, formatCount, formatNumber, formatTable, formatTime, joinFitting } from '../text.js';
import { versionTable } from '../version-table.js';

export function infoCommand(): Command {
  return new Command('info')
    .description('show what a dataset, a file or the cache directory holds')
    .argument(
      '[path]',
      'a dataset (or its URL) or candle store, a packed file (.atc) or a .npy file; default: the cache directory',
    )
    .option('--json', 'print it as JSON')
    .action(async (target: string | undefined, flags: { json?: boolean }) => {
      const info = target === undefined ? await describeCache() : await describe(target);
      printOut(flags.json === true ? JSON.stringify(info.facts) : info.text);
    });
}

interface Description {
  readonly facts: unknown;
  readonly text: string;
}

async function describe(target: string): Promise<Description> {
  if (isRemoteUrl(target)) return describeRemote(target);
  // The cache directory appears with the first write: its absence is an empty cache and no error.
  if (!isPresent(target) && (await isConfiguredCache(target))) return describeCache(target);
  if (isDirectory(target)) {
    if (isCandleStore(target)) {
      const facts = await candleStoreFacts(target, false);
      return { facts, text: candleStoreText(facts) };
    }
    if (isPresent(path.join(target, CATALOGUE_FILE))) return describeDataset(target);
    const isCache = (await isConfiguredCache(target)) || listUsage(target).some(isOurs);
    return isCache ? describeCache(target) : describeDataset(target);
  }
  const file = openFileReader(target);
  try {
    const prefix = file.read(0, Math.min(16, file.byteLength));
    if (isFrame(prefix)) return describeFrame(new FrameReader(file), file.byteLength, target);
    if (isNpy(prefix)) return await describeArray(target);
  } finally {
    file.close();
  }
  throw new AtcError(
    'UNSUPPORTED',
    `${target} is neither a dataset, nor a frame, nor a .npy file; a CSV is read by atc import`,
    {
      path: target,
    },
  );
}

function isOurs({ kind }: EntryUsage): boolean {
  return kind !== 'other';
}

async function isConfiguredCache(target: string): Promise<boolean> {
  return path.resolve(target) === path.resolve((await loadConfig()).cacheDir);
}

/** Of the configuration when none is named. */
async function describeCache(named?: string): Promise<Description> {
  const { cacheDir, maxCacheBytes } = await loadConfig();
  const directory = named ?? cacheDir;
  const entries = listUsage(directory);
  const users = cacheUsers(entries);
  const facts = { kind: 'cache', directory, maxCacheBytes, users, entries };
  return { facts, text: cacheReport(directory, users, maxCacheBytes) };
}

/** What its catalogue says; nothing else is requested. */
async function describeRemote(url: RemoteUrl): Promise<Description> {
  const dataset = await openDataset(url);
  const symbols = dataset.symbols.map((symbol) => dataset.entry(symbol));
  const rows = symbols.reduce((sum, entry) => sum + entry.rows, 0);
  const { layout, generation, traffic } = dataset;
  const facts = { kind: 'remote dataset', url: dataset.url, layout, generation, rows, traffic, symbols };
  dataset.close();
  const what = `${facts.url}: ${layout} dataset, generation ${generation}, ${formatNumber(rows, 'row')}`;
  return { facts, text: `${what}\n\n${symbolTable(symbols)}` };
}

async function describeDataset(directory: string): Promise<Description> {
  const dataset = openDatasetSync(directory);
  const { symbols, generation } = dataset.catalogue;
  const { snapshotId } = dataset;
  const versions = await dataset.snapshots().finally(() => dataset.close());
  const source = describeSource(directory);
  const usage = diskUsage(directory);
  const rows = symbols.reduce((sum, entry) => sum + entry.rows, 0);
  const rawBytes = symbols.reduce((sum, entry) => sum + entry.rows * entry.columns.length * 8, 0);
  const facts = {
    kind: 'dataset',
    directory,
    layout: dataset.layout,
    generation,
    snapshotId,
    ...(source === undefined ? {} : { source }),
    rows,
    bytes: usage.byteLength,
    files: usage.files,
    versions,
    symbols,
  };
  const head = joinFitting([
    `${path.basename(directory)}: dataset, ${dataset.layout}, ${formatNumber(rows, 'row')},`,
    `${formatBytes(usage.byteLength)} in ${formatNumber(usage.files, 'file')}`,
    `(${comparedWithRaw(usage.byteLength, rawBytes)})`,
  ]);
  const made =
    source === undefined
      ? ''
      : `\nmade from ${source.paths.join(', ')}, ${source.unchanged ? 'unchanged' : 'CHANGED'} since`;
  const retained = versions.length === 0 ? '' : `\n\n${versionTable(versions)}`;
  return {
    facts,
    text: `${head}\ngeneration ${generation}, snapshot ${snapshotId}${made}\n\n${symbolTable(symbols)}${retained}`,
  };
}

function symbolTable(symbols: readonly Pick<SymbolEntry, 'symbol' | 'rows' | 'firstMs' | 'lastMs' | 'columns'>[]) {
  return formatTable(
    ['symbol', 'rows', 'from', 'to', 'columns'],
    symbols.map(({ symbol, rows, firstMs, lastMs, columns }) => [
      symbol,
      formatCount(rows),
      formatTime(firstMs),
      formatTime(lastMs),
      columns.map(({ name, dtype }) => (dtype === 'float64' ? name : `${name} (${dtype})`)).join(' '),
    ]),
  );
}

/** A mapped dataset is as large as its numbers; a small one has headers and the catalogue on top. */
function comparedWithRaw(bytes: number, rawBytes: number): string {
  if (bytes <= rawBytes) return `${(rawBytes / bytes).toFixed(2)}x smaller than raw float64`;
  return `${(bytes / rawBytes).toFixed(2)}x the size of raw float64`;
}

/** For copies that know what they were made from. */
function describeSource(directory: string) {
  const known = readSources(directory);
  if (known === undefined) return undefined;
  const paths = known.sources.map((source) => source.path);
  return { paths, unchanged: areUnchanged(known.sources, paths) };
}

function describeFrame(frame: FrameReader, bytes: number, target: string): Description {
  const rawBytes = frame.decodedBytes(frame.columns.map((_, k) => k));
  const facts = {
    kind: 'frame',
    path: target,
    holds: frame.kind,
    rows: frame.rows,
    blocks: frame.blocks,
    columns: frame.columns,
    bytes,
  };
  const rows = `${formatNumber(frame.rows, 'row')} in ${formatNumber(frame.blocks, 'block')}`;
  const sizes = `${formatBytes(bytes)} (raw ${formatBytes(rawBytes)}, ${(rawBytes / bytes).toFixed(2)}x)`;
  const columns = frame.columns.map(({ name, dtype }) => `  ${escapeLine(name)} ${dtype}`);
  const what = frame.kind === 'table' ? 'a table' : 'an array';
  const head = joinFitting([`${path.basename(target)}: frame of ${what}, ${rows},`, sizes]);
  const text = [head, ...columns].join('\n');
  return { facts, text };
}

async function describeArray(target: string): Promise<Description> {
  const info = await getMemoryMappedInfo(target);
  const shape = `${info.dtype} [${info.shape.join(', ')}]`;
  const text = joinFitting([`${path.basename(target)}: .npy array, ${shape},`, formatBytes(info.byteLength)]);
  return { facts: { ...info, kind: 'array', path: target }, text };
}
