/**
 * What happened to each service, counted in `counters.json` of the cache directory: a user who runs `'verify'` for a
 * week wants one number at its end, not a listener of his own. Processes add to the same file, a few seconds after the
 * first event and when they exit; a process that is killed loses what it has counted since.
 */
import path from 'node:path';
import { reasonOf } from '../errors.js';
import { MEMORY_EVENTS, type MemoryEventName, type MemoryEvents, onMemoryEvent } from '../events.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { readText } from '../io/json-file.js';
import { tryLock } from '../io/process-lock.js';

export interface ServiceCounters {
  readonly counts: Readonly<Partial<Record<MemoryEventName, number>>>;
  /** Of what was written or verified. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** The last of these events, ISO time and the reason: where to begin to look. */
  readonly last: Readonly<
    Partial<Record<'difference' | 'corrupt' | 'fallback', { at: string; key?: string; reason: string }>>
  >;
}

export type CountersByService = Readonly<Record<string, ServiceCounters>>;

const FILE = 'counters.json';
const FORMAT = 1;
const FLUSH_MS = 5000;
/** A process that exits does not wait longer for another one's turn to write. */
const EXIT_ATTEMPTS = 20;
const MAX_SERVICES = 1000;

/** On the process's own object: two copies of the package must not count one event twice. */
const COUNTING = Symbol.for('atc-memory/event-counters');
const registry = globalThis as { [COUNTING]?: Map<string, EventCounters> };

/** Counts the events of `service` in this directory from now on. Nothing is written before the first event. */
export function countEvents(directory: string, service: string): void {
  const all = registry[COUNTING] ?? new Map();
  if (registry[COUNTING] === undefined) {
    registry[COUNTING] = all;
    process.once('exit', flushCounters);
  }
  const location = path.resolve(directory);
  let counters = all.get(location);
  if (counters === undefined) all.set(location, (counters = new EventCounters(location)));
  counters.services.add(service);
}

/**
 * Writes what has been counted in this process and not yet written; for tests and a program that is about to kill it.
 */
export function flushCounters(): void {
  for (const counters of registry[COUNTING]?.values() ?? []) counters.flush(EXIT_ATTEMPTS);
}

/** What was counted; nothing when nothing was, or when the file makes no sense. */
export function readCounters(directory: string): CountersByService {
  try {
    const { format, services } = JSON.parse(readText(path.join(directory, FILE)) ?? '{}') ?? {};
    return format === FORMAT && typeof services === 'object' && services !== null ? services : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

class EventCounters {
  readonly services = new Set<string>();
  #since: Record<string, ServiceCounters> = {};
  #timer: NodeJS.Timeout | undefined;

  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    for (const name of MEMORY_EVENTS) onMemoryEvent(name, (event) => this.#count(name, event));
  }

  #count(name: MemoryEventName, event: MemoryEvents[MemoryEventName]): void {
    const { service } = event;
    if (service === undefined || !this.services.has(service)) return;
    this.#since[service] = added(this.#since[service], countersOf(name, event));
    this.#timer ??= setTimeout(() => this.flush(1), FLUSH_MS).unref();
  }

  /**
   * Adds to the file what has been counted since; when it is another process's turn, the next flush does. Never throws.
   */
  flush(attempts: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (Object.keys(this.#since).length === 0) return;
    try {
      for (let left = attempts; left > 0; left--) {
        if (this.#write()) return;
        if (left > 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    } catch {
      // Counting is no reason to fail for, least of all at exit.
    }
  }

  #write(): boolean {
    const lock = tryLock(this.#directory, 'counters');
    if (lock === undefined) return false;
    try {
      const services: Record<string, ServiceCounters> = { ...readCounters(this.#directory) };
      for (const [service, since] of Object.entries(this.#since)) {
        if (service in services || Object.keys(services).length < MAX_SERVICES) {
          services[service] = added(services[service], since);
        }
      }
      const text = `${JSON.stringify({ format: FORMAT, services }, null, 1)}\n`;
      writeFileAtomicSync(path.join(this.#directory, FILE), text, { durability: 'process' });
      this.#since = {};
      return true;
    } finally {
      lock.release();
    }
  }
}

function countersOf(name: MemoryEventName, event: MemoryEvents[MemoryEventName]): ServiceCounters {
  const {
    bytesBefore = 0,
    bytesAfter = 0,
    key,
    reason,
    error,
  } = event as Partial<MemoryEvents['write']> & Partial<MemoryEvents['difference']> & Partial<MemoryEvents['corrupt']>;
  const isNoted = name === 'difference' || name === 'corrupt' || name === 'fallback';
  const text = reason ?? reasonOf(error);
  const last = isNoted ? { [name]: { at: new Date().toISOString(), key, reason: text.slice(0, 500) } } : {};
  return { counts: { [name]: 1 }, bytesBefore, bytesAfter, last };
}

function added(before: ServiceCounters | undefined, more: ServiceCounters): ServiceCounters {
  const counts: Partial<Record<MemoryEventName, number>> = { ...before?.counts };
  for (const name of MEMORY_EVENTS) {
    const count = more.counts[name];
    if (count !== undefined) counts[name] = (counts[name] ?? 0) + count;
  }
  return {
    counts,
    bytesBefore: (before?.bytesBefore ?? 0) + more.bytesBefore,
    bytesAfter: (before?.bytesAfter ?? 0) + more.bytesAfter,
    last: { ...before?.last, ...more.last },
  };
}
