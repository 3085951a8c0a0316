/** The jobs of a study in the queue: added, watched by their state, and taken back. */
import path from 'node:path';
import { AtcError, isAtcError } from 'atc-memory';
import { StudyPart } from 'atc-memory/sweep';
import type { Queue } from 'bullmq';
import { CANCELLED, resultName, type ShardJob, type ShardResult } from './protocol.js';

/** One job of the study and the id under which everybody submits it. */
export interface WantedJob {
  readonly id: string;
  readonly data: ShardJob;
}

/** What a look at a job found: its part of the study, or the share of it that is done. */
export type JobLook = { readonly part: StudyPart } | { readonly share: number };

/** Results are there for a submitter that is started again, seconds. */
const RESULT_AGE_S = 7 * 24 * 3600;
const ATTEMPTS = 3;

export class StudyJobs {
  readonly #queue: Queue<ShardJob, ShardResult>;
  readonly #sharedDirectory: string | undefined;
  /** Jobs that this run has seen at work: what failed before then is an earlier run's, and gets another chance. */
  readonly #seen = new Set<string>();
  /** Jobs whose result was not where it should be. */
  readonly #lost = new Set<string>();

  constructor(queue: Queue<ShardJob, ShardResult>, sharedDirectory: string | undefined) {
    this.#queue = queue;
    this.#sharedDirectory = sharedDirectory;
  }

  /** Adds a job, unless it is there. */
  async add({ id, data }: WantedJob): Promise<void> {
    await this.#queue.add('shard', data, {
      jobId: id,
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: 1000 },
      removeOnComplete: { age: RESULT_AGE_S },
      removeOnFail: { age: RESULT_AGE_S },
    });
  }

  /**
   * Looks at the state of a job, which is what counts: events may be missed. What Redis has lost is added again.
   *
   * @throws AtcError WORKER, or the worker's own code, for a job that has failed; CORRUPT for a result whose bytes are
   * others.
   */
  async look(wanted: WantedJob): Promise<JobLook> {
    const { id } = wanted;
    const state = await this.#queue.getJobState(id);
    if (state === 'unknown') {
      await this.add(wanted);
      return { share: 0 };
    }
    if (state === 'completed') return this.#completed(wanted);
    if (state === 'failed') return this.#failed(wanted);
    this.#seen.add(id);
    if (state !== 'active') return { share: 0 };
    const progress = (await this.#queue.getJob(id))?.progress;
    return { share: typeof progress === 'number' ? progress : 0 };
  }

  async #completed(wanted: WantedJob): Promise<JobLook> {
    const result = (await this.#queue.getJob(wanted.id))?.returnvalue;
    if (result === undefined || result === null) return { share: 0 };
    try {
      return { part: await this.#partOf(wanted.id, result) };
    } catch (error) {
      if (!isAtcError(error) || error.code !== 'IO' || this.#lost.has(wanted.id)) throw error;
      // The file was removed: its trials are run again, once.
      this.#lost.add(wanted.id);
      await this.#again(wanted);
      return { share: 0 };
    }
  }

  async #failed(wanted: WantedJob): Promise<JobLook> {
    const { id, data } = wanted;
    const reason = (await this.#queue.getJob(id))?.failedReason ?? '';
    if (!this.#seen.has(id) || reason === CANCELLED) {
      this.#seen.add(id);
      await this.#again(wanted);
      return { share: 0 };
    }
    const [, code, text] = /^([A-Z_]+): (.*)$/s.exec(reason) ?? [undefined, 'WORKER', reason];
    const { index, count } = data.shard;
    const message = `shard ${index} of ${count} has failed on its worker: ${text} (job ${id})`;
    throw new AtcError(isCode(code) ? code : 'WORKER', message);
  }

  async #again(wanted: WantedJob): Promise<void> {
    await (await this.#queue.getJob(wanted.id))?.remove();
    await this.add(wanted);
  }

  async #partOf(id: string, { sha256, base64, uri }: ShardResult): Promise<StudyPart> {
    if (base64 !== undefined) {
      const part = new StudyPart(Buffer.from(base64, 'base64'));
      if (part.sha256 === sha256) return part;
      throw new AtcError('CORRUPT', `the result of job ${id} in Redis has other bytes than its worker wrote`);
    }
    // Never a path that Redis names.
    if (uri !== resultName(id)) throw new AtcError('CORRUPT', `the result of job ${id} names no file of its own`);
    if (this.#sharedDirectory === undefined) {
      const message = `the result of job ${id} is in a shared directory, as ${uri}; name it (sharedDirectory, --shared-dir)`;
      throw new AtcError('ARGUMENT', message, { key: 'sharedDirectory' });
    }
    return StudyPart.read(path.join(this.#sharedDirectory, uri), sha256);
  }

  /** Takes back what no worker has begun, and has workers stop the rest where `stops`. */
  async giveUp(jobs: readonly WantedJob[], stops: boolean): Promise<void> {
    for (const { id } of jobs) {
      const job = await this.#queue.getJob(id);
      if (job === undefined || job === null) continue;
      try {
        if (await job.isCompleted()) continue;
        await job.remove();
      } catch {
        // A worker holds its lock.
        if (stops) await job.updateData({ ...job.data, cancelled: true }).catch(() => undefined);
      }
    }
  }
}

const CODES = ['ARGUMENT', 'CONFIG', 'UNSUPPORTED', 'FORMAT_VERSION', 'CORRUPT', 'IO', 'WORKER'] as const;

function isCode(code: string): code is (typeof CODES)[number] {
  return (CODES as readonly string[]).includes(code);
}
