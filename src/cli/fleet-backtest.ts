/** The backtest of `atc backtest --redis`. */
import { type AtcBacktestOptions, type AtcBacktestResult, type AtcSummary, atcStrategy } from 'atc-memory/atc';
import type { DistributedBacktestOptions } from 'atc-memory/bullmq';
import { storageAndParameters } from './options.js';
import { printError } from './output.js';
import { type FleetFlags, fleetOf, INTERRUPTED_IN_REDIS } from './redis-options.js';

interface Flags extends FleetFlags {
  readonly param?: Record<string, unknown>;
  readonly keepCopies?: boolean;
}

/** `options`: how the history is stored, and the parameters that are configured. */
export async function backtestOnFleet(
  source: string | readonly string[],
  options: AtcBacktestOptions,
  { param, keepCopies, ...fleet }: Flags,
  run: Omit<DistributedBacktestOptions, 'connection' | 'history'>,
): Promise<AtcBacktestResult> {
  const { history, parameters } = storageAndParameters(options);
  const { runDistributed } = await import('atc-memory/bullmq');
  try {
    return await runDistributed<AtcSummary>(source, atcStrategy({ ...parameters, ...param }), {
      ...fleetOf(fleet),
      ...run,
      history: { ...history, keepCopies },
    });
  } catch (error) {
    if (run.signal?.aborted === true) printError(INTERRUPTED_IN_REDIS);
    throw error;
  }
}
