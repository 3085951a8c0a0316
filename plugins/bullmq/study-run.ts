/** A study on a fleet: cut into shards, and merged here into the files of one machine. */
import { isAtcError, nearestHint } from 'atc-memory';
import {
  describeStudy,
  readSweep,
  StudyPart,
  type SweepOptions,
  type SweepProgress,
  type SweepResult,
  type SweepStrategy,
  sweep,
} from 'atc-memory/sweep';
import { type FleetOptions, requireFleet, runJobs } from './collect.js';
import { dataOf } from './job-data.js';
import type { WantedJob } from './jobs.js';
import { type FleetSource, jobIdOf, type ShardJob, type StudySettings } from './protocol.js';
import { loadStrategy, referenceOf } from './strategy-module.js';
import { reject, requireJson, requireSource } from './wanted.js';

/**
 * What is searched: options of `sweep` as far as they are plain JSON. `strategy` is a module that workers have
 * installed.
 */
export interface DistributedStudy extends StudySettings {
  /** Where the study is stored, on this machine. */
  readonly directory: string;
}

/** Where a study runs. */
export interface DistributedOptions extends FleetOptions {
  /** Called now and then; must not throw. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

const STUDY_OPTIONS = [
  ...['history', 'strategy', 'space', 'objective', 'sampler', 'trials', 'seed', 'constraints'],
  ...['holdout', 'slices', 'fee', 'slippage', 'directory'],
];

export async function runStudy(
  source: FleetSource,
  study: DistributedStudy,
  options: DistributedOptions,
): Promise<SweepResult> {
  requireSource(source);
  const { directory, ...given } = requireStudy(study);
  const { jobs } = requireFleet(options);
  const { signal, onProgress } = options;
  const settings = { ...given, strategy: await referenceOf(given.strategy) };
  const strategy = await loadStrategy<SweepStrategy>(settings.strategy, 'create');
  const local: SweepOptions = { ...settings, source, strategy, signal };
  const { identity, trials } = await describeStudy(local);
  if (identity.sampler === 'tpe') {
    reject('sampler', 'is tpe, each of whose trials depends on those before it; run it on one machine');
  }
  const from = await finishedTrials(directory);
  if (from >= trials) return sweep({ ...local, directory });
  const { symbols: _, ...checked } = identity;
  const data = await dataOf(source, options);
  const wanted = Array.from({ length: jobs }, (_, k): WantedJob => {
    const shard = { index: k + 1, count: jobs };
    const job: ShardJob = { kind: 'shard', source, data, study: settings, identity: checked, shard, from };
    const id = jobIdOf(['shard', checked, settings.strategy, trials, shard, from]);
    return { id, data: job, label: `shard ${k + 1} of ${jobs}` };
  });
  const started = performance.now();
  const onShares = (shares: Float64Array) => onProgress?.(progressOf(shares, trials, started));
  return runJobs(wanted, options, onShares, async (results) => {
    const merge: StudyPart[] = [];
    for (const result of results) merge.push(new StudyPart(await result.bytes()));
    return sweep({ ...local, directory, merge });
  });
}

function progressOf(shares: Float64Array, trials: number, started: number): SweepProgress {
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const secondsLeft = (((performance.now() - started) / 1000) * (1 - share)) / share;
  return { trialsDone: Math.floor(share * trials), trialsTotal: trials, share, secondsLeft };
}

/** Trials of the finished study that a directory holds. */
async function finishedTrials(directory: string): Promise<number> {
  try {
    return (await readSweep(directory)).length;
  } catch (error) {
    if (isAtcError(error) && error.code === 'IO') return 0;
    throw error;
  }
}

function requireStudy(study: DistributedStudy): DistributedStudy {
  for (const key of Object.keys(study)) {
    if (!STUDY_OPTIONS.includes(key)) reject(key, `is no option of a study${nearestHint(key, STUDY_OPTIONS)}`);
  }
  const { strategy: _, ...settings } = study;
  if (typeof study.directory !== 'string' || study.directory === '') {
    reject('directory', 'must be a path: where the study is stored');
  }
  requireJson(settings);
  return study;
}
