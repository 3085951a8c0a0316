/** Runs in a worker thread: opens the dataset itself, rebuilds the strategy, runs the symbols of a task. */
import { parentPort, threadId } from 'node:worker_threads';
import type { Strategy } from './seams.js';
import { runSymbols } from './symbols-run.js';
import { datasetOfThread, strategyOfThread } from './thread-state.js';
import type { SymbolsAnswer, SymbolsTask, ThreadStarted } from './worker-protocol.js';

// Not before the call that loads this module has returned.
queueMicrotask(() => parentPort?.postMessage({ startedThread: threadId } satisfies ThreadStarted));

export default function runTask(task: SymbolsTask): Promise<SymbolsAnswer> {
  return runSymbols(task, async () => ({
    dataset: datasetOfThread(task),
    strategy: (await strategyOfThread(task.strategy)) as Strategy<unknown>,
  }));
}
