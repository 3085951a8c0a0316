/** What a job carries and what it returns. Plain JSON: no code and no history travels. */
import type { StrategyReference } from 'atc-memory';
import type { Objective, ObjectiveFunction, Shard, SweepOptions } from 'atc-memory/sweep';

/** Queue of jobs and workers where none is named. */
export const DEFAULT_QUEUE = 'atc-memory';

/** A longer result goes through the shared directory: Redis holds some 2.6 times what it is given. */
export const MOST_INLINE_BYTES = 65_536;

/** Why a job that was cancelled has failed. */
export const CANCELLED = 'CANCELLED: the run was cancelled';

/** Options of `sweep` that are plain JSON as they are. */
type PlainOption = 'history' | 'space' | 'sampler' | 'trials' | 'seed' | 'holdout' | 'slices' | 'fee' | 'slippage';

/** What all jobs of a study have in common, as `sweepPart` takes it. */
export interface StudySettings extends Pick<SweepOptions, PlainOption> {
  /** Paths that workers have too: CSV files, or a dataset directory. */
  readonly source: string | readonly string[];
  /** A module that workers have installed, and the function of it that returns the `SweepStrategy`. */
  readonly strategy: StrategyReference;
  /** A figure by name, or several. */
  readonly objective: Exclude<Objective, ObjectiveFunction>;
  /** Rules that parameters must meet, as texts. */
  readonly constraints?: readonly string[];
}

/** One job: a shard of a study. */
export interface ShardJob {
  readonly kind: 'shard';
  readonly study: StudySettings;
  /** What the worker must find: history, strategy and version; without the names of the symbols, which may be many. */
  readonly identity: Readonly<Record<string, unknown>>;
  readonly shard: Shard;
  /** Trials before it are finished. */
  readonly from: number;
  /** Set by a submitter that gives up. */
  readonly cancelled?: boolean;
}

/** A result: its bytes, or the file of the shared directory that has them. */
export interface ShardResult {
  readonly sha256: string;
  readonly bytes: number;
  readonly base64?: string;
  /** Name of a file in the shared directory. */
  readonly uri?: string;
}

/** The file of a job's result in the shared directory. */
export function resultName(jobId: string): string {
  return `${jobId}.part`;
}

/** The same work has the same id, whoever submits it and however often. 64 hexadecimal digits. */
export function jobIdOf(job: ShardJob, trials: number): string {
  const { kind, study, identity, shard, from } = job;
  const key = JSON.stringify([1, kind, identity, study.strategy, trials, shard, from]);
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(key).digest('hex');
}

/** An error as text of a failed job, `CODE: message`, and back. */
export function textOfFailure(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return `${typeof code === 'string' && code !== '' ? code : 'WORKER'}: ${String(message ?? error)}`;
}
