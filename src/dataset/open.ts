/** Opening a dataset that is on disk, and nothing of what it takes to write one. */
import { requireKnownOptions, requirePath } from '../arguments.js';
import { settleMaps } from '../io/map-account.js';
import { DirectoryDataset } from './directory-dataset.js';
import type { OpenDatasetOptions } from './open-segments.js';

/**
 * Opens a directory that `writeDataset` made. Throws IO where there is none, CORRUPT or FORMAT_VERSION for a bad
 * catalogue, ARGUMENT for a version (`asOf`) that there is not.
 */
export async function openDataset(directory: string, options: OpenDatasetOptions = {}): Promise<DirectoryDataset> {
  await settleMaps();
  requirePath(directory, 'openDataset: directory');
  requireKnownOptions(options, ['backend', 'mapPacked', 'asOf'], 'openDataset');
  return openDatasetSync(directory, options);
}

export function openDatasetSync(directory: string, options: OpenDatasetOptions = {}): DirectoryDataset {
  return new DirectoryDataset(directory, options);
}
