/** Who uses how much of a cache directory, as text. */
import type { EntryUsage } from '../cache-directory/cache-usage.js';
import { formatBytes, formatCount, formatTable, formatTime } from './text.js';

/** Entries of one user of the directory together. */
export interface CacheUser {
  readonly who: string;
  readonly entries: number;
  /** Blocks on the disk. */
  readonly bytes: number;
  readonly files: number;
  readonly lastUsedMs: number;
  readonly inUse: number;
}

/**
 * By what stores them: a service and method, a copied file, the caches, running backtests, and what is not ours.
 * Largest first.
 */
export function cacheUsers(entries: readonly EntryUsage[]): CacheUser[] {
  const users = new Map<string, CacheUser>();
  for (const entry of entries) {
    const who = userOf(entry);
    const before = users.get(who);
    users.set(who, {
      who,
      entries: (before?.entries ?? 0) + 1,
      bytes: (before?.bytes ?? 0) + entry.allocatedBytes,
      files: (before?.files ?? 0) + entry.files,
      lastUsedMs: Math.max(before?.lastUsedMs ?? 0, entry.lastUsedMs),
      inUse: (before?.inUse ?? 0) + Number(entry.kind !== 'other' && entry.inUse),
    });
  }
  return [...users.values()].sort((a, b) => b.bytes - a.bytes);
}

function userOf({ kind, name, inUse }: EntryUsage): string {
  if (kind === 'entry') return 'cache entries';
  if (kind === 'scratch') return inUse ? 'runs under way' : 'left by dead processes';
  if (name === 'counters.json') return 'event counters';
  if (kind === 'other') return `not ours: ${name}`;
  const parts = name.split('/');
  return parts[0] === 'history' && parts.length > 1 ? parts.slice(0, -1).join('/') : name;
}

export function cacheReport(directory: string, users: readonly CacheUser[], maxBytes: number | false): string {
  const total = users.reduce((sum, { bytes }) => sum + bytes, 0);
  const bound = maxBytes === false ? 'no bound (maxCacheBytes)' : `bound ${formatBytes(maxBytes)}`;
  const head = `${directory}: cache directory, ${formatBytes(total)} on the disk, ${bound}`;
  if (users.length === 0) return head;
  const table = formatTable(
    ['who', 'entries', 'on disk', 'files', 'last used', 'in use'],
    users.map(({ who, entries, bytes, files, lastUsedMs, inUse }) => [
      who,
      formatCount(entries),
      formatBytes(bytes),
      formatCount(files),
      formatTime(Math.floor(lastUsedMs / 1000) * 1000),
      formatCount(inUse),
    ]),
  );
  return `${head}\n\n${table}`;
}
