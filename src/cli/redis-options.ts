/** Flags of commands that work with a fleet. */
import { type Command, Option } from 'commander';
import { AtcError } from '../errors.js';
import { wholeOption } from './sweep-options.js';

export function redisOption(): Option {
  return new Option(
    '--redis <url>',
    'the Redis of a fleet, such as redis://host:6379; a password is better in the variable ATC_REDIS_URL, with ' +
      '--redis env',
  );
}

export function queueOption(): Option {
  return new Option('--queue <name>', 'the queue in Redis; default atc-memory');
}

export function prefixOption(): Option {
  return new Option(
    '--prefix <text>',
    'what keys in Redis begin with, the same for submitter and workers; default bull',
  );
}

export function sharedDirOption(): Option {
  return new Option('--shared-dir <directory>', 'where results above 64 KB go, the same for submitter and workers');
}

export function dataFromOption(): Option {
  const what =
    'with --redis: directories and URLs (https://, s3://) from which workers take the files of the history by their ' +
    'hashes';
  return new Option('--data-from <sources...>', what);
}

/** What a submitter is given. */
export interface FleetFlags {
  readonly redis?: string;
  readonly queue?: string;
  readonly prefix?: string;
  readonly jobs?: number;
  readonly sharedDir?: string;
  readonly dataFrom?: readonly string[];
}

/** Options of commands that may leave their work to a fleet. */
export function withFleetOptions(command: Command): Command {
  return command
    .addOption(redisOption())
    .addOption(queueOption())
    .addOption(prefixOption())
    .addOption(wholeOption('--jobs <count>', 'with --redis: jobs that the work is cut into, default 32', 1))
    .addOption(sharedDirOption())
    .addOption(dataFromOption());
}

/** Options of `runDistributed`; only with `redis`. */
export function fleetOf({ redis, queue, prefix, jobs, sharedDir, dataFrom }: FleetFlags) {
  return { connection: redisOf(redis) as string, queue, prefix, jobs, sharedDirectory: sharedDir, dataFrom };
}

/** Where an interrupted run has stored what is finished. */
export const INTERRUPTED_IN_REDIS = 'what is finished is stored in Redis; the same command goes on from there';

/** @throws AtcError ARGUMENT for the first of these that was given. */
export function refuseWithRedis(others: Readonly<Record<string, unknown>>): void {
  const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (other === undefined) return;
  const flag = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new AtcError('ARGUMENT', `--redis and --${flag} do not go together`);
}

/** `env` is the URL in ATC_REDIS_URL: arguments of a process can be read by others. */
export function redisOf(flag: string | undefined): string | undefined {
  return flag === 'env' ? (process.env.ATC_REDIS_URL ?? '') : flag;
}
