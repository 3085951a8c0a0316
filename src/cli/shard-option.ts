/** `--shard i/n`, and the number that a cluster gives each task of a job array. */
import { InvalidArgumentError, Option } from 'commander';
import { AtcError } from '../errors.js';

/** Part `index` of `count`, from 1. */
export interface ShardFlag {
  readonly index: number;
  readonly count: number;
}

/** Variables of one scheduler: the task's number, and where it says so the first one, their step and their count. */
interface JobArray {
  readonly name: string;
  readonly task: string;
  /** The number of the first task, where it is always the same. */
  readonly from?: number;
  readonly first?: string;
  readonly step?: string;
  readonly count?: string;
}

const JOB_ARRAYS: readonly JobArray[] = [
  { name: 'AWS Batch', task: 'AWS_BATCH_JOB_ARRAY_INDEX', from: 0, count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  { name: 'Kubernetes', task: 'JOB_COMPLETION_INDEX', from: 0 },
  {
    name: 'Slurm',
    task: 'SLURM_ARRAY_TASK_ID',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
    count: 'SLURM_ARRAY_TASK_COUNT',
  },
];

export function shardOption(): Option {
  return new Option(
    '--shard <i/n>',
    'do every n-th part of the work from the i-th on; auto/n or auto takes i (and n) from the job array of AWS ' +
      'Batch, Kubernetes or Slurm',
  ).argParser((text) => shardOf(text, process.env));
}

/** @throws InvalidArgumentError for another form, AtcError CONFIG where the environment does not fit. */
export function shardOf(text: string, environment: Readonly<Record<string, string | undefined>>): ShardFlag {
  const [, index, count] = /^([1-9]\d*|auto)(?:\/([1-9]\d*))?$/.exec(text) ?? [];
  const isAutomatic = index === 'auto';
  if (index === undefined || (!isAutomatic && (count === undefined || Number(index) > Number(count)))) {
    throw new InvalidArgumentError('The form is i/n, such as 2/4, with i from 1 to n; or auto/n, or auto.');
  }
  if (!isAutomatic) return { index: Number(index), count: Number(count) };
  return shardOfJob(environment, count === undefined ? undefined : Number(count));
}

function shardOfJob(environment: Readonly<Record<string, string | undefined>>, asked: number | undefined): ShardFlag {
  const found = JOB_ARRAYS.filter(({ task }) => (environment[task] ?? '') !== '');
  if (found.length !== 1) {
    const names = (found.length === 0 ? JOB_ARRAYS : found).map(({ task }) => task).join(', ');
    const what = found.length === 0 ? `none of ${names} is set` : `${names} are all set`;
    throw wrong(`--shard auto takes the part from a job array, but ${what}; use --shard i/n`);
  }
  const [{ name, task, from, first, step, count }] = found;
  const read = (variable: string): number => {
    const text = environment[variable] as string;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw wrong(`${variable} is "${text}"; --shard auto needs a whole number from 0`);
  };
  const optional = (variable: string | undefined) =>
    variable === undefined || (environment[variable] ?? '') === '' ? undefined : read(variable);
  const total = asked ?? optional(count);
  if (total === undefined) throw wrong(`${name} does not tell how many tasks there are; use --shard auto/n`);
  const start = from ?? optional(first);
  if (start === undefined) throw wrong(`${first} is not set beside ${task}; use --shard i/n`);
  const index = (read(task) - start) / Math.max(1, optional(step) ?? 1) + 1;
  if (!Number.isSafeInteger(index) || index < 1 || index > total) {
    throw wrong(`${task} is ${environment[task]}: that is no part from 1 to ${total}; use as many tasks as parts`);
  }
  return { index, count: total };
}

function wrong(message: string): AtcError {
  return new AtcError('CONFIG', message, { key: 'shard' });
}
