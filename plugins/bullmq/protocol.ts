/** What a job carries and what it returns. Plain JSON: no code and no history travels. */
import type { HistoryOptions, StrategyReference } from 'atc-memory';
import type { DataManifest } from 'atc-memory/remote';
import type { Objective, ObjectiveFunction, Shard, SweepOptions, SweepStrategy } from 'atc-memory/sweep';

/** Queue of jobs and workers where none is named. */
export const DEFAULT_QUEUE = 'atc-memory';

/** A longer result goes through the shared directory: Redis holds some 2.6 times what it is given. */
export const MOST_INLINE_BYTES = 65_536;

/** Why a job that was cancelled has failed. */
export const CANCELLED = 'CANCELLED: the run was cancelled';

/** Results are there for a submitter that is started again, ms: in Redis and in the shared directory. */
export const RESULT_AGE_MS = 7 * 24 * 3600 * 1000;

/** Paths that workers have too: CSV files, or a dataset directory. */
export type FleetSource = string | readonly string[];

/**
 * A module that workers have installed, and the function of it that returns the strategy; or a strategy that has this
 * as its `reference`.
 */
export type FleetStrategy =
  | StrategyReference
  | {
      /** Where workers find it; without one the strategy is ARGUMENT. */
      readonly reference?: StrategyReference;
    };

/** Options of `sweep` that are plain JSON as they are. */
type PlainOption = 'history' | 'space' | 'sampler' | 'trials' | 'seed' | 'holdout' | 'slices' | 'fee' | 'slippage';

/** What all jobs of a study have in common, as `sweepPart` takes it. */
export interface StudySettings extends Pick<SweepOptions, PlainOption> {
  /** What returns the `SweepStrategy`, or this itself with its `reference`. */
  readonly strategy: StrategyReference | SweepStrategy;
  /** A figure by name, or several. */
  readonly objective: Exclude<Objective, ObjectiveFunction>;
  /** Rules that parameters must meet, as texts. */
  readonly constraints?: readonly string[];
}

/** What all jobs of a backtest have in common. */
export interface BacktestSettings {
  readonly strategy: StrategyReference;
  readonly history?: HistoryOptions;
  readonly fee?: number;
  readonly slippage?: number;
}

/** Files by their hashes: named here, or in a file of the shared directory where they are many. */
export interface JobData {
  /** Directories and URLs that may have them. */
  readonly from: readonly string[];
  readonly manifest?: DataManifest;
  readonly shared?: { readonly key: string; readonly sha256: string };
}

interface CommonJob {
  readonly source: FleetSource;
  /** The files of the source, where workers do not have its path. */
  readonly data?: JobData;
  /** What the worker must find: history, strategy and version; without the names of the symbols, which may be many. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Set by a submitter that gives up. */
  readonly cancelled?: boolean;
}

/** A shard of a study. */
export interface ShardJob extends CommonJob {
  readonly kind: 'shard';
  readonly study: StudySettings & { readonly strategy: StrategyReference };
  readonly shard: Shard;
  /** Trials before it are finished. */
  readonly from: number;
}

/** Some symbols of a backtest. */
export interface SymbolsJob extends CommonJob {
  readonly kind: 'symbols';
  readonly backtest: BacktestSettings;
  readonly symbols: readonly string[];
  /** Whether the columns that the strategy gives every bar are returned too. */
  readonly rows: boolean;
}

export type FleetJob = ShardJob | SymbolsJob;

/** A result: its bytes, or the file of the shared directory that has them. */
export interface FleetResult {
  readonly sha256: string;
  readonly bytes: number;
  readonly base64?: string;
  /** Name of a file in the shared directory. */
  readonly uri?: string;
}

/** The same work has the same id, whichever process submits it and however often. 64 hexadecimal digits. */
export function jobIdOf(what: readonly unknown[]): string {
  return sha256Of(JSON.stringify([2, ...what]));
}

export function sha256Of(bytes: string | Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');
}

/** An error as text of a failed job, `CODE: message`, and back. */
export function textOfFailure(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return `${typeof code === 'string' && code !== '' ? code : 'WORKER'}: ${String(message ?? error)}`;
}
