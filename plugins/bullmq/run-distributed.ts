/** A backtest or a study on a fleet: cut into jobs, computed by the workers of a queue, and brought together here. */
import { AtcError } from 'atc-memory';
import type { SweepResult } from 'atc-memory/sweep';
import { type DistributedBacktest, type DistributedBacktestOptions, runBacktestJobs } from './backtest-run.js';
import type { FleetSource, FleetStrategy } from './protocol.js';
import { type DistributedOptions, type DistributedStudy, runStudy } from './study-run.js';

/**
 * Runs a study on the workers of a queue. `source` is a path, or several, that workers have too: a relative one is
 * looked for in their working directories. The directory has the bytes of `sweep` on one machine. The same call again
 * goes on where an earlier one was stopped: jobs have the hash of what they compute as their id.
 *
 * @throws AtcError ARGUMENT for wrong options and for workers with another history or strategy; UNSUPPORTED where
 *   BullMQ is missing; IO where no Redis answers; CORRUPT for a result that is not what its worker wrote; WORKER for a
 *   job that failed three times or ended its workers; the signal's reason when it is aborted.
 */
export function runDistributed(
  source: FleetSource,
  study: DistributedStudy,
  options: DistributedOptions,
): Promise<SweepResult>;
/**
 * Runs a strategy over every symbol of a history on the workers of a queue, a block of symbols a job. The result has
 * the bits of the same run on one machine. `strategy` is a module that workers have installed, or a strategy with a
 * `reference`.
 *
 * @throws AtcError as for a study.
 */
export function runDistributed<Summary = unknown>(
  source: FleetSource,
  strategy: FleetStrategy,
  options: DistributedBacktestOptions,
): Promise<DistributedBacktest<Summary>>;
export async function runDistributed(
  source: FleetSource,
  work: DistributedStudy | FleetStrategy,
  options: DistributedOptions | DistributedBacktestOptions,
): Promise<SweepResult | DistributedBacktest<unknown>> {
  if (typeof work !== 'object' || work === null || typeof options !== 'object' || options === null) {
    throw new AtcError(
      'ARGUMENT',
      'runDistributed takes a source, a strategy or a study, and its options: at least connection',
    );
  }
  return 'strategy' in work || 'space' in work
    ? runStudy(source, work as DistributedStudy, options as DistributedOptions)
    : runBacktestJobs(source, work, options as DistributedBacktestOptions);
}
