/**
 * From what the user handed over to a dataset that can be run over, stored the way the flags say. Copies go when it is
 * closed, unless they are to be cached for the next run.
 */

import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireOptions } from '../../arguments.js';
import { boundCache } from '../../cache-directory/cache-budget.js';
import type { CompressionOptions } from '../../codec/compression-options.js';
import { bytesOf } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { DEFAULT_CACHE_DIR, type FeatureMode } from '../../feature-mode.js';
import type { HistorySource } from '../../formats/source.js';
import { diskUsage } from '../../io/disk-usage.js';
import { isPresent } from '../../io/json-file.js';
import { isDirectory } from '../../io/path-kind.js';
import { createScratchDirectory, sweepScratch } from '../../io/scratch.js';
import type { MappingBackendChoice } from '../../io/select-backend.js';
import type { Dataset, DatasetLayout } from '../../table.js';
import { hasCatalogue } from '../catalogue-file.js';
import { buildDataset, type OpenedSource, type ReadSourceOptions, readDataset } from '../dataset.js';
import type { DirectoryDataset } from '../directory-dataset.js';
import { openDatasetSync } from '../open.js';
import { pathsOfSource, type StampOptions } from '../source-stamps.js';
import type { AsOf } from '../versions/version-name.js';
import { openCachedCopy } from './cached-copy.js';

/** How history is stored while it is read. */
export interface HistoryOptions
  extends ReadSourceOptions,
    StampOptions,
    Pick<CompressionOptions, 'level' | 'algorithm'> {
  /**
   * `false` and `'read'` leave history as the host has it; `'verify'` builds the copy, compares it and serves the
   * host's; `true`
   * serves the copy. Default false.
   */
  readonly useMemoryMapped?: FeatureMode;
  /** The same for compression. */
  readonly useCompression?: FeatureMode;
  /**
   * What maps the files: 'mmap-io', 'koffi', 'read' (reads instead), or 'auto', the first that loads. Default 'auto'.
   */
  readonly mappingBackend?: MappingBackendChoice;
  /** Where copies for a run are made, default `.cache/atc`. */
  readonly cacheDir?: string;
  /**
   * Keep the copy of source files in `cacheDir` for the next run, which takes it as long as the files are unchanged;
   * several processes share it. Default false: it goes when the run ends.
   */
  readonly keepCopies?: boolean;
  /** Bound on the whole of `cacheDir`: what was used longest ago goes. Default false: none. */
  readonly maxCacheBytes?: number | false;
  /** The version of a dataset, as `openDataset` takes it; ARGUMENT for any other source. Default: the current one. */
  readonly asOf?: AsOf;
}

/** The version of a dataset that a run saw: with `asOf` it sees the same bits again, as long as it is retained. */
export interface HistoryVersion {
  /** Its number; one more with every change to the dataset. */
  readonly generation: number;
  /** Identifies the content, bit by bit. */
  readonly snapshotId: string;
  /** The name of the snapshot that it was opened by. */
  readonly snapshot?: string;
}

/** How a run stored its history. */
export interface HistoryStorage {
  /** Where the rows come from: the heap, columns on disk, frames on disk, or frames through a map. */
  readonly layout: DatasetLayout | 'memory' | 'packed, mapped';
  /** `heap`, `file` (read), or the mapping backend in use. */
  readonly backend: string;
  /** Of the copy or the dataset; of the source files for `memory`; 0 when nothing is on disk. */
  readonly bytesOnDisk: number;
  /** With `keepCopies`: whether a copy was there and fresh, or had to be made. */
  readonly reused?: boolean;
  /** Where the source is a dataset directory. */
  readonly version?: HistoryVersion;
  /** With `'verify'`: how the copy compares with the host's history. */
  readonly verified?: {
    /** Columns that were compared, of all symbols. */
    readonly columns: number;
    /** Columns that differed in at least one bit; 0 is what to wait for. */
    readonly differences: number;
  };
}

/** History that is open; close it. */
export interface History {
  /** Valid until `close`. */
  readonly dataset: Dataset;
  /** How it is stored. */
  readonly storage: HistoryStorage;
  /** Closes files and removes the copy. Idempotent. */
  close(): void;
}

/** Opens a dataset directory in place; anything else is read into the heap or copied, as the flags say. */
export async function openHistory(source: HistorySource, options: HistoryOptions = {}): Promise<History> {
  requireOptions(options, 'openHistory');
  const directory = datasetOf(source);
  if (directory === undefined) {
    if (options.asOf === undefined) return openFiles(source, options);
    const what = 'asOf says which version of a dataset is read, and the source is not one dataset directory';
    throw new AtcError('ARGUMENT', what, { key: 'asOf' });
  }
  if (options.from === undefined && options.to === undefined) return openInPlace(directory, options);
  // A part of it is read or copied as files are, from the version that is opened here.
  const opened = openDatasetSync(directory, { asOf: options.asOf });
  const version = orClosed(
    () => opened.close(),
    () => versionOf(opened),
  );
  // The copies of a source know its current version only.
  const keepCopies = options.keepCopies === true && options.asOf === undefined;
  const history = await openFiles(source, { ...options, keepCopies, openSource: () => opened }).finally(() =>
    opened.close(),
  );
  return { ...history, storage: { ...history.storage, version } };
}

function datasetOf(source: HistorySource): string | undefined {
  const isPath = typeof source === 'string' && source !== '-' && isPresent(source);
  return isPath && isDirectory(source) && hasCatalogue(source) ? source : undefined;
}

function versionOf({ generation, snapshotId, snapshotName: snapshot }: DirectoryDataset): HistoryVersion {
  return { generation, snapshotId, ...(snapshot !== undefined && { snapshot }) };
}

