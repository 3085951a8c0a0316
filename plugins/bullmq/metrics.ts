/** Figures of a worker in the text format of Prometheus. */

/** Upper bounds of the histogram of jobs, s. */
const BUCKETS_S = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

/** Jobs of the queue by their state, as Redis counts them. */
export type QueueCounts = Readonly<Record<string, number>>;

/** Counts what one worker does. */
export class WorkerMetrics {
  readonly #queue: string;
  readonly #concurrency: number;
  readonly #outcomes = { done: 0, failed: 0, lost: 0 };
  readonly #started = new Map<string, number>();
  /** Jobs up to each bound, not yet summed up; the last is for longer ones. */
  readonly #buckets = new Float64Array(BUCKETS_S.length + 1);
  #seconds = 0;
  #redisErrors = 0;

  constructor(queue: string, concurrency: number) {
    this.#queue = queue;
    this.#concurrency = concurrency;
  }

  start(jobId: string, nowMs: number): void {
    this.#started.set(jobId, nowMs);
  }

  /** The job does not run any more, whatever became of it. */
  stop(jobId: string, nowMs: number): void {
    const started = this.#started.get(jobId);
    if (started === undefined) return;
    this.#started.delete(jobId);
    const seconds = (nowMs - started) / 1000;
    this.#seconds += seconds;
    const bucket = BUCKETS_S.findIndex((bound) => seconds <= bound);
    this.#buckets[bucket < 0 ? BUCKETS_S.length : bucket] += 1;
  }

  end(outcome: 'done' | 'failed'): void {
    this.#outcomes[outcome] += 1;
  }

  lose(): void {
    this.#outcomes.lost += 1;
  }

  redisError(): void {
    this.#redisErrors += 1;
  }

  /** `counts`: absent where Redis did not answer in time. */
  text(counts?: QueueCounts): string {
    const { user, system } = process.cpuUsage();
    const outcomes = Object.entries(this.#outcomes).map(([outcome, count]) => ({ labels: { outcome }, value: count }));
    const one = (value: number) => [{ labels: {}, value }];
    return [
      ...this.#series('atc_worker_jobs_total', 'counter', 'Jobs by what became of them here.', outcomes),
      ...this.#series('atc_worker_jobs_active', 'gauge', 'Jobs that run now.', one(this.#started.size)),
      ...this.#series('atc_worker_concurrency', 'gauge', 'Jobs that may run at a time.', one(this.#concurrency)),
      ...this.#histogram('atc_worker_job_seconds', 'Time that a job took, in seconds.'),
      ...this.#series('atc_worker_redis_errors_total', 'counter', 'Errors of the connection.', one(this.#redisErrors)),
      ...(counts === undefined ? [] : this.#queueJobs(counts)),
      ...this.#series(
        'process_cpu_seconds_total',
        'counter',
        'Processor time, in seconds.',
        one((user + system) / 1e6),
      ),
      ...this.#series('process_resident_memory_bytes', 'gauge', 'Resident memory.', one(process.memoryUsage.rss())),
      '',
    ].join('\n');
  }

  #queueJobs(counts: QueueCounts): string[] {
    const states = Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
    return this.#series('atc_queue_jobs', 'gauge', 'Jobs of the whole queue by their state.', states);
  }

  #histogram(name: string, help: string): string[] {
    let count = 0;
    const buckets = [...BUCKETS_S.map(String), '+Inf'].map((le, k) => {
      count += this.#buckets[k];
      return `${name}_bucket${this.#labels({ le })} ${count}`;
    });
    const rest = [`${name}_sum${this.#labels({})} ${this.#seconds}`, `${name}_count${this.#labels({})} ${count}`];
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...buckets, ...rest];
  }

  #series(
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
  ): string[] {
    const lines = samples.map(({ labels, value }) => `${name}${this.#labels(labels)} ${value}`);
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
  }

  #labels(labels: Readonly<Record<string, string>>): string {
    const all = Object.entries({ queue: this.#queue, ...labels });
    return `{${all.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
