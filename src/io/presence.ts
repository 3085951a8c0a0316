/**
 * Whether the owner of a lock file still lives, also where it cannot be asked. A lock file names the host and boot of
 * its owner, and its owner touches it every second. In the same pid namespace the process itself is looked at. On the
 * same host after a reboot every older owner is dead. In another container, or on another host, an owner is taken for
 * dead when its file has not been touched for long, by the watch of the process that looks: clocks of several machines
 * are never compared.
 */
import { closeSync, fstatSync, openSync, readFileSync, statSync, utimesSync, writeSync } from 'node:fs';
import { bootId, hostName, ownerState } from './process-owner.js';
import { removeSurely } from './removal.js';
import { isAbandoned } from './temporary.js';

const BEAT_MS = 1000;
/** Longer than any step of ours that does not let timers run, a sync of a slow disk included. */
const SILENT_MS = 8000;

const beating = new Set<string>();
let timer: NodeJS.Timeout | undefined;

export class Heartbeat {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Creates the file, which must not exist, and touches it until `end`. Throws the system's error. */
  static begin(file: string): Heartbeat {
    const descriptor = openSync(file, 'wx');
    try {
      writeSync(descriptor, `${hostName()}\n${bootId()}\n`);
      closeSync(descriptor);
    } catch (error) {
      tryClose(descriptor);
      removeSurely(file);
      throw error;
    }
    beating.add(file);
    timer ??= setInterval(beat, BEAT_MS).unref();
    return new Heartbeat(file);
  }

  end(): void {
    beating.delete(this.#file);
    if (beating.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }
}

function beat(): void {
  const now = Date.now() / 1000;
  for (const file of beating) {
    try {
      utimesSync(file, now, now);
    } catch {
      // Removed, or read-only for now: `requireHeld` and the removal report it.
    }
  }
}

function tryClose(descriptor: number): void {
  try {
    fstatSync(descriptor);
    closeSync(descriptor);
  } catch {
    // It is closed.
  }
}

interface Watched {
  readonly touchedMs: number;
  /** By the clock of this process that only goes forwards. */
  readonly sinceMs: number;
}

/** Files of owners that cannot be asked, as this process saw them first in their present state. */
const watched = new Map<string, Watched>();
const MOST_WATCHED = 1000;

/** True when the owner that a lock file is named after is certain, or certain enough, to be dead. */
export function hasEnded(owner: string, file: string): boolean {
  const state = ownerState(owner);
  if (state !== 'unknown') return state === 'dead';
  const origin = originOf(file);
  // Without one it was made by version 1.0, which does not touch its files.
  if (origin === undefined) return isAbandoned(owner, file);
  if (origin.host === hostName() && origin.boot !== bootId()) return true;
  return isSilent(file);
}

function originOf(file: string): { readonly host: string; readonly boot: string } | undefined {
  try {
    const [host, boot, end] = readFileSync(file, 'utf8').split('\n');
    return end === undefined ? undefined : { host, boot };
  } catch {
    return undefined;
  }
}

function isSilent(file: string): boolean {
  const now = performance.now();
  let touchedMs: number;
  try {
    touchedMs = statSync(file).mtimeMs;
  } catch {
    return false;
  }
  const before = watched.get(file);
  if (before?.touchedMs !== touchedMs) {
    if (watched.size >= MOST_WATCHED) watched.clear();
    watched.set(file, { touchedMs, sinceMs: now });
    return false;
  }
  if (now - before.sinceMs < SILENT_MS) return false;
  watched.delete(file);
  return true;
}
