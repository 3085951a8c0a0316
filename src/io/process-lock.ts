/**
 * Mutual exclusion between processes on one file system, by presence files: whoever wants the lock creates `.<name>.<owner>.<n>.atc-lock`
 * and then lists the directory; if any other living process is present it takes its own file away and waits. Create-then-list means that of two
 * at least one sees the other, so there are never two holders; and a file is only ever removed by its owner or after its owner
 * has died, so a lock needs no breaking: a dead owner's presence counts for nothing.
 */

import { closeSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDirectory } from './durability.js';
import { ioError, systemCode } from './io-error.js';
import { ownerToken } from './process-owner.js';
import { isAbandoned, namesIn, removeMark } from './temporary.js';
import { uniqueDigits } from './unique-name.js';

export interface ProcessLock {
  /** Lets the next one in. Idempotent. */
  release(): void;
}

const LOCK = /^\.(.+)\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}\.atc-lock$/;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;

/** The lock `name` of a directory (created when missing), or undefined when a living process, this one included, has it. */
export function tryLock(directory: string, name: string): ProcessLock | undefined {
  // Whatever is written under the lock may have to survive a power cut, and the directory's name with it.
  makeDirectory(directory, 'power');
  if (isLocked(directory, name)) return undefined;
  const own = path.join(directory, `.${name}.${ownerToken()}.${uniqueDigits()}.atc-lock`);
  try {
    closeSync(openSync(own, 'wx'));
  } catch (error) {
    // The whole directory was removed a moment ago: the next attempt makes it again.
    if (systemCode(error) === 'ENOENT') return undefined;
    throw ioError(error, 'lock', directory);
  }
  const release = () => rmSync(own, { force: true });
  try {
    if (!isLocked(directory, name, own)) return { release };
  } catch (error) {
    release();
    throw error;
  }
  release();
  return undefined;
}

/** Waits for the lock; rejects with the signal's reason when it is aborted first. */
export async function acquireLock(directory: string, name: string, signal?: AbortSignal): Promise<ProcessLock> {
  for (let attempts = 0; ; attempts++) {
    signal?.throwIfAborted();
    const lock = tryLock(directory, name);
    if (lock !== undefined) return lock;
    await waitTurn(attempts, signal);
  }
}

/** Random, so that two who saw each other do not meet again; growing, because building takes long. */
export async function waitTurn(attempts: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 10));
  // The timer's own abort error would hide the reason that the caller gave.
  await sleep(1 + Math.random() * longest, undefined, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}

/** True while a living process, or one that cannot be asked, is present; removes what dead ones left. */
export function isLocked(directory: string, name: string, own?: string): boolean {
  let locked = false;
  for (const entry of namesIn(directory)) {
    const match = LOCK.exec(entry);
    if (match === null || match[1] !== name) continue;
    const full = path.join(directory, entry);
    if (full === own) continue;
    if (isAbandoned(match[2], full)) removeMark(full);
    else locked = true;
  }
  return locked;
}
