// A fleet on this machine: what a job costs, what workers gain, from which size on they pay, and an estimate for a
// large fleet checked against a queue whose workers wait for the service times that were measured.
//
//   node bench/fleet.js            everything, some minutes; with --save bench/results/fleet.json
//
// Needs redis-server and a build. Redis on the loopback interface, a random port, ended with this program.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeValue, openDataset, runBacktest, writeDataset } from 'atc-memory';
import { runDistributed } from 'atc-memory/bullmq';
import { Queue, Worker } from 'bullmq';
import { arithmetic } from './fleet-work.js';
import { histories, median, uniform } from './kit.js';
import { columnsOf, save } from './result-file.js';

const MODULE = path.resolve(import.meta.dirname, 'fleet-work.js');
const CLI = path.resolve(import.meta.dirname, '../dist/esm/cli.js');
const folder = mkdtempSync(path.join(tmpdir(), 'atc-bench-fleet-'));
const children = [];
let queues = 0;

/** A program that has printed `ready`. */
async function start(command, args, ready) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => text.includes(ready) && resolve());
    child.on('exit', () => reject(new Error(`${command} has ended`)));
  });
  return child;
}

async function stop(child) {
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const url = `redis://127.0.0.1:${port}`;
const strategyOf = (rounds) => ({ module: MODULE, factory: 'arithmetic', parameters: [{ rounds }] });

async function dataset(symbols, rows) {
  const directory = path.join(folder, `${symbols}-${rows}`);
  (await writeDataset(directory, histories({ symbols, rows }), { durability: 'process' })).close();
  return directory;
}

const timed = async (run) => {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
};

/** Runs `action` with so many worker processes, and a queue of its own. */
async function withWorkers(count, action) {
  const at = { connection: url, queue: `bench-${queues++}` };
  const args = [CLI, 'worker', '--redis', url, '--queue', at.queue];
  const workers = await Promise.all(Array.from({ length: count }, () => start(process.execPath, args, 'ready')));
  try {
    return await action(at);
  } finally {
    await Promise.all(workers.map(stop));
  }
}

async function local(directory, rounds) {
  const opened = await openDataset(directory);
  try {
    return await runBacktest(opened, arithmetic({ rounds }), { workers: 1 });
  } finally {
    opened.close();
  }
}

/** s of one run with nothing to compute, and what each more job adds to it. */
async function overhead() {
  const tiny = await dataset(320, 40);
  return withWorkers(1, async (at) => {
    const runOf = (jobs, k) => timed(() => runDistributed(tiny, strategyOf(0), { ...at, jobs, fee: k / 1e6 }));
    // Threads and modules are loaded.
    await runOf(1, 0);
    const [few, many] = [[], []];
    for (let k = 1; k <= 5; k++) {
      few.push(await runOf(1, k));
      many.push(await runOf(320, k));
    }
    return { run: median(few), job: (median(many) - median(few)) / 319 };
  });
}

/** s of the same run here and on 1, 2 and 4 workers; and s that each job took on the first. */
async function throughput(directory, rounds, jobs) {
  const here = await timed(() => local(directory, rounds));
  const rows = [['one thread here', here, 1]];
  let service = [];
  for (const count of [1, 2, 4]) {
    const seconds = await withWorkers(count, async (at) => {
      await runDistributed(directory, strategyOf(0), { ...at, jobs: count });
      const taken = await timed(() => runDistributed(directory, strategyOf(rounds), { ...at, jobs }));
      if (count === 1) service = await serviceTimes(at, jobs);
      return taken;
    });
    rows.push([`${count} worker${count === 1 ? '' : 's'}`, seconds, here / seconds]);
  }
  return { rows, service };
}

async function serviceTimes({ queue: name }, jobs) {
  const queue = new Queue(name, { connection: { url } });
  const done = await queue.getJobs(['completed']);
  await queue.close();
  return done
    .sort((a, b) => b.finishedOn - a.finishedOn)
    .slice(0, jobs)
    .map(({ finishedOn, processedOn }) => (finishedOn - processedOn) / 1000);
}

/** Workers that compute nothing and wait as long as `secondsOf` says; their results are what a worker would return. */
async function simulate(directory, { workers, jobs, secondsOf }) {
  const template = (await local(directory, 0)).symbols[0];
  const queue = `bench-${queues++}`;
  const answer = ({ data: { symbols } }) => {
    const value = {
      format: 'atc-memory block of symbols 1',
      symbols: symbols.map((symbol) => ({ ...template, symbol })),
    };
    const bytes = encodeValue(value, { level: 1 });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { sha256, bytes: bytes.length, base64: Buffer.from(bytes).toString('base64') };
  };
  const work = async (job) => {
    const seconds = secondsOf(job.data.symbols.length);
    if (seconds > 0) await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    return answer(job);
  };
  const worker = new Worker(queue, work, { connection: { url, maxRetriesPerRequest: null }, concurrency: workers });
  await worker.waitUntilReady();
  try {
    return await timed(() => runDistributed(directory, strategyOf(0), { connection: url, queue, jobs }));
  } finally {
    await worker.close();
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function main() {
  await start(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    'Ready to accept',
  );
  const { run, job } = await overhead();
  console.log(`a run: ${(1000 * run).toFixed(0)} ms, a job: ${(1000 * job).toFixed(2)} ms`);

  const rounds = 10_000;
  const directory = await dataset(64, 2000);
  const { rows, service } = await throughput(directory, rounds, 64);
  for (const [name, seconds, times] of rows) console.log(`${name}: ${seconds.toFixed(2)} s, ${times.toFixed(2)}x`);

  const sizes = [];
  await withWorkers(2, async (at) => {
    await runDistributed(directory, strategyOf(0), { ...at, jobs: 2 });
    for (const share of [100, 400, 1600, 6400]) {
      const here = await timed(() => local(directory, share));
      const there = await timed(() => runDistributed(directory, strategyOf(share), { ...at, jobs: 16 }));
      sizes.push([here, there, here / there]);
      console.log(`work of ${here.toFixed(2)} s: ${there.toFixed(2)} s on two workers, ${(here / there).toFixed(2)}x`);
    }
  });

  // 100 workers, 10,000 symbols: ten a job. The estimate: every worker gets its share of jobs one after the other, each
  // with the cost of a job; Redis and the submitter, who serve all, are not faster than they are with jobs of no
  // length.
  const [workers, symbols, jobs] = [100, 10_000, 1000];
  const large = await dataset(symbols, 40);
  const serial = await simulate(large, { workers, jobs, secondsOf: () => 0 });
  const random = uniform(7);
  const drawn = () => service[Math.floor(random() * service.length)];
  const sums = [];
  const secondsOf = (count) => {
    const seconds = Array.from({ length: count }, drawn).reduce((sum, one) => sum + one, 0);
    sums.push(seconds);
    return seconds;
  };
  const fleet = [];
  for (const [name, scale] of [
    ['as measured', 1],
    ['three times as long', 3],
  ]) {
    sums.length = 0;
    const measured = await simulate(large, { workers, jobs, secondsOf: (count) => scale * secondsOf(count) });
    const block = 10 * mean(service) * scale;
    const last = scale * Math.max(...sums) - block;
    const estimate = Math.max(serial, run + Math.ceil(jobs / workers) * (block + job)) + last / 2;
    fleet.push([name, block, estimate, measured, measured / estimate]);
    console.log(
      `${name}: estimate ${estimate.toFixed(1)} s, measured ${measured.toFixed(1)} s; at most ` +
        `${(jobs / serial).toFixed(0)} jobs/s`,
    );
  }
  save('fleet', {
    history: `64 symbols of 2,000 bars, ${rounds} rounds of arithmetic a bar; Redis and workers on this machine.`,
    rounds: 1,
    tables: [
      {
        name: 'overhead',
        title: 'What a run on a fleet costs where there is nothing to compute',
        columns: columnsOf({ cost: 'text', time: 'ms' }),
        rows: [
          ['a run of one job', 1000 * run],
          ['every further job, one worker', 1000 * job],
          ['every job, 100 workers, a thousand jobs', (1000 * serial) / jobs],
        ],
      },
      { name: 'workers', title: 'The same run', columns: columnsOf({ on: 'text', time: 's', faster: 'ratio' }), rows },
      {
        name: 'sizes',
        title: 'From which size on two workers pay',
        columns: columnsOf({ 'one thread here': 's', 'two workers': 's', faster: 'ratio' }),
        rows: sizes,
      },
      {
        name: 'large',
        title: '100 workers, 10,000 symbols in 1,000 jobs: estimate, and a queue whose workers wait for measured times',
        columns: columnsOf({ 'service times': 'text', 'a job': 's', estimate: 's', 'the queue': 's', ratio: 'ratio' }),
        rows: fleet,
      },
    ],
  });
}

try {
  await main();
} finally {
  await Promise.all(children.filter(({ exitCode }) => exitCode === null).map(stop));
  rmSync(folder, { recursive: true, force: true });
}
