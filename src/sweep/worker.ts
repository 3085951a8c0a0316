/** Runs in a worker thread: some trials over one symbol; dataset and strategy are those of the thread. */
import { parentPort, threadId } from 'node:worker_threads';
import { datasetOfThread, strategyOfThread } from '../backtest/thread-state.js';
import { failureOf, type ThreadStarted } from '../backtest/worker-protocol.js';
import { evaluateTrials } from './evaluate.js';
import type { SweepStrategy } from './seams.js';
import type { TrialsAnswer, TrialsTask } from './worker-protocol.js';

// Not before the call that loads this module has returned.
queueMicrotask(() => parentPort?.postMessage({ startedThread: threadId } satisfies ThreadStarted));

export default async function runTask(task: TrialsTask): Promise<TrialsAnswer> {
  try {
    const table = datasetOfThread(task).table(task.symbol);
    const strategy = (await strategyOfThread(task.strategy)) as SweepStrategy;
    return { evaluations: await evaluateTrials(table, strategy, task.trials, task.traded, { costs: task.costs }) };
  } catch (error) {
    return failureOf(error, task.symbol);
  }
}
