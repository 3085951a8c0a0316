// One backtest over a dataset directory in a process of its own: only so do CPU time and peak memory belong to it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { peakMib } from './kit.js';

const here = fileURLToPath(import.meta.url);

/**
 * Runs it and returns { digest, seconds, cpuSeconds, peakMib }, or { failure } where the process died. `digest` is a
 * SHA-256 of the result: last signals, statistics, and a checksum of every signal. Peak memory is VmHWM, all threads
 * and maps included.
 *
 * options: directory; strategy: 'atc' | 'cross' | 'decode'; way: 'disk' | 'mapped' (a packed file's bytes through a
 * map) | 'memory' (everything is read into the heap first); workers; timed: with one worker, also `readSeconds`, the
 * time between a block being asked for and there; dataLimit: for `prlimit --data`.
 */
export function backtestApart(options) {
  const command = [process.execPath, here, JSON.stringify(options)];
  if (options.dataLimit !== undefined) command.unshift('prlimit', `--data=${options.dataLimit}`);
  const child = spawnSync(command[0], command.slice(1), { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (child.error) throw child.error;
  if (child.status === 0) return JSON.parse(child.stdout);
  const line = child.stderr.split('\n').find((one) => /error|fatal|alloc/i.test(one));
  return { failure: `${child.signal ?? `exit code ${child.status}`}${line === undefined ? '' : `: ${line.trim()}`}` };
}

async function run({ directory, strategy, way, workers, timed }) {
  const { openHistory, runBacktest } = await import('../dist/esm/index.js');
  const strategies = await import('./checked-strategies.js');
  const started = performance.now();
  const cpu = process.cpuUsage();
  const history =
    way === 'memory' ? await readWhole(directory) : await openHistory(directory, { useMemoryMapped: way === 'mapped' });
  const clock = { milliseconds: 0 };
  const dataset = timed ? timedDataset(history.dataset, clock) : history.dataset;
  const result = await runBacktest(dataset, await strategies[strategy](), { workers, fee: 0.0005 });
  history.close();
  const { user, system } = process.cpuUsage(cpu);
  return {
    digest: createHash('sha256')
      .update(JSON.stringify([result.symbols, result.skipped, result.rows]))
      .digest('hex'),
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMib: peakMib(),
    ...(timed && { readSeconds: clock.milliseconds / 1000 }),
  };
}

/**
 * The same dataset with a clock around its blocks: on one thread that does nothing else this is what reading and
 * decoding take.
 */
function timedDataset(dataset, clock) {
  const timedTable = (table) => ({
    symbol: table.symbol,
    length: table.length,
    columns: table.columns,
    column: (name) => table.column(name),
    range: (from, to) => timedTable(table.range(from, to)),
    *blocks(names, range) {
      const blocks = table.blocks(names, range);
      for (;;) {
        const started = performance.now();
        const { done, value } = blocks.next();
        clock.milliseconds += performance.now() - started;
        if (done) return;
        yield value;
      }
    },
  });
  return { symbols: dataset.symbols, table: (symbol) => timedTable(dataset.table(symbol)), close() {} };
}

/** What a system without this package does. */
async function readWhole(directory) {
  const { readDataset } = await import('../dist/esm/src/dataset/dataset.js');
  const dataset = await readDataset(directory);
  return { dataset, close: () => dataset.close() };
}

if (process.argv[1] === here) console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))));
