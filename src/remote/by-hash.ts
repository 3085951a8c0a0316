/** Data by its hash: from a shared mount, from a cache on this machine, or from servers and buckets into that cache. */
import path from 'node:path';
import { requireKnownOptions, requirePath, requireSignal } from '../arguments.js';
import { AtcError, isAtcError, reasonOf, shown } from '../errors.js';
import { isRemoteUrl } from '../remote-url.js';
import { ACCESS_OPTIONS, type RemoteAccess } from './access.js';
import { RemoteClient } from './client.js';
import { download } from './download.js';
import { HashCache } from './hash-cache.js';
import { RemoteLocation } from './location.js';
import { type DataManifest, requireManifest } from './manifest.js';
import { requireContentOf } from './mount.js';

/** Where data may come from, and where it is cached. */
export interface DataByHashOptions extends RemoteAccess {
  /** Directories (shared mounts) and URLs (`http://`, `https://`, `s3://`), the first that has the data is taken. */
  readonly from: readonly string[];
  /** Where downloads go, below `data` in it, shared by the processes of a machine. */
  readonly cacheDir: string;
  /** What downloads take at most; those not used for longest go first, never those in use. Default 16 GiB. */
  readonly maxBytes?: number;
  /** Stops with the signal's reason; what has arrived stays for the next try. */
  readonly signal?: AbortSignal;
}

/** Data that is on this machine. */
export interface LocalData {
  /** Holds the files of the manifest. */
  readonly directory: string;
  /** Where it was found. */
  readonly source: 'mount' | 'cache' | 'download';
  /** From then on a cache may remove it. */
  release(): void;
}

const OPTIONS = ['from', 'cacheDir', 'maxBytes', 'signal', ...ACCESS_OPTIONS];
const DEFAULT_MAX_BYTES = 2 ** 34;
/** Files of one manifest that are downloaded at a time. */
const PARALLEL = 4;

/**
 * The directory that holds exactly the files of `manifest`: on a mount, in the cache, or downloaded into it. Of all
 * processes that want the same data one downloads it; a download that was cut goes on from the byte that was reached,
 * in this process or a later one. Every byte is verified before the directory is returned; those of a mount once, and
 * again when a file of it has changed.
 *
 * @throws AtcError CORRUPT, naming the file, where a source has other content; IO where no source has it or can be
 * reached; ARGUMENT for wrong options, and for data larger than `maxBytes`.
 */
export async function dataByHash(manifest: DataManifest, options: DataByHashOptions): Promise<LocalData> {
  requireKnownOptions(options, OPTIONS, 'dataByHash');
  const wanted = requireManifest(manifest);
  const { from, cacheDir, maxBytes = DEFAULT_MAX_BYTES, signal } = options ?? {};
  requirePath(cacheDir, 'dataByHash: cacheDir');
  requireSignal(signal, 'dataByHash');
  if (!Array.isArray(from) || !from.every((one) => typeof one === 'string' && one !== '')) {
    throw new AtcError('ARGUMENT', `dataByHash: from must be a list of directories and URLs, got ${shown(from)}`);
  }
  const bytes = wanted.files.reduce((sum, file) => sum + file.bytes, 0);
  if (!(maxBytes >= bytes)) {
    throw new AtcError('ARGUMENT', `the data takes ${bytes} bytes, maxBytes is ${shown(maxBytes)}`, {
      key: 'maxBytes',
    });
  }
  const client = new RemoteClient(options);
  const refusals: unknown[] = [];
  for (const mount of from.filter((one) => !isRemoteUrl(one))) {
    signal?.throwIfAborted();
    try {
      await requireContentOf(mount, wanted, signal);
      return { directory: mount, source: 'mount', release: () => {} };
    } catch (error) {
      if (!isAtcError(error)) throw error;
      refusals.push(error);
    }
  }
  const cache = new HashCache(path.join(cacheDir, 'data'), maxBytes);
  const there = cache.hold(wanted);
  if (there !== undefined) return { ...there, source: 'cache' };
  const urls = from.filter(isRemoteUrl).map((url) => RemoteLocation.parse(url, 'dataByHash: from'));
  if (urls.length === 0) throw nowhere(wanted, from, refusals);
  let source: LocalData['source'] = 'cache';
  const fetch = async (directory: string) => {
    source = 'download';
    await fromFirst(client, urls, wanted, directory, refusals, signal);
  };
  return { ...(await cache.fetched(wanted, fetch, signal)), source };
}

/** A source that fails is followed by the next one; what has arrived from it is verified like everything else. */
async function fromFirst(
  client: RemoteClient,
  urls: readonly RemoteLocation[],
  manifest: DataManifest,
  directory: string,
  refusals: unknown[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const url of urls) {
    try {
      await downloadAll(client, url, manifest, directory, signal);
      return;
    } catch (error) {
      if (!isAtcError(error)) throw error;
      refusals.push(error);
    }
  }
  throw nowhere(
    manifest,
    urls.map((url) => url.shown),
    refusals,
  );
}

async function downloadAll(
  client: RemoteClient,
  url: RemoteLocation,
  { files }: DataManifest,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const work = files.values();
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const run = async () => {
    for (const file of work) await download(client, url, file, path.join(directory, file.path), both);
  };
  const runs = Array.from({ length: Math.min(PARALLEL, files.length) }, run);
  try {
    await Promise.all(runs);
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    // None of them may write on behind the caller's back.
    await Promise.allSettled(runs);
  }
}

/** The failure that says most: content that was refused, else where nothing could be fetched. */
function nowhere({ hash }: DataManifest, from: readonly string[], refusals: readonly unknown[]): unknown {
  const refused = refusals.find((error) => isAtcError(error, 'CORRUPT'));
  if (refused !== undefined) return refused;
  if (refusals.length === 1) return refusals[0];
  const reasons = refusals.map(reasonOf).join('; ') || 'no source was named';
  return new AtcError('IO', `none of ${from.length} sources has the data ${hash.slice(0, 12)}…: ${reasons}`, {
    cause: refusals[refusals.length - 1],
  });
}
