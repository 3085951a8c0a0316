/** Opening a dataset that is on disk or on a server, and nothing of what it takes to write one. */
import { requireKnownOptions, requirePath } from '../arguments.js';
import { settleMaps } from '../io/map-account.js';
import { isRemoteUrl, type RemoteUrl, requireLocal } from '../remote-url.js';
import { DirectoryDataset } from './directory-dataset.js';
import type { OpenDatasetOptions } from './open-segments.js';
import type { OpenRemoteDatasetOptions } from './remote/open-remote.js';
import type { RemoteDataset } from './remote/remote-dataset.js';

/**
 * Opens a dataset on a server of files (`http://`, `https://`) or in a bucket (`s3://`), of which then only what is
 * asked for is requested. Throws IO where it cannot be reached or is none, CORRUPT or FORMAT_VERSION for a bad
 * catalogue, ARGUMENT for a version (`asOf`) that there is not.
 */
export function openDataset(url: RemoteUrl, options?: OpenRemoteDatasetOptions): Promise<RemoteDataset>;
/**
 * Opens a directory that `writeDataset` made. Throws IO where there is none, CORRUPT or FORMAT_VERSION for a bad
 * catalogue, ARGUMENT for a version (`asOf`) that there is not.
 */
export function openDataset(directory: string, options?: OpenDatasetOptions): Promise<DirectoryDataset>;
export async function openDataset(
  directory: string,
  options: OpenDatasetOptions | OpenRemoteDatasetOptions = {},
): Promise<DirectoryDataset | RemoteDataset> {
  if (isRemoteUrl(directory)) {
    const { openRemote } = await import('./remote/open-remote.js');
    return openRemote(directory, options as OpenRemoteDatasetOptions);
  }
  await settleMaps();
  requirePath(directory, 'openDataset: directory');
  requireKnownOptions(options, ['backend', 'mapPacked', 'asOf'], 'openDataset');
  return openDatasetSync(directory, options as OpenDatasetOptions);
}

/** Throws UNSUPPORTED for a URL: only `openDataset` reads those. */
export function openDatasetSync(directory: string, options: OpenDatasetOptions = {}): DirectoryDataset {
  requireLocal(directory);
  return new DirectoryDataset(directory, options);
}
