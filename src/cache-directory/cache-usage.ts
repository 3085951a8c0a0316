/**
 * What takes how much of a cache directory, when it was last used, and removing what may go. Only what is named like
 * ours is ever removed.
 */
import { existsSync, lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { type DiskUsage, diskUsage } from '../io/disk-usage.js';
import { attempt } from '../io/io-error.js';
import { isOwnDirectory } from '../io/own-path.js';
import { scratchState, sweepScratch } from '../io/scratch.js';
import { namesIn, sweepTemporaries } from '../io/temporary.js';
import { isEntryName, isShardName } from './entry-files.js';
import { Generations } from './generations.js';

/**
 * `entry`: one value of a cache · `generations`: a cached result or copy · `scratch`: the copy of one run · `other`:
 * not ours, counted and never removed.
 */
export type UsageKind = 'entry' | 'generations' | 'scratch' | 'other';

export interface EntryUsage extends DiskUsage {
  /** Relative to the cache directory, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly kind: UsageKind;
  /** Milliseconds since 1970. */
  readonly lastUsedMs: number;
  /** A living process builds it or reads it. Single entries are never in use: a process that has one open keeps it. */
  readonly inUse: boolean;
}

/** Cached results lie two directories below the cache directory: history/<service>/<key>. */
const MAX_DEPTH = 3;

/**
 * The entries of a cache directory, the one that was used longest ago first. Hidden names (unfinished files, locks) are
 * left out.
 */
export function listUsage(directory: string): EntryUsage[] {
  return list(directory, '', 1).sort((a, b) => a.lastUsedMs - b.lastUsedMs);
}

/**
 * Removes entries until what is ours takes at most `maxBytes` on the disk, those used longest ago first; what is in use
 * stays, so the result may be above the bound. Returns what was removed; with `dryRun` what would be.
 */
export function enforceMaxBytes(directory: string, maxBytes: number, dryRun = false): EntryUsage[] {
  if (!(maxBytes >= 0)) throw new AtcError('ARGUMENT', `maxBytes must be a number of at least 0, got ${maxBytes}`);
  const entries = listUsage(directory).filter(({ kind }) => kind !== 'other');
  let total = entries.reduce((sum, entry) => sum + entry.allocatedBytes, 0);
  return entries.filter((entry) => {
    if (total <= maxBytes || !removeEntry(entry, dryRun)) return false;
    total -= entry.allocatedBytes;
    return true;
  });
}

/** Removes the entries last used more than `ageMs` ago, with the same exceptions; returns what was removed. */
export function removeOlderThan(directory: string, ageMs: number, dryRun = false, now = Date.now()): EntryUsage[] {
  return listUsage(directory).filter((entry) => now - entry.lastUsedMs > ageMs && removeEntry(entry, dryRun));
}

/**
 * Removes what dead processes left: copies of their runs, unfinished files, superseded generations. Returns the paths.
 */
export function sweepCache(directory: string): string[] {
  const removed = [...sweepScratch(directory), ...sweepTemporaries(directory)];
  for (const name of namesIn(directory)) {
    if (isShardName(name) && isOwnDirectory(directory, name))
      removed.push(...sweepTemporaries(path.join(directory, name)));
  }
  for (const entry of listUsage(directory)) {
    if (entry.kind === 'generations') removed.push(...new Generations(entry.path).sweep());
  }
  return removed;
}

function list(directory: string, prefix: string, depth: number): EntryUsage[] {
  const entries: EntryUsage[] = [];
  for (const name of namesIn(directory)) {
    if (name.startsWith('.')) continue;
    const full = path.join(directory, name);
    try {
      entries.push(...describe(full, `${prefix}${name}`, depth));
    } catch (error) {
      // Another process may remove an entry while it is looked at; anything else is reported.
      if (existsSync(full)) throw error;
    }
  }
  return entries;
}

function describe(full: string, name: string, depth: number): EntryUsage[] {
  const stat = attempt('inspect', full, () => lstatSync(full));
  const place = { name, path: full };
  if (!stat.isDirectory()) {
    // Linux updates the access time at most once a day (relatime), so the time of writing counts too.
    const lastUsedMs = Math.max(stat.atimeMs, stat.mtimeMs);
    const isEntry = stat.isFile() && isEntryName(path.basename(full)) && isShardName(path.basename(path.dirname(full)));
    return [{ ...place, kind: isEntry ? 'entry' : 'other', ...diskUsage(full), lastUsedMs, inUse: !isEntry }];
  }
  const scratch = scratchState(full);
  if (scratch !== undefined) {
    return [
      { ...place, kind: 'scratch', ...diskUsage(full), lastUsedMs: stat.mtimeMs, inUse: scratch !== 'abandoned' },
    ];
  }
  const generations = new Generations(full);
  if (generations.exists()) {
    const lastUsedMs = generations.lastUsedMs();
    return [{ ...place, kind: 'generations', ...diskUsage(full), lastUsedMs, inUse: generations.inUse() }];
  }
  if (depth < MAX_DEPTH) {
    const inside = list(full, `${name}/`, depth + 1);
    if (inside.length === 0 || inside.some(({ kind }) => kind !== 'other')) return inside;
  }
  return [{ ...place, kind: 'other', ...diskUsage(full), lastUsedMs: stat.mtimeMs, inUse: true }];
}

/** False for what may not go. */
function removeEntry(entry: EntryUsage, dryRun: boolean): boolean {
  if (entry.kind === 'other') return false;
  if (dryRun) return !entry.inUse;
  if (entry.kind === 'generations') return new Generations(entry.path).remove();
  if (entry.inUse) return false;
  attempt('remove', entry.path, () => rmSync(entry.path, { recursive: entry.kind === 'scratch', force: true }));
  return true;
}
