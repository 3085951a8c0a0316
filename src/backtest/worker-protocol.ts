/** What is sent to a worker thread and what is returned: paths and plain data, never rows. */
import type { SymbolEntry } from '../dataset/catalogue.js';
import { AtcError, type AtcErrorCode, isAtcError } from '../errors.js';
import type { EquityPath } from './equity-path.js';
import type { StrategyReference } from './seams.js';
import type { SymbolResult } from './symbol-run.js';
import type { DatasetOfTask } from './thread-state.js';
import type { TradingCosts } from './trading.js';

/** Some symbols of a run, one after the other. */
export interface SymbolsTask extends DatasetOfTask {
  /** With their indexes in the plan. */
  readonly symbols: readonly { readonly symbol: string; readonly index: number }[];
  readonly strategy: StrategyReference;
  readonly costs: TradingCosts | undefined;
  /** Where the rows go. */
  readonly rowsDirectory: string | undefined;
  /** Whether the path of each equity is wanted. */
  readonly isTraced: boolean;
}

/** Posted once by every thread, when its modules are loaded. */
export interface ThreadStarted {
  readonly startedThread: number;
}

export interface SymbolDone {
  readonly result: SymbolResult<unknown>;
  readonly rows: SymbolEntry | undefined;
  readonly path: EquityPath | undefined;
}

/** A structured clone of an error has neither class nor code: this does. */
export interface SymbolFailure {
  readonly failure: {
    readonly code: AtcErrorCode;
    readonly message: string;
    readonly path?: string;
    readonly offset?: number;
  };
}

/** In the order of the task; the first symbol that fails is the answer. */
export type SymbolsAnswer = readonly SymbolDone[] | SymbolFailure;

export function failureOf(error: unknown, symbol: string): SymbolFailure {
  if (isAtcError(error)) {
    const { code, message, path, offset } = error;
    return { failure: { code, message, path, offset } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { failure: { code: 'WORKER', message: `${symbol}: ${message}` } };
}

export function unwrapAnswer(answer: SymbolsAnswer): readonly SymbolDone[] {
  if (!('failure' in answer)) return answer;
  const { code, message, path, offset } = answer.failure;
  throw new AtcError(code, message, { path, offset });
}
