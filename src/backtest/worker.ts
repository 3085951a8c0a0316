/** Runs in a worker thread: opens the dataset itself, rebuilds the strategy, runs the symbols of a task. */
import { parentPort, threadId } from 'node:worker_threads';
import { provideNativeCompression } from '../codec/natives.js';
import { DirectoryDataset } from '../dataset/directory-dataset.js';
import { unleasedVersion } from '../dataset/versions/lease-version.js';
import { AtcError } from '../errors.js';
import { loadNativeCompression } from '../io/native-compression.js';
import { rebuild } from './rebuild.js';
import { SymbolRows } from './row-dataset.js';
import type { Strategy } from './seams.js';
import { runSymbol } from './symbol-run.js';
import {
  failureOf,
  type SymbolDone,
  type SymbolsAnswer,
  type SymbolsTask,
  type ThreadStarted,
} from './worker-protocol.js';

/** Opened once per thread; the threads end with the run. */
const open = new Map<string, DirectoryDataset>();

// Not before the call that loads this module has returned.
queueMicrotask(() => parentPort?.postMessage({ startedThread: threadId } satisfies ThreadStarted));

export default async function runTask(task: SymbolsTask): Promise<SymbolsAnswer> {
  let symbol = task.symbols[0].symbol;
  try {
    provideNativeCompression(loadNativeCompression);
    let dataset = open.get(task.directory);
    if (dataset === undefined) {
      // The run holds the lease: a thread that is ended could not give back its own.
      dataset = new DirectoryDataset(task.directory, task.open, unleasedVersion);
      open.set(task.directory, dataset);
    }
    if (dataset.snapshotId !== task.snapshotId) {
      throw new AtcError('IO', `${task.directory} has changed during the run; run it again`, { path: task.directory });
    }
    const strategy = (await rebuild(task.strategy)) as Strategy<unknown>;
    const done: SymbolDone[] = [];
    for (const { symbol: next, index } of task.symbols) {
      symbol = next;
      const rows = task.rowsDirectory === undefined ? undefined : new SymbolRows(task.rowsDirectory, index, {});
      const result = await runSymbol(dataset.table(symbol), strategy, { costs: task.costs, rows });
      requirePlainData(result.summary, `${strategy.name} on ${symbol}`);
      done.push({ result, rows: rows?.finish(symbol) });
    }
    return done;
  } catch (error) {
    return failureOf(error, symbol);
  }
}

/** Found out here: an answer that cannot be posted would look like a thread that died. */
function requirePlainData(summary: unknown, where: string): void {
  try {
    structuredClone(summary);
  } catch (cause) {
    const what = (cause as Error).message;
    throw new AtcError('WORKER', `${where}: the summary must be plain data to leave its thread: ${what}`, { cause });
  }
}
