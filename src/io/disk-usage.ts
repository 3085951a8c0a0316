/** How much disk a path takes. */
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { attempt, systemCode } from './io-error.js';

export interface DiskUsage {
  /** Sum of the file sizes. */
  readonly byteLength: number;
  /** Sum of the blocks on the disk: more than byteLength for many small files, less for files with holes. */
  readonly allocatedBytes: number;
  readonly files: number;
}

/**
 * Usage of a file, or of a directory with all below it. Links are not followed; a file with several names counts once.
 */
export function diskUsage(target: string): DiskUsage {
  const total = { byteLength: 0, allocatedBytes: 0, files: 0 };
  attempt('inspect', target, () => lstatSync(target));
  visit(target, total, new Set());
  return total;
}

function visit(target: string, total: { -readonly [K in keyof DiskUsage]: number }, seen: Set<string>): void {
  // What another process removes while we look has no size any more.
  const stat = ignoreMissing(target, () => lstatSync(target));
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    for (const name of ignoreMissing(target, () => readdirSync(target)) ?? [])
      visit(path.join(target, name), total, seen);
    return;
  }
  if (stat.nlink > 1) {
    const identity = `${stat.dev}:${stat.ino}`;
    if (seen.has(identity)) return;
    seen.add(identity);
  }
  total.byteLength += stat.size;
  total.allocatedBytes += (stat.blocks ?? Math.ceil(stat.size / 512)) * 512;
  total.files += 1;
}

function ignoreMissing<T>(target: string, run: () => T): T | undefined {
  return attempt('inspect', target, () => {
    try {
      return run();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}
