/** Flags of commands that work with a fleet. */
import { Option } from 'commander';
import { wholeOption } from './sweep-options.js';

export function redisOption(): Option {
  return new Option(
    '--redis <url>',
    'the Redis of a fleet, such as redis://host:6379; a password is better in the variable ATC_REDIS_URL, with --redis env',
  );
}

export function queueOption(): Option {
  return new Option('--queue <name>', 'the queue in Redis; default atc-memory');
}

export function sharedDirOption(): Option {
  return new Option('--shared-dir <directory>', 'where results above 64 KB go, the same for submitter and workers');
}

export function jobsOption(): Option {
  return wholeOption('--jobs <count>', 'with --redis: jobs that the study is cut into, default 32', 1);
}

/** `env` is the URL in ATC_REDIS_URL: arguments of a process can be read by others. */
export function redisOf(flag: string | undefined): string | undefined {
  return flag === 'env' ? (process.env.ATC_REDIS_URL ?? '') : flag;
}
