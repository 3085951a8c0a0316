/** Runs in a worker thread: opens the dataset itself, rebuilds the strategy, runs some trials over one symbol. */
import { parentPort, threadId } from 'node:worker_threads';
import { rebuild } from '../backtest/rebuild.js';
import { failureOf, type ThreadStarted } from '../backtest/worker-protocol.js';
import { provideNativeCompression } from '../codec/natives.js';
import { DirectoryDataset } from '../dataset/directory-dataset.js';
import { unleasedVersion } from '../dataset/versions/lease-version.js';
import { AtcError } from '../errors.js';
import { loadNativeCompression } from '../io/native-compression.js';
import { evaluateTrials } from './evaluate.js';
import type { SweepStrategy } from './seams.js';
import type { TrialsAnswer, TrialsTask } from './worker-protocol.js';

/** Opened once per thread; the threads end with the sweep, which holds the lease. */
const open = new Map<string, DirectoryDataset>();

// Not before the call that loads this module has returned.
queueMicrotask(() => parentPort?.postMessage({ startedThread: threadId } satisfies ThreadStarted));

export default async function runTask(task: TrialsTask): Promise<TrialsAnswer> {
  try {
    provideNativeCompression(loadNativeCompression);
    let dataset = open.get(task.directory);
    if (dataset === undefined) {
      dataset = new DirectoryDataset(task.directory, task.open, unleasedVersion);
      open.set(task.directory, dataset);
    }
    if (dataset.snapshotId !== task.snapshotId) {
      throw new AtcError('IO', `${task.directory} has changed during the sweep; run it again`, {
        path: task.directory,
      });
    }
    const strategy = (await rebuild(task.strategy)) as SweepStrategy;
    const table = dataset.table(task.symbol);
    return { evaluations: await evaluateTrials(table, strategy, task.trials, task.traded, { costs: task.costs }) };
  } catch (error) {
    return failureOf(error, task.symbol);
  }
}
