// backtest-kit with its candles stored in every way: a month of minutes, the same strategy, each run in a fresh
// process, one after the other on the same machine. `node bench/backtest-kit.js [days] [repeats] [json,packed,…]`;
// the build must be there. The exchange is an array in memory: no cache is as fast as it can ever be.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { prepareHost } from '../test/backtest-kit/host/prepare.mjs';
import { median } from './kit.js';
import { columnsOf, measureOf, ratioOf, save } from './result-file.js';

const [days = '30', repeats = '5', wanted = 'json,packed,mapped'] = process.argv.slice(2);
const { folder, reason } = prepareHost();
if (folder === undefined) {
  console.error(`backtest-kit cannot be installed here: ${reason}`);
  process.exit(1);
}
const programs = path.join(folder, 'example');
cpSync(path.join(import.meta.dirname, '../examples/backtest-kit'), programs, { recursive: true });

function usage(target, total = { files: 0, bytes: 0, onDisk: 0 }) {
  if (!existsSync(target)) return total;
  const stat = lstatSync(target);
  if (stat.isDirectory()) for (const name of readdirSync(target)) usage(path.join(target, name), total);
  else {
    total.files++;
    total.bytes += stat.size;
  }
  total.onDisk += stat.blocks * 512;
  return total;
}

function run(storage, cwd) {
  const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  return JSON.parse(execFileSync(process.execPath, [path.join(programs, 'backtest.js'), storage, days], options));
}

const rows = [];
/** One turn of every variant: what the machine does besides hits all of them. */
for (let repeat = 0; repeat < Number(repeats); repeat++) {
  for (const storage of ['dummy', ...wanted.split(',')]) {
    // JSON takes minutes: once is enough to see by how much.
    if (storage === 'json' && repeat > 0) continue;
    const cwd = path.join(folder, `bench-${storage}`);
    rmSync(cwd, { recursive: true, force: true });
    mkdirSync(cwd, { recursive: true });
    for (const phase of storage === 'dummy' ? ['no cache'] : ['cold', 'warm']) {
      const result = run(storage, cwd);
      rows.push({ storage, phase, ...result, ...usage(path.join(cwd, 'dump')) });
      console.error(`${storage} ${phase}: ${result.seconds} s, ${result.cpuSeconds} s of CPU`);
    }
    rmSync(cwd, { recursive: true, force: true });
  }
}

const groups = [...new Set(rows.map(({ storage, phase }) => `${storage} ${phase}`))].map((name) => {
  const group = rows.filter(({ storage, phase }) => `${storage} ${phase}` === name);
  const of = (key) => median(group.map((row) => row[key]));
  return {
    name,
    seconds: of('seconds'),
    cpuSeconds: of('cpuSeconds'),
    ...Object.fromEntries(['requests', 'files', 'bytes', 'onDisk', 'digest'].map((key) => [key, group[0][key]])),
  };
});
const [none] = groups;
console.log(
  `backtest-kit 19.5.0, ${days} days of 1m candles, one symbol; ${os.cpus()[0].model}, ${os.cpus().length} cores, ` +
    `Node ${process.version}`,
);
console.log(
  `median of ${repeats} runs (JSON: one); load average ${os.loadavg()[0].toFixed(1)} of ${os.cpus().length} cores\n`,
);
console.table(
  groups.map((group) => ({
    storage: group.name,
    seconds: group.seconds,
    'x no cache': Number((group.seconds / none.seconds).toFixed(2)),
    'CPU s': group.cpuSeconds,
    'CPU x no cache': Number((group.cpuSeconds / none.cpuSeconds).toFixed(2)),
    requests: group.requests,
    files: group.files,
    KB: Math.round(group.bytes / 1000),
    'KB on disk': Math.round(group.onDisk / 1000),
    results: group.digest,
  })),
);
const same = new Set(rows.map(({ digest }) => digest)).size === 1;
console.log(same ? 'results identical in all runs' : 'RESULTS DIFFER');

const timesOf = (name) => rows.filter((row) => `${row.storage} ${row.phase}` === name).map(({ seconds }) => seconds);
save('backtest-kit-month', {
  history:
    `backtest-kit 19.5.0, ${days} days of 1m candles of one symbol; the exchange is an array in memory. ${repeats} ` +
    `runs in turns, each a process of its own${wanted.includes('json') ? ' (json: one)' : ''}; results identical: ` +
    `${same ? 'yes' : 'no'}.`,
  rounds: Number(repeats),
  tables: [
    {
      name: 'storage',
      title: 'A backtest with its candles stored in every way',
      columns: columnsOf({
        storage: 'text',
        'time, no cache is 1': 'ratio',
        time: 's',
        'requests to the exchange': 'count',
        files: 'count',
        'on disk': 'bytes',
      }),
      rows: groups.map(({ name, requests, files, onDisk }) => {
        const times = timesOf(name);
        return [
          name,
          ratioOf(times, timesOf(none.name).slice(0, times.length)),
          measureOf(times),
          requests,
          files,
          onDisk,
        ];
      }),
    },
  ],
});

/** What the plugin promises for a month of minutes, of the default storage. */
const find = (name) => groups.find((group) => group.name === name);
const [cold, warm] = ['packed cold', 'packed warm'].map(find);
let met = true;
if (cold !== undefined && days === '30') {
  const promise = (text, value, limit) => {
    met &&= value <= limit;
    console.log(`${value <= limit ? 'holds' : 'FAILS'}: ${text}: ${Number(value.toFixed(2))}, at most ${limit}`);
  };
  promise('MB on disk', warm.onDisk / 1e6, 1);
  promise('files', warm.files, 10);
  promise('warm run, x no cache', warm.seconds / none.seconds, 1.05);
  promise('cold run, x no cache', cold.seconds / none.seconds, 1.25);
}
// Of a mapped store the CPU time: it is what the store itself costs, whatever else the machine does.
const mapped = find('mapped warm');
if (mapped !== undefined) {
  const ratio = mapped.cpuSeconds / none.cpuSeconds;
  met &&= ratio <= 1.05;
  console.log(
    `${ratio <= 1.05 ? 'holds' : 'FAILS'}: mapped warm run, CPU, x no cache: ${ratio.toFixed(2)}, at most 1.05`,
  );
}
process.exitCode = same && met ? 0 : 1;
