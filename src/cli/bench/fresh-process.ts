/**
 * Jobs of the benchmark, each in a Node process of its own: only so do peaks of memory and times of starting belong
 * to one way.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AtcError } from '../../errors.js';
import { interruptSignal } from '../interrupt.js';
import type { SectionName } from './section-names.js';

/** What a job counted of itself. */
export interface JobReport<Value = unknown> {
  readonly value: Value;
  /** From the start of the job to its end; the process runs already. */
  readonly ms: number;
  /** Processor time of all threads in that time. */
  readonly cpuMs: number;
  /** Largest resident set of the process (VmHWM on Linux, maxRSS elsewhere). */
  readonly peakBytes: number;
}

export interface JobOutcome<Value = unknown> extends JobReport<Value> {
  /** From the start of the process to its end. */
  readonly processMs: number;
}

/** Module of a section, as far as the child process needs it. */
export type Jobs = Readonly<Record<string, (input: never) => unknown>>;

/** Where the build puts job-process.ts: beside the file that this one ends up in. */
const CHILD = fileURLToPath(new URL('./bench-job.js', import.meta.url));

/** Runs `jobs[job](input)` of a section. What the job prints goes to stderr. */
export function runJob<Value>(section: SectionName, job: string, input: object): Promise<JobOutcome<Value>> {
  const signal = interruptSignal();
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const started = performance.now();
    const child = fork(CHILD, [section, job, JSON.stringify(input)], {
      execArgv: process.execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    let report: JobReport<Value> | undefined;
    let complaint = '';
    child.stderr?.on('data', (text) => {
      complaint += text;
    });
    child.on('message', (message) => {
      report = message as JobReport<Value>;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const processMs = performance.now() - started;
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else if (code === 0 && report !== undefined) resolve({ ...report, processMs });
      else {
        const why = complaint.trim().split('\n').slice(-12).join('\n');
        reject(new AtcError('WORKER', `atc bench: the job ${section}.${job} ended with code ${code}: ${why}`));
      }
    });
  });
}
