/** A dataset without symbols, for what adds them one after the other. */
import path from 'node:path';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { type Durability, makeDirectory } from '../io/durability.js';
import { acquireLock } from '../io/process-lock.js';
import type { DatasetLayout } from '../table.js';
import { CATALOGUE_FILE } from './catalogue.js';
import { hasCatalogue } from './catalogue-file.js';
import { encodeCatalogue } from './encode-catalogue.js';
import { removeTraces, WRITE_LOCK } from './write-lock.js';

/** How the dataset is written; left alone where there is one. */
export interface NewDatasetOptions extends CompressionOptions {
  readonly layout: DatasetLayout;
  readonly durability: Durability;
  readonly signal?: AbortSignal;
}

/**
 * Makes the directory a dataset unless it is one, of which traces of dead writers are removed. Several processes may do
 * so at once.
 */
export async function ensureDataset(directory: string, options: NewDatasetOptions): Promise<void> {
  if (hasCatalogue(directory)) return removeTraces(directory);
  const { layout, durability, signal } = options;
  makeDirectory(directory, durability);
  const lock = await acquireLock(directory, WRITE_LOCK, signal);
  try {
    if (hasCatalogue(directory)) return;
    const catalogue = { layout, generation: 1, durability, compression: resolveCompression(options), symbols: [] };
    writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), encodeCatalogue(catalogue), { durability });
  } finally {
    lock.release();
  }
}
