/** `atc worker`: computes jobs of `atc sweep --redis` and `atc backtest --redis`, until a signal ends it. */
import { createWorker, type FleetWorkerEvent, type MetricsOptions } from 'atc-memory/bullmq';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AtcError } from '../../errors.js';
import { printError, printOut } from '../output.js';
import { prefixOption, queueOption, redisOf, redisOption, sharedDirOption } from '../redis-options.js';
import { wholeOption } from '../sweep-options.js';

interface WorkerFlags {
  readonly redis?: string;
  readonly queue?: string;
  readonly prefix?: string;
  readonly cacheDir?: string;
  readonly sharedDir?: string;
  readonly concurrency?: number;
  readonly strategies?: readonly string[];
  readonly metrics?: MetricsOptions;
  readonly dataFrom?: readonly string[];
  readonly maxStalls?: number;
  readonly jobTimeout?: number;
}

export function workerCommand(): Command {
  return new Command('worker')
    .summary('compute jobs of a fleet (sweep --redis, backtest --redis)')
    .description(
      'compute jobs that `atc sweep --redis` and `atc backtest --redis` cut up; SIGTERM finishes those that run and ' +
        'ends it',
    )
    .addOption(redisOption())
    .addOption(queueOption())
    .addOption(prefixOption())
    .addOption(wholeOption('--concurrency <count>', 'jobs at a time, a thread each; default 1', 1))
    .addOption(new Option('--cache-dir <directory>', 'where copies of histories are made'))
    .addOption(sharedDirOption())
    .addOption(
      new Option(
        '--data-from <sources...>',
        "directories and URLs that have the files of histories, in place of the submitter's",
      ),
    )
    .addOption(new Option('--strategies <modules...>', 'modules whose strategies may run here; default all installed'))
    .addOption(
      wholeOption('--max-stalls <count>', 'workers that a job may end until it fails, the same for all; default 2', 0),
    )
    .addOption(wholeOption('--job-timeout <seconds>', 'after which a job is ended and fails; default never', 1))
    .addOption(
      new Option(
        '--metrics <port>',
        'serve figures for Prometheus at http://127.0.0.1:<port>/metrics; <address>:<port> listens there instead',
      ).argParser(metricsOf),
    )
    .action(run);
}

async function run(flags: WorkerFlags): Promise<void> {
  const { redis, queue, prefix, cacheDir, sharedDir, concurrency, strategies, metrics, dataFrom } = flags;
  const { maxStalls, jobTimeout } = flags;
  const connection = redisOf(redis);
  if (connection === undefined) throw new AtcError('ARGUMENT', 'name the Redis of the fleet: --redis URL');
  const ended = endSignal();
  let complaint = '';
  const onEvent = ({ kind, jobId, reason }: FleetWorkerEvent) => {
    if (kind === 'error') {
      // Once, and not with every attempt to reach a Redis that is away.
      if (reason !== complaint) printError(`atc: Redis: ${reason}`);
      complaint = reason ?? '';
      return;
    }
    complaint = '';
    printOut(`${new Date().toISOString()} ${kind} ${jobId}${reason === undefined ? '' : `: ${reason}`}`);
  };
  const worker = await createWorker({
    connection,
    queue,
    prefix,
    cacheDir,
    sharedDirectory: sharedDir,
    concurrency,
    strategies,
    metrics,
    dataFrom,
    maxStalls,
    jobTimeoutMs: jobTimeout === undefined ? undefined : jobTimeout * 1000,
    onEvent,
  });
  if (worker.metricsUrl !== undefined) printOut(`figures at ${worker.metricsUrl}`);
  printOut('ready');
  await ended.first;
  printOut('ending: jobs that run are finished first; a second signal gives them up');
  await Promise.race([worker.close(), ended.second.then(() => worker.close({ now: true }))]);
}

/** `9464`, `0.0.0.0:9464` or `[::]:9464`. */
function metricsOf(text: string): MetricsOptions {
  const [, host, port] = /^(?:\[?([^\]]+)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('A port from 0 to 65535 is allowed, or an address and a port: 0.0.0.0:9464.');
  }
  return { port: Number(port), ...(host !== undefined && { host }) };
}

/** Resolved by the first and by the second SIGTERM or SIGINT. */
function endSignal(): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const waiting: (() => void)[] = [];
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  const ends = { first: next(), second: next() };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => waiting.shift()?.());
  return ends;
}
