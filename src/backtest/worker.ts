/** Runs in a worker thread: opens the dataset itself, rebuilds the strategy, runs the symbols of a task. */
import { parentPort, threadId } from 'node:worker_threads';
import { AtcError } from '../errors.js';
import type { EquityPath } from './equity-path.js';
import { SymbolRows } from './row-dataset.js';
import type { Strategy } from './seams.js';
import { runSymbol } from './symbol-run.js';
import { datasetOfThread, strategyOfThread } from './thread-state.js';
import {
  failureOf,
  type SymbolDone,
  type SymbolsAnswer,
  type SymbolsTask,
  type ThreadStarted,
} from './worker-protocol.js';

// Not before the call that loads this module has returned.
queueMicrotask(() => parentPort?.postMessage({ startedThread: threadId } satisfies ThreadStarted));

export default async function runTask(task: SymbolsTask): Promise<SymbolsAnswer> {
  let symbol = task.symbols[0].symbol;
  try {
    const dataset = datasetOfThread(task);
    const strategy = (await strategyOfThread(task.strategy)) as Strategy<unknown>;
    const done: SymbolDone[] = [];
    for (const { symbol: next, index } of task.symbols) {
      symbol = next;
      const rows = task.rowsDirectory === undefined ? undefined : new SymbolRows(task.rowsDirectory, index, {});
      let path: EquityPath | undefined;
      const onPath = task.isTraced ? (found: EquityPath) => void (path = found) : undefined;
      const result = await runSymbol(dataset.table(symbol), strategy, { costs: task.costs, rows, onPath });
      requirePlainData(result.summary, `${strategy.name} on ${symbol}`);
      done.push({ result, rows: rows?.finish(symbol), path });
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
