/**
 * Removing marks and unfinished files of this process so that it happens some time, whatever the disk says now. A file
 * system that has become read-only refuses, and a lock file that stays would block every writer for as long as this
 * process lives; so what could not be removed is tried again every second, and does not count for this process
 * meanwhile.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';

const RETRY_MS = 1000;

const pending = new Set<string>();
let timer: NodeJS.Timeout | undefined;

/** Removes a file, or a directory with all it holds. Never throws; links are removed, not followed. */
export function removeSurely(target: string): void {
  if (tryRemove(target)) return;
  pending.add(target);
  timer ??= setInterval(retry, RETRY_MS).unref();
}

/** True while something that is done with could not be removed yet. */
export function isRemovalPending(target: string): boolean {
  return pending.size > 0 && pending.has(target);
}

/** Removes what is still to be removed below `directory`; false when the disk goes on refusing some of it. */
export function finishRemovalsIn(directory: string): boolean {
  const left = [...pending].filter((target) => target.startsWith(`${directory}${path.sep}`) && !tryRemove(target));
  if (pending.size > 0) retry();
  return left.length === 0;
}

function retry(): void {
  for (const target of pending) {
    if (tryRemove(target)) pending.delete(target);
  }
  if (pending.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function tryRemove(target: string): boolean {
  try {
    rmSync(target, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}
