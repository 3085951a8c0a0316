/**
 * Providers that are given their history by path: the method gets the directory of a mapped or packed copy of it
 * instead, which is cached under the cache directory as long as the files are unchanged. What reads history with this
 * package takes both.
 */
import path from 'node:path';
import { boundCache } from '../../cache-directory/cache-budget.js';
import type { CachedCopy } from '../../dataset/history/cached-copy.js';
import { pathsOfSource } from '../../dataset/source-stamps.js';
import { isAtcError, reasonOf } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import { DEFAULT_CACHE_DIR } from '../../feature-mode.js';
import { diskUsage } from '../../io/disk-usage.js';
import { isPresent } from '../../io/json-file.js';
import { isDirectory } from '../../io/path-kind.js';
import { firstDifference } from '../../value/same-value.js';
import type { Method } from '../override.js';
import type { WithMemoryMappingOptions } from './mapping-settings.js';

/**
 * The overriding function of such a method. It gives a promise, as the method has to: the copy may have to be made
 * first.
 */
export function withMappedInput(original: Method, method: string, options: WithMemoryMappingOptions): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const paths = options.mode === 'read' ? undefined : inputPaths(args[0], method, options);
    return paths === undefined ? original.apply(this, args) : runOverCopy(this, original, args, paths, method, options);
  };
}

/** Undefined for an input that stays as it is: a dataset already, or none of files. */
function inputPaths(source: unknown, method: string, { service }: WithMemoryMappingOptions): string[] | undefined {
  const isPath = typeof source === 'string';
  if (isPath && isPresent(source) && isDirectory(source)) return undefined;
  const isList = Array.isArray(source) && source.length > 0 && source.every((file) => typeof file === 'string');
  if (isPath || isList) return pathsOfSource(source as string | string[]);
  emitMemoryEvent('fallback', {
    service,
    key: method,
    reason: 'its first argument is neither a path nor a list of paths',
  });
  return undefined;
}

async function runOverCopy(
  provider: unknown,
  original: Method,
  args: readonly unknown[],
  paths: readonly string[],
  method: string,
  options: WithMemoryMappingOptions,
): Promise<unknown> {
  const { service, mode } = options;
  const copy = await openCopy(args[0] as string | string[], paths, method, options);
  if (copy === undefined) return original.apply(provider, [...args]);
  const overCopy = () => original.apply(provider, [copy.dataset.directory, ...args.slice(1)]);
  try {
    if (mode !== 'verify') return await overCopy();
    const result = await original.apply(provider, [...args]);
    await compare(result, overCopy, { service, key: method }, paths, copy);
    return result;
  } finally {
    copy.release();
  }
}

/** Undefined, and an event, when no copy can be made: the provider then reports what is wrong with its input itself. */
async function openCopy(
  source: string | string[],
  paths: readonly string[],
  method: string,
  options: WithMemoryMappingOptions,
): Promise<CachedCopy | undefined> {
  const { service, cacheDir = DEFAULT_CACHE_DIR, maxCacheBytes, backend, packed, level, algorithm, fullHash } = options;
  const layout = packed === true ? 'packed' : 'mapped';
  try {
    const how = {
      ...options.inputOptions,
      layout,
      cacheDir,
      backend,
      level,
      algorithm,
      fullHash,
      durability: 'process',
    } as const;
    // Datasets are a large part of the package, and most processes have no such provider.
    const { openCachedCopy } = await import('../../dataset/history/cached-copy.js');
    const copy = await openCachedCopy(source, paths, how);
    const bytes = diskUsage(copy.dataset.directory).byteLength;
    if (copy.reused) emitMemoryEvent('hit', { service, key: method, bytes });
    else {
      emitMemoryEvent('write', { service, key: method, bytesBefore: bytesOf(paths), bytesAfter: bytes });
      boundCache(path.resolve(cacheDir), maxCacheBytes, bytes);
    }
    return copy;
  } catch (error) {
    if (!isAtcError(error)) throw error;
    emitMemoryEvent('fallback', { service, key: method, reason: error.message });
    return undefined;
  }
}

async function compare(
  result: unknown,
  overCopy: () => unknown,
  place: { readonly service: string; readonly key: string },
  paths: readonly string[],
  { dataset }: CachedCopy,
): Promise<void> {
  try {
    const difference = firstDifference(await overCopy(), result, 'result');
    const sizes = { bytesBefore: bytesOf(paths), bytesAfter: diskUsage(dataset.directory).byteLength };
    if (difference === undefined) emitMemoryEvent('verified', { ...place, ...sizes });
    else emitMemoryEvent('difference', { ...place, reason: `${difference} differs over the copy of its input` });
  } catch (error) {
    emitMemoryEvent('difference', { ...place, reason: `it throws over the copy of its input: ${reasonOf(error)}` });
  }
}

function bytesOf(paths: readonly string[]): number {
  return paths.reduce((sum, file) => sum + diskUsage(file).byteLength, 0);
}
