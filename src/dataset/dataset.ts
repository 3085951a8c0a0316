/** Datasets on disk: making one from any source of candles, and bringing it up to date. */
import {
  requireKnownOptions,
  requireOneOf,
  requireOptionalFunction,
  requireOptions,
  requirePath,
} from '../arguments.js';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import { AtcError, shown } from '../errors.js';
import { IMPORT_OPTIONS, type ImportOptions, importOptionsOf } from '../formats/options.js';
import { batchesOfSource, type HistorySource } from '../formats/source.js';
import { DirectoryWriter } from '../io/atomic-directory.js';
import type { Durability } from '../io/durability.js';
import { appliedError, unappliedError } from '../io/io-error.js';
import type { Dataset, DatasetLayout } from '../table.js';
import { type AmendOptions, addRows } from './amend.js';
import type { Catalogue } from './catalogue.js';
import { hasCatalogue } from './catalogue-file.js';
import type { DirectoryDataset } from './directory-dataset.js';
import { groupBySymbol } from './grouping.js';
import { type MemoryDataset, MemorySink } from './memory.js';
import { openDatasetSync } from './open.js';
import type { OpenDatasetOptions } from './open-segments.js';
import { MAX_SEGMENT_BYTES } from './segment-writer.js';
import { DatasetFiles } from './writer.js';

/** Options of everything that reads a source. */
export interface ReadSourceOptions extends ImportOptions {
  /** Stops with the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Rows read so far, after every batch; for paths also the share of their bytes, 0 to 1. */
  readonly onRows?: (rows: number, share?: number) => void;
}

/** How a dataset is written. */
export interface WriteDatasetOptions extends CompressionOptions, Omit<OpenDatasetOptions, 'asOf'>, ReadSourceOptions {
  /** `packed` compressed frames, or `mapped` plain columns. Default `packed`. */
  readonly layout?: DatasetLayout;
  /**
   * `power`: what is there after the call survives a power cut; `process`: only the end of the process. Default
   * `power`.
   */
  readonly durability?: Durability;
  /** Length at which the files of a symbol are continued in new ones, default and most 1 GiB. */
  readonly maxSegmentBytes?: number;
}

/**
 * Writes a new dataset and opens it. The directory must not exist; it appears complete or not at all. Memory stays
 * bounded however long the source is and however its symbols are mixed.
 */
export async function writeDataset(
  directory: string,
  source: HistorySource,
  options: WriteDatasetOptions = {},
): Promise<DirectoryDataset> {
  requireWriting(directory, options, 'writeDataset');
  await buildDataset(directory, source, options);
  return openWritten(directory, options);
}

/** Opens what was written just now: a failure to open it is no failure to write it, and is marked as such. */
export function openWritten(directory: string, options: OpenDatasetOptions): DirectoryDataset {
  try {
    return openDatasetSync(directory, options);
  } catch (error) {
    throw appliedError(error, directory);
  }
}

const WRITE_OPTIONS = [
  ...['layout', 'durability', 'maxSegmentBytes', 'level', 'algorithm', 'backend', 'mapPacked', 'signal', 'onRows'],
  // Of copies that know their source.
  'fullHash',
  ...IMPORT_OPTIONS,
];

/** Checks for callers without types: a misspelt option must not count as left out. */
export function requireWriting(directory: unknown, options: WriteDatasetOptions, where: string): void {
  requirePath(directory, `${where}: directory`);
  requireKnownOptions(options, WRITE_OPTIONS, where);
  requireOneOf(options.durability, ['process', 'power'], `${where}: durability`);
  requireOptionalFunction(options.onRows, `${where}: onRows`);
}

/** `beforeShown` gets the directory that the files are in until they are shown under their name. */
export async function buildDataset(
  directory: string,
  source: HistorySource,
  options: WriteDatasetOptions & OpenedSource,
  beforeShown?: (temporary: string, catalogue: Catalogue) => void,
): Promise<void> {
  const { layout = 'packed', durability } = options;
  if (layout !== 'mapped' && layout !== 'packed') {
    throw new AtcError('ARGUMENT', `layout must be "mapped" or "packed", got ${shown(layout)}`);
  }
  resolveCompression(options);
  const writer = new DirectoryWriter(directory, { durability });
  try {
    const files = new DatasetFiles(
      writer.temporary,
      layout,
      options,
      segmentLimit(options.maxSegmentBytes),
      '',
      durability,
    );
    const { batches, ...how } = readingOf(source, options);
    await groupBySymbol(batches, files, how);
    const catalogue = files.finish();
    beforeShown?.(writer.temporary, catalogue);
  } catch (error) {
    writer.abort();
    throw unappliedError(writer.named(error));
  }
  writer.commit();
}

/** How a source that is a dataset directory is opened where it is not the current version, or known to the caller. */
export interface OpenedSource {
  readonly openSource?: (directory: string) => Dataset;
}

/** The batches of a source, and how they are taken in: `onRows` also hears how far they are. */
export function readingOf(source: HistorySource, options: ReadSourceOptions & OpenedSource) {
  const { signal, onRows } = options;
  requireOptionalFunction(onRows, 'onRows');
  let share: number | undefined;
  const onShare = (now: number) => {
    share = now;
  };
  const batches = batchesOfSource(source, {
    ...importOptionsOf(options),
    signal,
    open: options.openSource ?? openDatasetSync,
    isDataset: hasCatalogue,
    onShare,
  });
  return { batches, signal, onRows: onRows && ((rows: number) => onRows(rows, share)) };
}

export function segmentLimit(maxSegmentBytes = MAX_SEGMENT_BYTES): number {
  if (maxSegmentBytes >= 1 && maxSegmentBytes <= MAX_SEGMENT_BYTES) return maxSegmentBytes;
  throw new AtcError('ARGUMENT', `maxSegmentBytes must be 1 to ${MAX_SEGMENT_BYTES} (1 GiB), got ${maxSegmentBytes}`);
}

/** How `updateDataset` takes candles whose timestamp is there already. */
export interface UpdateDatasetOptions extends AmendOptions, ImportOptions {
  /**
   * `upsert` (default): they replace those that are there, where they differ. `skip`: those that are there stay.
   * `refuse`: CORRUPT unless
   * both are the same bits, so that the same file may be given twice, and one that says something else may not.
   */
  readonly existing?: 'upsert' | 'skip' | 'refuse';
}

/**
 * Brings a dataset up to date from a source of any size: later candles, candles for gaps and new symbols are added,
 * candles whose timestamp is there already are taken as `existing` says. All of it or nothing; history that stays is
 * not written again.
 */
export async function updateDataset(
  directory: string,
  source: HistorySource,
  options: UpdateDatasetOptions = {},
): Promise<void> {
  requirePath(directory, 'updateDataset: directory');
  requireOptions(options, 'updateDataset');
  const { existing = 'upsert' } = options;
  if (!['upsert', 'skip', 'refuse'].includes(existing)) {
    throw new AtcError('ARGUMENT', `existing must be 'upsert', 'skip' or 'refuse', got ${shown(existing)}`);
  }
  const { batches, onRows } = readingOf(source, options);
  return addRows(directory, batches, existing, { ...options, onRows });
}

/** The whole source in the heap: the way without this package, retained for comparison. */
export async function readDataset(
  source: HistorySource,
  options: ReadSourceOptions & OpenedSource = {},
): Promise<MemoryDataset> {
  const sink = new MemorySink();
  const { batches, ...how } = readingOf(source, options);
  await groupBySymbol(batches, sink, how);
  return sink.finish();
}
