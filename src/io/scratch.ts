/**
 * Directories for copies that one run needs: removed on dispose, at the end of the process, and on Ctrl-C; those of a
 * process that was killed outright are removed by the next one (`sweepScratch`), which finds the owner in the name.
 */

import { rmSync } from 'node:fs';
import path from 'node:path';
import { attempt } from './io-error.js';
import { makeDirectories } from './make-directories.js';
import { ownerToken } from './process-owner.js';
import { isAbandoned, sweepOwned } from './temporary.js';
import { uniqueDigits } from './unique-name.js';

const SCRATCH = /^scratch\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}$/;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ScratchDirectory {
  readonly path: string;
  /** Removes it with all it holds. Idempotent. */
  dispose(): void;
}

/** The scratch directories of this process that still exist. */
const living = new Set<string>();

/** Creates an empty directory below `parent`, which is created too when missing. */
export function createScratchDirectory(parent: string): ScratchDirectory {
  const directory = path.resolve(parent, `scratch.${ownerToken()}.${uniqueDigits()}`);
  attempt('create directory', directory, () => makeDirectories(directory));
  if (living.size === 0) listen();
  living.add(directory);
  return {
    path: directory,
    dispose() {
      if (!living.has(directory)) return;
      attempt('remove', directory, () => rmSync(directory, { recursive: true, force: true }));
      living.delete(directory);
      if (living.size === 0) unlisten();
    },
  };
}

/**
 * Removes the scratch directories that dead processes left below `parent`; returns their paths. Living owners keep
 * theirs.
 */
export function sweepScratch(parent: string): string[] {
  return sweepOwned(parent, SCRATCH);
}

/** Undefined for a path that is not called like a scratch directory. */
export function scratchState(directory: string): 'in use' | 'abandoned' | undefined {
  const owner = SCRATCH.exec(path.basename(directory))?.[1];
  if (owner === undefined) return undefined;
  return isAbandoned(owner, directory) ? 'abandoned' : 'in use';
}

function removeAll(): void {
  for (const directory of living) {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // The process is ending: what cannot be removed now is swept by the next one.
    }
  }
  living.clear();
}

function listen(): void {
  process.on('exit', removeAll);
  // First in line, so that a host's `once` listener is still counted when ours looks for others.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/**
 * A host that handles the signal itself decides what happens, and may go on using the directories: they go at exit.
 * Otherwise the process would have died by the signal, so it still does, after the cleanup: the shell sees 130 or 143
 * as always.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) - signalExitListeners() > 1) return;
  removeAll();
  unlisten();
  process.kill(process.pid, signal);
}

/**
 * npm's signal-exit listens too, in many programs, and re-raises only when nobody else does: it is not a host's
 * handler.
 */
function signalExitListeners(): number {
  const host = process as unknown as Record<symbol | string, { count?: unknown } | undefined>;
  const emitters = [host[Symbol.for('signal-exit emitter')], host.__signal_exit_emitter__];
  return emitters.reduce((sum, emitter) => sum + (typeof emitter?.count === 'number' ? emitter.count : 0), 0);
}