async function openFiles(source: HistorySource, options: HistoryOptions & OpenedSource): Promise<History> {
  const { useMemoryMapped: map = false, useCompression: pack = false } = options;
  const serveCopy = map === true || pack === true;
  const compareCopy = !serveCopy && (map === 'verify' || pack === 'verify');
  if (serveCopy) return keptHistory(source, options) ?? copyHistory(source, options);
  const dataset = await readDataset(source, options);
  const storage: HistoryStorage = { layout: 'memory', backend: 'heap', bytesOnDisk: sizeOfPaths(source) };
  if (!compareCopy) return { dataset, storage, close: () => dataset.close() };
  const { openSource: _, ...how } = options;
  const verified = await verifyCopy(dataset, how);
  return { dataset, storage: { ...storage, verified }, close: () => dataset.close() };
}

/** A dataset is what the copy would be; `useMemoryMapped` maps the bytes of a packed one. */
function openInPlace(directory: string, { useMemoryMapped, mappingBackend, asOf }: HistoryOptions): History {
  const dataset = openDatasetSync(directory, { backend: mappingBackend, mapPacked: useMemoryMapped === true, asOf });
  const close = () => dataset.close();
  return orClosed(close, () => {
    const storage = { ...storageOf(dataset, useMemoryMapped === true), version: versionOf(dataset) };
    return { dataset, storage, close };
  });
}

/** What is open is closed again when its facts cannot be read: nobody else has it. */
function orClosed<T>(close: () => void, look: () => T): T {
  try {
    return look();
  } catch (error) {
    close();
    throw error;
  }
}

/** How a copy is made and opened. */
function copyOptions({ asOf: _, ...options }: HistoryOptions & OpenedSource) {
  const { useMemoryMapped, useCompression, mappingBackend } = options;
  const mapped = useMemoryMapped === true || useMemoryMapped === 'verify';
  const packed = useCompression === true || useCompression === 'verify';
  const layout: DatasetLayout = packed ? 'packed' : 'mapped';
  // It can be rebuilt: nothing of it has to survive a power cut.
  return { ...options, layout, backend: mappingBackend, mapPacked: mapped, durability: 'process' as const };
}

/** Undefined for a source without a path, or when copies are not to be cached. */
function keptHistory(source: HistorySource, options: HistoryOptions & OpenedSource): Promise<History> | undefined {
  const paths = options.keepCopies === true ? pathsOfSource(source) : undefined;
  return paths && openKeptHistory(source, paths, options);
}

async function openKeptHistory(source: HistorySource, paths: string[], options: HistoryOptions): Promise<History> {
  const { cacheDir = DEFAULT_CACHE_DIR, maxCacheBytes } = options;
  const how = copyOptions(options);
  sweepScratch(cacheDir);
  const { dataset, reused, release } = await openCachedCopy(source, paths, { ...how, cacheDir });
  return orClosed(release, () => {
    const storage = { ...storageOf(dataset, how.mapPacked), reused };
    if (!reused) boundCache(path.resolve(cacheDir), maxCacheBytes, storage.bytesOnDisk);
    return { dataset, storage, close: release };
  });
}

async function copyHistory(source: HistorySource, options: HistoryOptions & OpenedSource): Promise<History> {
  const { cacheDir = DEFAULT_CACHE_DIR } = options;
  const how = copyOptions(options);
  sweepScratch(cacheDir);
  const scratch = createScratchDirectory(cacheDir);
  try {
    await buildDataset(`${scratch.path}/history`, source, how);
    const dataset = openDatasetSync(`${scratch.path}/history`, how);
    const storage = orClosed(
      () => dataset.close(),
      () => storageOf(dataset, how.mapPacked),
    );
    let closed = false;
    return {
      dataset,
      storage,
      close() {
        if (closed) return;
        closed = true;
        dataset.close();
        scratch.dispose();
      },
    };
  } catch (error) {
    scratch.dispose();
    throw error;
  }
}

function storageOf(dataset: DirectoryDataset, mapped: boolean): HistoryStorage {
  const layout = dataset.layout === 'packed' && mapped ? 'packed, mapped' : dataset.layout;
  return { layout, backend: dataset.backend, bytesOnDisk: diskUsage(dataset.directory).byteLength };
}

/** Builds the copy beside the history in memory and compares every column, bit by bit. */
async function verifyCopy(
  original: Dataset,
  options: HistoryOptions,
): Promise<{ columns: number; differences: number }> {
  const copy = await copyHistory(tablesOf(original), options);
  let columns = 0;
  let differences = 0;
  try {
    for (const symbol of original.symbols) {
      const table = original.table(symbol);
      for (const name of table.columns) {
        // A turn for the event loop: only there an interrupt arrives.
        await nextTurn();
        options.signal?.throwIfAborted();
        columns += 1;
        if (!sameBits(table.column(name), copy.dataset.table(symbol).column(name))) differences += 1;
      }
    }
  } finally {
    copy.close();
  }
  return { columns, differences };
}

function* tablesOf(dataset: Dataset) {
  for (const symbol of dataset.symbols) {
    const table = dataset.table(symbol);
    yield { symbol, columns: Object.fromEntries(table.columns.map((name) => [name, table.column(name)])) };
  }
}

function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function sizeOfPaths(source: HistorySource): number {
  const paths = typeof source === 'string' ? [source] : Array.isArray(source) ? source : [];
  return paths.reduce(
    (sum: number, path) => sum + (typeof path === 'string' && isPresent(path) ? diskUsage(path).byteLength : 0),
    0,
  );
}
