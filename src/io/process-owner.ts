/**
 * Which process, and which of its threads, made a temporary thing, as a token in its name: `<pid>-<start>-<space>`. In
 * the name, because creating the name and recording the owner are then one atomic step. A reused pid is detected by the
 * start time; `space` is a digest of where the pid counts (host, boot and pid namespace), so that another container's
 * processes are not taken for dead ones.
 */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { crc32c } from '../codec/crc32c.js';

/** `unknown`: of another host, boot or container, where this process cannot look. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

/** Of any system: Linux has 2^22, the others fewer. */
const MOST_PID = 2 ** 22;

const OWNER_PATTERN = /^(\d{1,10})-(\d{1,20})-([0-9a-f]{8})$/;

let own: string | undefined;

/** The token of this thread: one that is terminated leaves its locks and files behind as a process does. */
export function ownerToken(): string {
  own ??= tokenOf(threadId());
  return own;
}

function tokenOf(id: number): string {
  return `${id}-${processFacts(id)?.start ?? '0'}-${pidSpace()}`;
}

/** Linux numbers threads as it numbers processes, and the main thread as its process; elsewhere it is the process. */
function threadId(): number {
  const name = firstOf(() => readlinkSync('/proc/thread-self'));
  return Number(/\/task\/(\d+)$/.exec(name)?.[1] ?? process.pid);
}

export function ownerState(token: string): OwnerState {
  const match = OWNER_PATTERN.exec(token);
  if (match === null) return 'unknown';
  const [, pid, start, space] = match;
  if (Number(pid) < 1 || Number(pid) > MOST_PID) return 'dead';
  if (space !== pidSpace()) return 'unknown';
  if (!isRunning(Number(pid))) return 'dead';
  if (start === '0') return 'alive';
  const now = processFacts(Number(pid));
  // A zombie: it has ended, and only its parent has not asked how. Where the first process of a container never asks,
  // it stays for ever.
  if (now?.state === 'Z') return 'dead';
  return now === undefined || now.start === start ? 'alive' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

/**
 * Of /proc/<pid>/stat: the state (field 3) and the start in clock ticks after boot (field 22). Undefined where there is
 * no /proc.
 */
function processFacts(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 2 is the command in parentheses and may itself hold spaces and parentheses: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], start: fields[19] };
  } catch {
    return undefined;
  }
}

let space: string | undefined;

function pidSpace(): string {
  if (space === undefined) {
    const parts = [hostName(), bootId(), firstOf(() => readlinkSync('/proc/self/ns/pid'))];
    space = crc32c(new TextEncoder().encode(parts.join('\n')))
      .toString(16)
      .padStart(8, '0');
  }
  return space;
}

export function hostName(): string {
  return hostname();
}

let boot: string | undefined;

/** Another one after every start of the machine; empty where there is none. */
export function bootId(): string {
  boot ??= firstOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return boot;
}

function firstOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
