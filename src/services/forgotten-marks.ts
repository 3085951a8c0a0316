/**
 * Marked classes that nothing has wrapped: a mark by itself does nothing, and a program that has no container of ours
 * would never learn that. A process in which nothing wraps warns once; which classes were left over when it ended is
 * recorded in the cache directory for `atc doctor`. Nothing is read or written while every marked class is wrapped.
 */
import path from 'node:path';
import { loadConfigSync } from '../config/load.js';
import { type ResolvedConfig, serviceSettings } from '../config/resolve.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { readText } from '../io/json-file.js';
import { tryLock } from '../io/process-lock.js';
import { requireNow } from '../require-now.js';
import { type MarkableClass, markedClasses, markedName, marksOf } from './mark-registry.js';
import { wasWrapped, wrappingConfig } from './wrapping.js';

const FILE = 'unwrapped.json';
const FORMAT = 1;
const MAX_CLASSES = 1000;
/** When a program that goes on has had time to set up its services. */
const WARN_AFTER_MS = 10_000;
const WATCHING = Symbol.for('atc-memory/watching-marks');
/**
 * Set by jest and vitest where tests run: they mark classes at will, and a timer would outlive the modules of its test.
 */
const MATCHERS = Symbol.for('$$jest-matchers-object');
const registry = globalThis as { [WATCHING]?: boolean };

/** Called by each mark; the first one of the process arranges the check. */
export function watchMarks(): void {
  if (registry[WATCHING] || MATCHERS in globalThis) return;
  registry[WATCHING] = true;
  let hasWarned = false;
  const warnOnce = () => {
    if (hasWarned) return;
    hasWarned = true;
    if (isMainThread()) warnWhereNothingWraps();
  };
  const timer = setTimeout(warnOnce, WARN_AFTER_MS);
  timer.unref?.();
  process.once('beforeExit', warnOnce);
  process.once('exit', () => {
    const config = wrappingConfig() ?? loaded;
    if (config !== undefined && isMainThread()) record(config);
  });
}

/** A worker thread imports classes that it has no use for. Asked at the end: a mark loads no module of Node. */
function isMainThread(): boolean {
  return requireNow<typeof import('node:worker_threads')>('node:worker_threads').isMainThread;
}

/** Loaded here, because nothing else has. */
let loaded: ResolvedConfig | undefined;

function warnWhereNothingWraps(): void {
  if (wrappingConfig() !== undefined || markedClasses().every(wasWrapped)) return;
  try {
    loaded = loadConfigSync();
  } catch {
    // A wrong configuration is reported where it is used.
    return;
  }
  const names = forgottenClasses(loaded);
  if (names.length > 0) process.emitWarning(forgottenMessage(names), { code: 'ATC_NOT_WRAPPED' });
}

/** One message for all of them. */
export function forgottenMessage(names: readonly string[]): string {
  const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return (
    `${names.join(', ')} ${are} marked and switched on, and nothing in this process has wrapped ${them}: marks are ` +
    'read by installMemoryOptimizations (inversify), MemoryModule.forRoot (NestJS), or applyFeatures(service, ' +
    'config) where a service is created'
  );
}

/**
 * Names of marked classes that `config` switches a feature on for and of which no instance was wrapped; those that
 * `isProvided` are left out: their turn may still come.
 */
export function forgottenClasses(
  config: ResolvedConfig,
  isProvided: (target: MarkableClass<object>) => boolean = () => false,
): string[] {
  const forgotten = markedClasses().filter(
    (target) => isOn(target, config) && !wasWrapped(target) && !isProvided(target),
  );
  return [...new Set(forgotten.map(markedName))];
}

function isOn(target: MarkableClass<object>, config: ResolvedConfig): boolean {
  const { compressed, memoryMapped } = marksOf(target);
  const { useCompression, useMemoryMapped } = serviceSettings(config, markedName(target));
  return (
    (compressed !== undefined && useCompression !== false) || (memoryMapped !== undefined && useMemoryMapped !== false)
  );
}

/** What `atc doctor` reads: the time of the last process in which a class was left over, by its name. */
export function readForgotten(directory: string): Readonly<Record<string, string>> {
  try {
    const { format, classes } = JSON.parse(readText(path.join(directory, FILE)) ?? '{}') ?? {};
    return format === FORMAT && typeof classes === 'object' && classes !== null ? classes : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** At exit: never throws, waits for no one, and writes only what has changed. */
function record(config: ResolvedConfig): void {
  try {
    const forgotten = forgottenClasses(config);
    const before = readForgotten(config.cacheDir);
    const settled = new Set(markedClasses().map(markedName));
    const others = Object.entries(before).filter(([name]) => !settled.has(name));
    if (forgotten.length === 0 && others.length === Object.keys(before).length) return;
    const now = new Date().toISOString();
    const classes = [...others, ...forgotten.map((name) => [name, now])].slice(-MAX_CLASSES);
    const lock = tryLock(config.cacheDir, 'unwrapped');
    if (lock === undefined) return;
    try {
      const text = `${JSON.stringify({ format: FORMAT, classes: Object.fromEntries(classes) }, null, 1)}\n`;
      writeFileAtomicSync(path.join(config.cacheDir, FILE), text, { durability: 'process' });
    } finally {
      lock.release();
    }
  } catch {
    // A note for the doctor is no reason to fail for, least of all at exit.
  }
}
