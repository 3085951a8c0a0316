/** The jobs of a run in the queue: added, watched by their state, and taken back. */
import { AtcError, isAtcError } from 'atc-memory';
import { ResultDirectory } from 'atc-memory/sweep';
import type { Job, Queue } from 'bullmq';
import { CANCELLED, type FleetJob, type FleetResult, RESULT_AGE_MS } from './protocol.js';
import { findResult, type StoredResult } from './results.js';

/** One job of the run and the id under which everybody submits it. */
export interface WantedJob {
  readonly id: string;
  readonly data: FleetJob;
  /** What it is, in messages: `shard 2 of 8`. */
  readonly label: string;
}

/** What a look at a job found: its result, or the share of it that is done. */
export type JobLook = { readonly result: StoredResult } | { readonly share: number };

const RESULT_AGE_S = RESULT_AGE_MS / 1000;
const ATTEMPTS = 3;
/** As BullMQ begins it. */
const STALLED = 'job stalled';

export class FleetJobs {
  readonly #queue: Queue<FleetJob, FleetResult>;
  readonly #sharedDirectory: string | undefined;
  /** Jobs that this run has seen at work: what failed before then is an earlier run's, and gets another chance. */
  readonly #seen = new Set<string>();
  /** Jobs whose result was not where it should be. */
  readonly #lost = new Set<string>();

  constructor(queue: Queue<FleetJob, FleetResult>, sharedDirectory: string | undefined) {
    this.#queue = queue;
    this.#sharedDirectory = sharedDirectory;
  }

  /** Adds a job, unless it is there. */
  async add({ id, data }: WantedJob): Promise<void> {
    await this.#queue.add(data.kind, data, {
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
    const returned = (await this.#queue.getJob(wanted.id))?.returnvalue;
    if (returned === undefined || returned === null) return { share: 0 };
    try {
      return { result: await findResult(wanted.id, returned, this.#sharedDirectory) };
    } catch (error) {
      if (!isAtcError(error) || error.code !== 'IO' || this.#lost.has(wanted.id)) throw error;
      // The file was removed: its work is done again, once.
      this.#lost.add(wanted.id);
      await this.#again(wanted);
      return { share: 0 };
    }
  }

  async #failed(wanted: WantedJob): Promise<JobLook> {
    const { id, label } = wanted;
    const reason = (await this.#queue.getJob(id))?.failedReason ?? '';
    if (!this.#seen.has(id) || reason === CANCELLED) {
      this.#seen.add(id);
      await this.#again(wanted);
      return { share: 0 };
    }
    if (reason.startsWith(STALLED)) {
      const what = 'it has ended more workers than it may, or left them silent for longer than their lock';
      throw new AtcError('WORKER', `${label} has failed on its worker: ${reason}: ${what} (--max-stalls; job ${id})`);
    }
    const [, code, text] = /^([A-Z_]+): (.*)$/s.exec(reason) ?? [undefined, 'WORKER', reason];
    throw new AtcError(isCode(code) ? code : 'WORKER', `${label} has failed on its worker: ${text} (job ${id})`);
  }

  async #again(wanted: WantedJob): Promise<void> {
    await (await this.#queue.getJob(wanted.id))?.remove();
    await this.add(wanted);
  }

  /** Removes results that are files, and their jobs, which without them would be of no use. */
  async discard(jobs: readonly WantedJob[], results: readonly StoredResult[]): Promise<void> {
    if (this.#sharedDirectory === undefined) return;
    const directory = new ResultDirectory(this.#sharedDirectory);
    for (const [k, { id }] of jobs.entries()) {
      if (!results[k].isShared) continue;
      await (await this.#queue.getJob(id))?.remove();
      directory.remove(id);
    }
  }

  /** Resolves when Redis answers, which it may never do. */
  async ping(): Promise<void> {
    await this.#queue.getJobCountByTypes('active');
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
        if (stops) await (job as Job<FleetJob>).updateData({ ...job.data, cancelled: true }).catch(() => undefined);
      }
    }
  }
}

const CODES = ['ARGUMENT', 'CONFIG', 'UNSUPPORTED', 'FORMAT_VERSION', 'CORRUPT', 'IO', 'WORKER'] as const;

function isCode(code: string): code is (typeof CODES)[number] {
  return (CODES as readonly string[]).includes(code);
}
