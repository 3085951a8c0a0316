/**
 * What a cache directory holds and what happened to it, for `atc stats`: numbers by service, cached results by
 * method, entries by namespace.
 */

import { listUsage } from '../cache-directory/cache-usage.js';
import { quarantinedFiles } from '../cache-directory/quarantine.js';
import { entryStatistics } from '../entries/entry-stats.js';
import { isAtcError } from '../errors.js';
import { diskUsage } from '../io/disk-usage.js';
import { type CountersByService, readCounters } from '../services/event-counters.js';
import { describeCached } from '../services/results/result-files.js';

/** Values of one kind and location together. */
export interface StoredSummary {
  readonly kind: 'history' | 'cache';
  /** Service and method, or namespace. */
  readonly name: string;
  entries: number;
  expired: number;
  damaged: number;
  laterVersion: number;
  /** What the values of readable entries take plainly, and what their files take. */
  bytesBefore: number;
  bytesAfter: number;
}

export interface CacheStatistics {
  readonly directory: string;
  readonly stored: readonly StoredSummary[];
  readonly setAside: { readonly files: number; readonly bytes: number };
  readonly services: CountersByService;
}

/** Decodes every cache entry, and reads the descriptions of cached results. */
export async function cacheStatistics(directory: string): Promise<CacheStatistics> {
  const stored = new Map<string, StoredSummary>();
  const summary = (kind: StoredSummary['kind'], name: string): StoredSummary => {
    const id = `${kind} ${name}`;
    let one = stored.get(id);
    if (one === undefined) {
      one = { kind, name, entries: 0, expired: 0, damaged: 0, laterVersion: 0, bytesBefore: 0, bytesAfter: 0 };
      stored.set(id, one);
    }
    return one;
  };
  for (const { kind, name, path } of listUsage(directory)) {
    const parts = name.split('/');
    if (kind === 'generations' && parts[0] === 'history')
      addStored(summary('history', parts.slice(1, -1).join('/')), path);
  }
  for await (const { state, namespace = '-', plainBytes, fileBytes } of entryStatistics(directory)) {
    const one = summary('cache', namespace);
    one.entries++;
    if (state === 'expired') one.expired++;
    if (state === 'damaged') one.damaged++;
    if (state === 'of a later version') one.laterVersion++;
    if (plainBytes === undefined) continue;
    one.bytesBefore += plainBytes;
    one.bytesAfter += fileBytes;
  }
  const aside = quarantinedFiles(directory);
  const bytes = aside.reduce((sum, file) => sum + diskUsage(file).byteLength, 0);
  const byName = [...stored.values()].sort((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
  return { directory, stored: byName, setAside: { files: aside.length, bytes }, services: readCounters(directory) };
}

function addStored(one: StoredSummary, location: string): void {
  try {
    const stored = describeCached(location);
    if (stored === undefined) return;
    one.entries++;
    one.bytesBefore += stored.plainBytes;
    one.bytesAfter += stored.fileBytes;
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    one.entries++;
    one.damaged++;
  }
}
