/**
 * Copies of source files that are cached from one run to the next, shared by processes: one makes a copy, the others
 * wait and read it.
 */
import path from 'node:path';
import { Generations } from '../../cache-directory/generations.js';
import { isAtcError } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import { readingKey } from '../../formats/options.js';
import type { HistorySource } from '../../formats/source.js';
import { createHash } from '../../io/crypto.js';
import type { DatasetLayout } from '../../table.js';
import { isFreshCopy, makeCopy } from '../copy.js';
import type { WriteDatasetOptions } from '../dataset.js';
import type { DirectoryDataset } from '../directory-dataset.js';
import { openDatasetSync } from '../open.js';
import type { StampOptions } from '../source-stamps.js';

export interface CachedCopyOptions extends WriteDatasetOptions, StampOptions {
  readonly layout: DatasetLayout;
  readonly cacheDir: string;
}

export interface CachedCopy {
  readonly dataset: DirectoryDataset;
  /** It was there and fresh. */
  readonly reused: boolean;
  /** Closes the dataset; until then the copy is not removed. */
  release(): void;
}

/** The dataset of a generation. */
const DATASET = 'history';

/** The copy of these files, as they are now. A damaged one is rebuilt, and that is reported. */
export async function openCachedCopy(
  source: HistorySource,
  paths: readonly string[],
  options: CachedCopyOptions,
): Promise<CachedCopy> {
  const { durability, signal } = options;
  let reused = true;
  const lease = await new Generations(placeOf(paths, options)).obtain({
    isFresh: (directory) => isUsable(path.join(directory, DATASET), paths, options),
    build: (directory) => {
      reused = false;
      return makeCopy(source, paths, path.join(directory, DATASET), options);
    },
    durability,
    signal,
  });
  try {
    const dataset = openDatasetSync(path.join(lease.path, DATASET), options);
    const release = () => {
      dataset.close();
      lease.release();
    };
    return { dataset, reused, release };
  } catch (error) {
    lease.release();
    throw error;
  }
}

/**
 * Named after the first file, for a person who looks; distinguished by everything that the copy depends on but the
 * content.
 */
function placeOf(paths: readonly string[], options: CachedCopyOptions): string {
  const { layout, level, algorithm, cacheDir } = options;
  const reading = readingKey(options);
  const identity = JSON.stringify([
    paths,
    layout,
    ...(layout === 'packed' ? [level, algorithm] : []),
    ...(reading === undefined ? [] : [{ reading }]),
  ]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const name = path
    .basename(paths[0])
    .replace(/[^\w.-]/g, '_')
    .slice(0, 60);
  return path.resolve(cacheDir, 'copies', `${name}-${digest}`);
}

function isUsable(directory: string, paths: readonly string[], options: CachedCopyOptions): boolean {
  try {
    return isFreshCopy(directory, paths, options);
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    emitMemoryEvent('corrupt', { key: directory, error });
    return false;
  }
}
