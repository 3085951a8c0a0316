/**
 * Datasets that are a copy of files or of another dataset, and know it: `sources.json` beside the catalogue says what
 * they were made from. A copy is opened when its source is unchanged and rebuilt when it is not; what somebody has
 * changed by hand is left alone.
 */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { type ImportOptions, readingKey } from '../formats/options.js';
import type { HistorySource } from '../formats/source.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { decodeCheckedJson } from '../io/checked-json.js';
import type { Durability } from '../io/durability.js';
import { encodeCheckedJson } from '../io/encode-checked-json.js';
import { appliedError } from '../io/io-error.js';
import { isPresent, readText } from '../io/json-file.js';
import { acquireLock } from '../io/process-lock.js';
import type { DatasetLayout } from '../table.js';
import { replaceRows } from './amend.js';
import { CATALOGUE_FILE, type Catalogue } from './catalogue.js';
import {
  buildDataset,
  openWritten,
  readingOf,
  requireWriting,
  segmentLimit,
  type WriteDatasetOptions,
} from './dataset.js';
import type { DirectoryDataset } from './directory-dataset.js';
import { openDatasetSync } from './open.js';
import { snapshotId } from './snapshot.js';
import { areUnchanged, pathsOfSource, type SourceStamp, type StampOptions, stampSources } from './source-stamps.js';
import { withCurrent } from './versions/lease-version.js';
import { removeTraces } from './write-lock.js';

/** Options of the copies that know their source. */
export interface ConvertOptions extends Omit<WriteDatasetOptions, 'layout'>, StampOptions {}

const SOURCES_FILE = 'sources.json';
const FORMAT = { format: 'atc-memory sources', version: 1 };
/** A source that goes on changing while it is read is reported after so many attempts. */
const ATTEMPTS = 2;

interface Sources {
  /** Of the catalogue that the rows were written with; another one was made by hand since. */
  readonly generation: number;
  readonly snapshotId: string;
  readonly sources: readonly SourceStamp[];
  /** The options that the files were read with; absent where there were none. */
  readonly reading?: string;
}

/**
 * A mapped dataset of the source, and opens it. Of files or a dataset it is a copy that knows them: it is opened as it
 * is while they are unchanged, rebuilt under the same name when they are not, and never served stale. Several
 * processes may ask at once: one makes it, the others wait and open it. A directory that holds anything else is an IO
 * error, as for `writeDataset`.
 */
export async function convertToMemoryMapped(
  source: HistorySource,
  directory: string,
  options: ConvertOptions = {},
): Promise<DirectoryDataset> {
  requireWriting(directory, options, 'convertToMemoryMapped');
  return convertDataset(source, directory, { ...options, layout: 'mapped' });
}

/** The same as a packed dataset. */
export async function convertToPacked(
  source: HistorySource,
  directory: string,
  options: ConvertOptions = {},
): Promise<DirectoryDataset> {
  requireWriting(directory, options, 'convertToPacked');
  return convertDataset(source, directory, { ...options, layout: 'packed' });
}

async function convertDataset(
  source: HistorySource,
  directory: string,
  options: ConvertOptions & { readonly layout: DatasetLayout },
): Promise<DirectoryDataset> {
  const paths = pathsOfSource(source);
  if (paths === undefined) {
    await buildDataset(directory, source, options);
    return openWritten(directory, options);
  }
  const target = path.resolve(directory);
  let isMade = false;
  if (isFreshCopy(target, paths, options)) removeTraces(target);
  else {
    const lock = await acquireLock(path.dirname(target), `copy-${path.basename(target)}`, options.signal);
    try {
      // The process that held the lock before may have made just what is wanted.
      if (isFreshCopy(target, paths, options)) removeTraces(target);
      else {
        await makeCopy(source, paths, target, options);
        isMade = true;
      }
    } finally {
      lock.release();
    }
  }
  return isMade ? openWritten(directory, options) : openDatasetSync(directory, options);
}

/**
 * True for a copy of exactly these paths, in that layout, that nobody has changed and whose sources are what they were.
 */
