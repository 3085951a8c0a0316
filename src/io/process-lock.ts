/**
 * Mutual exclusion between processes on one file system, by presence files: a process that wants the lock creates
 * `.<name>.<owner>.<n>.atc-lock` and then lists the directory; if any other living owner is present it removes its own
 * file and waits.
 * Create-then-list means that of two at least one sees the other, so there are never two holders; and a file is only
 * ever removed by its owner or after its owner has died, so a lock needs no breaking: a dead owner's presence counts
 * for nothing.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AtcError } from '../errors.js';
import { makeDirectory } from './durability.js';
import { ioError, systemCode } from './io-error.js';
import { isRealFile } from './own-path.js';
import { Heartbeat, hasEnded } from './presence.js';
import { ownerToken } from './process-owner.js';
import { isRemovalPending, removeSurely } from './removal.js';
import { namesIn, removeMark } from './temporary.js';
import { uniqueDigits } from './unique-name.js';

export interface ProcessLock {
  /**
   * IO when another process has taken this one for dead and may be writing: it stood still for long, in another
   * container. To be called right before a change becomes visible.
   */
  requireHeld(): void;
  /** Lets the next one in. Idempotent, never throws. */
  release(): void;
}

const LOCK = /^\.(.+)\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}\.atc-lock$/;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;
/** A wait of so long is reported. */
const REPORT_AFTER_MS = 3000;

/** The code of the warning about a long wait, for `process.on('warning')` and `--disable-warning`. */
const WAIT_WARNING = 'ATC_LOCK_WAIT';

/**
 * The lock `name` of a directory (created when missing), or undefined when a living process, this one included, has it.
 */
export function tryLock(directory: string, name: string): ProcessLock | undefined {
  // What is written under the lock may have to survive a power cut, and the directory's name with it.
  makeDirectory(directory, 'power');
  if (isLocked(directory, name)) return undefined;
  const own = path.join(directory, `.${name}.${ownerToken()}.${uniqueDigits()}.atc-lock`);
  let heartbeat: Heartbeat;
  try {
    heartbeat = Heartbeat.begin(own);
  } catch (error) {
    // The whole directory was removed a moment ago: the next attempt creates it anew.
    if (systemCode(error) === 'ENOENT') return undefined;
    throw ioError(error, 'lock', directory);
  }
  const release = () => {
    heartbeat.end();
    removeSurely(own);
  };
  const requireHeld = () => {
    if (!isRealFile(own)) throw lost(directory, name);
  };
  try {
    if (!isLocked(directory, name, own)) return { requireHeld, release };
  } catch (error) {
    release();
    throw error;
  }
  release();
  return undefined;
}

/**
 * Waits for the lock; rejects with the signal's reason when it is aborted first. A long wait is reported once, as a
 * warning.
 */
export async function acquireLock(directory: string, name: string, signal?: AbortSignal): Promise<ProcessLock> {
  const waiting = new LockWait(directory, name);
  for (let attempts = 0; ; attempts++) {
    signal?.throwIfAborted();
    const lock = tryLock(directory, name);
    if (lock !== undefined) return lock;
    waiting.report();
    await waitTurn(attempts, signal);
  }
}

/** Says whom a caller has been waiting for, once it takes long. */
export class LockWait {
  readonly #directory: string;
  readonly #name: string;
  readonly #since = performance.now();
  #isReported = false;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** To be called after every attempt that failed. */
  report(): void {
    if (this.#isReported || performance.now() - this.#since < REPORT_AFTER_MS) return;
    const [first] = presences(this.#directory, this.#name);
    if (first === undefined) return;
    this.#isReported = true;
    const [pid] = first.owner.split('-');
    process.emitWarning(
      `waiting for process ${pid}, which holds the lock "${this.#name}" of ${this.#directory}; ` +
        `if it has ended on another machine, remove ${first.path}`,
      { type: 'AtcWarning', code: WAIT_WARNING },
    );
  }
}

/** Random, so that two that saw each other do not meet again; growing, because building takes long. */
export async function waitTurn(attempts: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 10));
  // The timer's own abort error would hide the reason that the caller gave.
  await sleep(1 + Math.random() * longest, undefined, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}

/** True while a living process, or one that cannot be asked, is present; removes what dead ones left. */
export function isLocked(directory: string, name: string, own?: string): boolean {
  return presences(directory, name, own).length > 0;
}

function presences(directory: string, name: string, own?: string): { readonly path: string; readonly owner: string }[] {
  return namesIn(directory).flatMap((entry) => {
    const match = LOCK.exec(entry);
    if (match === null || match[1] !== name) return [];
    const full = path.join(directory, entry);
    if (full === own || isRemovalPending(full)) return [];
    if (!hasEnded(match[2], full)) return [{ path: full, owner: match[2] }];
    removeMark(full);
    return [];
  });
}

function lost(directory: string, name: string): AtcError {
  const text = `the lock "${name}" of ${directory} was taken over by another process`;
  const why = 'because this one stood still for too long';
  return new AtcError('IO', `${text}, ${why}; nothing was changed, repeat the change`, { path: directory });
}
