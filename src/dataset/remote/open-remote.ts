/** Opening a dataset that lies on a server of files or in a bucket. */
import path from 'node:path';
import { requireKnownOptions, requirePath, requireSignal } from '../../arguments.js';
import { BoundedFiles } from '../../cache-directory/bounded-files.js';
import { AtcError, shown } from '../../errors.js';
import { ACCESS_OPTIONS, type RemoteAccess } from '../../remote/access.js';
import { RemoteClient } from '../../remote/client.js';
import { RemoteLocation } from '../../remote/location.js';
import type { AsOf } from '../versions/version-name.js';
import { ChunkStore } from './chunk-store.js';
import { readRemoteCatalogue } from './read-catalogue.js';
import { RemoteDataset } from './remote-dataset.js';

/** How a dataset on a server is opened. */
export interface OpenRemoteDatasetOptions extends RemoteAccess {
  /** The name of a snapshot, or the number of a retained generation. Default: the current one. */
  readonly asOf?: AsOf;
  /** Chunks that were read stay in memory up to this many bytes. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** A directory in which chunks stay for later runs and other processes. Default: none. */
  readonly cacheDir?: string;
  /** Bytes that the chunks in `cacheDir` take at most; those not used for longest go first. Default 1 GiB. */
  readonly maxCacheBytes?: number;
  /**
   * The largest file that is read whole from a server without ranges, and what all of them take in memory. Default 256
   * MiB.
   */
  readonly maxWholeBytes?: number;
  /** Gives up opening with the signal's reason. */
  readonly signal?: AbortSignal;
}

const LEAST_MEMORY = 1 << 20;

/** @internal */
export async function openRemote(url: string, options: OpenRemoteDatasetOptions): Promise<RemoteDataset> {
  const known = ['asOf', 'memoryBytes', 'cacheDir', 'maxCacheBytes', 'maxWholeBytes', 'signal', ...ACCESS_OPTIONS];
  requireKnownOptions(options, known, 'openDataset of a URL');
  const { asOf, memoryBytes = 64 << 20, cacheDir, maxCacheBytes = 1 << 30, maxWholeBytes = 1 << 28 } = options;
  requireBytes(memoryBytes, LEAST_MEMORY, 'memoryBytes');
  requireBytes(maxCacheBytes, LEAST_MEMORY, 'maxCacheBytes');
  requireBytes(maxWholeBytes, 0, 'maxWholeBytes');
  if (cacheDir !== undefined) requirePath(cacheDir, 'openDataset: cacheDir');
  requireSignal(options.signal, 'openDataset');
  const location = RemoteLocation.parse(url, 'openDataset: directory');
  const client = new RemoteClient(options);
  const disk = cacheDir === undefined ? undefined : new BoundedFiles(path.join(cacheDir, 'remote'), maxCacheBytes);
  const catalogue = await readRemoteCatalogue(client, location, asOf, options.signal);
  return new RemoteDataset(client, location, new ChunkStore(client, memoryBytes, disk), catalogue, {
    maxWholeBytes,
    readCatalogue: () => readRemoteCatalogue(client, location, asOf, undefined),
  });
}

function requireBytes(value: unknown, least: number, key: string): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return;
  throw new AtcError('ARGUMENT', `${key} is ${shown(value)}; allowed: bytes from ${least}`, { key });
}
