/** The symbols of a task, one after the other: the same in a worker thread and on a calling thread that takes a share. */
import { AtcError } from '../errors.js';
import type { Turns } from '../io/turns.js';
import type { Dataset } from '../table.js';
import type { EquityPath } from './equity-path.js';
import { SymbolRows } from './row-dataset.js';
import type { Strategy } from './seams.js';
import { runSymbol } from './symbol-run.js';
import { failureOf, type SymbolDone, type SymbolsAnswer, type SymbolsTask } from './worker-protocol.js';

export interface SymbolsRunOptions {
  /** Stops between two blocks; the answer is then a failure that nobody reads. */
  readonly signal?: AbortSignal;
  readonly turns?: Turns;
}

/** `prepared`: what the task names. A failure to give it is that of the first symbol. */
export async function runSymbols(
  task: SymbolsTask,
  prepared: () => Promise<{ readonly dataset: Dataset; readonly strategy: Strategy<unknown> }>,
  options: SymbolsRunOptions = {},
): Promise<SymbolsAnswer> {
  let symbol = task.symbols[0].symbol;
  try {
    const { dataset, strategy } = await prepared();
    const done: SymbolDone[] = [];
    for (const { symbol: next, index } of task.symbols) {
      symbol = next;
      const rows = task.rowsDirectory === undefined ? undefined : new SymbolRows(task.rowsDirectory, index, {});
      let path: EquityPath | undefined;
      const onPath = task.isTraced ? (found: EquityPath) => void (path = found) : undefined;
      const result = await runSymbol(dataset.table(symbol), strategy, { costs: task.costs, rows, onPath, ...options });
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
