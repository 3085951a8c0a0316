/** Keeping a cache directory below a size: which entry takes how much, when it was last used, and removing the oldest. */
import { existsSync, lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { type DiskUsage, diskUsage } from './disk-usage.js';
import { Generations } from './generations.js';
import { attempt } from './io-error.js';
import { namesIn } from './temporary.js';

export interface EntryUsage extends DiskUsage {
  readonly name: string;
  readonly path: string;
  /** `generations`: see Generations; `other` directories are counted and never removed. */
  readonly kind: 'file' | 'generations' | 'other';
  /** Milliseconds since 1970. */
  readonly lastUsedMs: number;
  /** A living process builds it or reads it. Files are never in use: whoever has one open keeps it. */
  readonly inUse: boolean;
}

/** The entries of a directory, the one that was used longest ago first. Hidden names (unfinished files, locks) are left out. */
export function listUsage(directory: string): EntryUsage[] {
  const entries: EntryUsage[] = [];
  for (const name of namesIn(directory)) {
    if (name.startsWith('.')) continue;
    const full = path.join(directory, name);
    try {
      entries.push(describe(full, name));
    } catch (error) {
      // Another process may remove an entry while it is looked at; anything else is said.
      if (existsSync(full)) throw error;
    }
  }
  return entries.sort((a, b) => a.lastUsedMs - b.lastUsedMs);
}

/**
 * Removes entries until the rest takes at most `maxBytes` on the disk, those used longest ago first; what is in use, and directories that are not
 * generations, stay, so the result may be above the bound. Returns what was removed.
 */
export function enforceMaxBytes(directory: string, maxBytes: number): EntryUsage[] {
  if (!(maxBytes >= 0)) throw new AtcError('ARGUMENT', `maxBytes must be a number of at least 0, got ${maxBytes}`);
  const entries = listUsage(directory);
  let total = entries.reduce((sum, entry) => sum + entry.allocatedBytes, 0);
  return entries.filter((entry) => {
    if (total <= maxBytes || !removeEntry(entry)) return false;
    total -= entry.allocatedBytes;
    return true;
  });
}

/** Removes the entries last used more than `ageMs` ago, with the same exceptions; returns what was removed. */
export function removeOlderThan(directory: string, ageMs: number, now = Date.now()): EntryUsage[] {
  return listUsage(directory).filter((entry) => now - entry.lastUsedMs > ageMs && removeEntry(entry));
}

function describe(full: string, name: string): EntryUsage {
  const stat = attempt('inspect', full, () => lstatSync(full));
  if (!stat.isDirectory()) {
    const allocatedBytes = (stat.blocks ?? Math.ceil(stat.size / 512)) * 512;
    // Linux updates the access time at most once a day (relatime), so the time of writing counts too.
    const lastUsedMs = Math.max(stat.atimeMs, stat.mtimeMs);
    return {
      name,
      path: full,
      kind: 'file',
      byteLength: stat.size,
      allocatedBytes,
      files: 1,
      lastUsedMs,
      inUse: false,
    };
  }
  const generations = new Generations(full);
  const usage = diskUsage(full);
  const lastUsedMs = generations.lastUsedMs();
  if (lastUsedMs === 0) return { name, path: full, kind: 'other', ...usage, lastUsedMs: stat.mtimeMs, inUse: true };
  return { name, path: full, kind: 'generations', ...usage, lastUsedMs, inUse: generations.inUse() };
}

function removeEntry(entry: EntryUsage): boolean {
  if (entry.kind === 'other') return false;
  if (entry.kind === 'generations') return new Generations(entry.path).remove();
  attempt('remove', entry.path, () => rmSync(entry.path, { force: true }));
  return true;
}
