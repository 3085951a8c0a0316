/** A shard of a study in memory: no directory, and what was computed as bytes. */
import { requireOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { encodeValue } from '../value/value-frame.js';
import { Evaluator } from './evaluator.js';
import { openStudy } from './open-study.js';
import { cutOf, type Shard, type SweepOptions } from './options.js';
import { SweepRunner } from './runner.js';
import { nameOf } from './study-files.js';
import { partOf, type StudyPart } from './study-part.js';
import { TrialSums } from './trial-table.js';

/** Options of `sweepPart`: those of `sweep`, which the shards of a study have in common, and which shard this is. */
export interface SweepPartOptions extends Omit<SweepOptions, 'directory' | 'merge' | 'pruner' | 'curves'> {
  /** Which part of the work. */
  readonly shard: Shard;
  /** Trials before this number are finished in the study that the part is merged into, which it extends. Default 0. */
  readonly from?: number;
}

/**
 * Computes one shard of a study and returns it as bytes, for `merge` of a `sweep` that runs elsewhere with the same
 * options. Nothing is written.
 *
 * @throws AtcError ARGUMENT for wrong options, a sampler that learns, and a study that is not that of `identity`; what
 * the strategy throws, with the symbol; the signal's reason when it is aborted.
 */
export async function sweepPart(partOptions: SweepPartOptions): Promise<StudyPart> {
  requireOptions(partOptions, 'sweepPart');
  const { shard, from = 0, ...options } = partOptions ?? {};
  const study = await openStudy(options);
  try {
    const { sweep, tables, history, identity } = study;
    requireShard(shard);
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new AtcError('ARGUMENT', `from is ${shown(from)}; allowed: whole numbers from 0`, { key: 'from' });
    }
    if (sweep.pruner !== undefined) {
      throw new AtcError('ARGUMENT', 'a study that prunes has no parts: what a symbol begins with depends on others', {
        key: 'pruner',
      });
    }
    if (sweep.sampler.learns) {
      const reason = 'each of its trials depends on those before it, and parts know nothing of each other';
      throw new AtcError('ARGUMENT', `the sampler ${sweep.samplerName} has no parts: ${reason}`, { key: 'sampler' });
    }
    const cut = cutOf(sweep, tables.length, shard.count);
    const evaluator = new Evaluator(history, sweep.strategy, { ...options, costs: sweep.costs });
    try {
      const { signal, onProgress } = options;
      const sums = new TrialSums(0, sweep.slices);
      const runner = new SweepRunner(sweep, tables, evaluator, { shard, cut, signal, onProgress, known: from, sums });
      const units = new Map<string, Uint8Array>();
      await runner.runShard(async (unit, evaluation) => {
        units.set(nameOf(unit), encodeValue({ ...evaluation }, { level: 1 }));
        // Trials may never wait: what would abort the signal has to be heard in between.
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      });
      return partOf({ identity, cut, units });
    } finally {
      await evaluator.close();
    }
  } finally {
    study.close();
  }
}

function requireShard(shard: Shard): void {
  const { index, count } = shard ?? {};
  const isPart = Number.isSafeInteger(index) && Number.isSafeInteger(count) && index >= 1 && index <= count;
  if (isPart) return;
  throw new AtcError('ARGUMENT', `shard is ${shown(shard)}; allowed: { index, count }, index from 1 to count`, {
    key: 'shard',
  });
}