export function isFreshCopy(
  directory: string,
  paths: readonly string[],
  options: StampOptions & ImportOptions & { readonly layout: DatasetLayout },
): boolean {
  if (!isPresent(path.join(directory, CATALOGUE_FILE))) return false;
  const known = readSources(directory);
  const isOfLayout = (catalogue: Catalogue) => catalogue.layout === options.layout && isOf(known, catalogue);
  if (!withCurrent(directory, isOfLayout) || known === undefined) return false;
  if (known.reading !== readingKey(options)) return false;
  return areUnchanged(known.sources, paths, options);
}

/** Builds or rebuilds it; the source must not change meanwhile. */
export async function makeCopy(
  source: HistorySource,
  paths: readonly string[],
  directory: string,
  options: ConvertOptions & { readonly layout: DatasetLayout },
): Promise<void> {
  requireReplaceable(directory, paths);
  for (let attempt = 1; ; attempt += 1) {
    const stamps = attempt === 1 ? stampSources(paths, options) : stampAgain(paths, directory, options);
    if (isPresent(directory)) {
      const { batches, onRows } = readingOf(source, options);
      await replaceRows(directory, batches, {
        ...options,
        onRows,
        maxSegmentBytes: segmentLimit(options.maxSegmentBytes),
        beforeShown: (catalogue) =>
          writeSources(directory, catalogue, stamps, catalogue.durability, readingKey(options)),
      });
    } else {
      await buildDataset(directory, source, options, (temporary, catalogue) =>
        writeSources(temporary, catalogue, stamps, 'process', readingKey(options)),
      );
    }
    if (isStillSame(stamps, paths, directory, options)) return;
    if (attempt === ATTEMPTS) throw changing(paths);
  }
}

/** The same for another attempt: the copy of the one before is in force. */
function stampAgain(paths: readonly string[], directory: string, options: StampOptions): SourceStamp[] {
  try {
    return stampSources(paths, options);
  } catch (error) {
    throw appliedError(error, directory);
  }
}

/** A failure to look at the source again is no failure to make the copy. */
function isStillSame(
  stamps: readonly SourceStamp[],
  paths: readonly string[],
  directory: string,
  options: StampOptions,
): boolean {
  try {
    return areUnchanged(stamps, paths, options);
  } catch (error) {
    throw appliedError(error, directory);
  }
}

/** IO unless there is nothing, or a copy of these paths that is as it was made. */
function requireReplaceable(directory: string, paths: readonly string[]): void {
  if (!isPresent(directory)) return;
  const known = isPresent(path.join(directory, CATALOGUE_FILE)) ? readSources(directory) : undefined;
  const isSame = known?.sources.length === paths.length && known.sources.every((stamp, k) => stamp.path === paths[k]);
  // Ahead of the catalogue: its maker again died just before showing it.
  const isAsMade = (catalogue: Catalogue) => isOf(known, catalogue) || known?.generation === catalogue.generation + 1;
  if (isSame && withCurrent(directory, isAsMade)) return;
  const what = isSame ? 'it was changed since it was made from its source' : `it is not a copy of ${paths.join(', ')}`;
  throw new AtcError('IO', `${directory} exists already and ${what}; choose another name or remove it first`, {
    path: directory,
  });
}

function isOf(known: Sources | undefined, catalogue: Catalogue): boolean {
  return known?.generation === catalogue.generation && known.snapshotId === snapshotId(catalogue);
}

/** What a dataset was made from; undefined when it does not say, or not in a way that is understood. */
export function readSources(directory: string): Sources | undefined {
  const text = readText(path.join(directory, SOURCES_FILE));
  if (text === undefined) return undefined;
  const decoded = decodeCheckedJson(FORMAT, text);
  return 'content' in decoded ? (decoded.content as unknown as Sources) : undefined;
}

/** Within a directory that is synced when it is committed, `process` is enough. */
function writeSources(
  directory: string,
  catalogue: Catalogue,
  sources: readonly SourceStamp[],
  durability: Durability | undefined,
  reading: string | undefined,
): void {
  const content: Sources = {
    generation: catalogue.generation,
    snapshotId: snapshotId(catalogue),
    sources,
    ...(reading !== undefined && { reading }),
  };
  writeFileAtomicSync(path.join(directory, SOURCES_FILE), encodeCheckedJson(FORMAT, content), { durability });
}

function changing(paths: readonly string[]): AtcError {
  const text = `${paths.join(', ')} changes while it is read, so a copy of it would be stale at once`;
  return new AtcError('IO', `${text}; wait until the program that writes it has finished, or copy it first`, {
    path: paths[0],
  });
}
