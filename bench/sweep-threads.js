// One process with two worker threads beside two processes with a shard each, over the same study: `bench/sweep.js`
// prints it. Each run is in processes of its own, in turns, the best of each; seconds from the first start to the last
// end, and processor time of all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { atcSweep } from 'atc-memory/atc';
import { sweep, sweepPart } from 'atc-memory/sweep';
import { columnsOf } from './result-file.js';

const [mode, text] = process.argv.slice(2);

/** Runs here what a child was asked for; prints its processor time in seconds, with that of all its threads. */
async function child({ shard, workers, ...study }) {
  const options = { ...study, strategy: atcSweep(), objective: 'totalReturn' };
  if (shard === undefined) await sweep({ ...options, workers });
  else await sweepPart({ ...options, shard });
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1e6);
}

async function processorTimeOf(study) {
  const running = spawn(process.execPath, [import.meta.filename, '--child', JSON.stringify(study)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  running.stdout.setEncoding('utf8').on('data', (data) => (printed += data));
  const [code] = await once(running, 'close');
  if (code !== 0) throw new Error(`a run of the bench ended with ${code}`);
  return Number(printed);
}

async function timed(studies) {
  const start = performance.now();
  const times = await Promise.all(studies.map(processorTimeOf));
  return { wall: (performance.now() - start) / 1000, cpu: times.reduce((sum, one) => sum + one, 0) };
}

const least = (runs, name) => Math.min(...runs.map((run) => run[name]));

/** `studies`: options of `sweep` by name. Prints a line for each and returns the table of all. */
export async function threadsBesideProcesses(studies, rounds = 3) {
  const rows = [];
  for (const [name, study] of Object.entries(studies)) {
    const [processes, threads] = [[], []];
    for (let round = 0; round < rounds; round++) {
      processes.push(await timed([1, 2].map((index) => ({ ...study, shard: { index, count: 2 } }))));
      threads.push(await timed([{ ...study, workers: 2 }]));
    }
    const both = ['wall', 'cpu'].map((unit) => [least(processes, unit), least(threads, unit)]);
    const [wall, cpu] = both.map(([alone, together]) => alone / together);
    rows.push([name, ...both.flat(), wall]);
    const [seconds, cpuSeconds] = both.map((pair) => pair.map((value) => value.toFixed(2)));
    console.log(
      `${name}: two processes ${seconds[0]} s (cpu ${cpuSeconds[0]} s), two threads ${seconds[1]} s (cpu ` +
        `${cpuSeconds[1]} s): threads reach ${(100 * wall).toFixed(1)} % of the speed, ${(100 * cpu).toFixed(1)} % by ` +
        'processor time',
    );
  }
  return {
    name: 'threads',
    title: 'Two worker threads beside two processes with a shard each',
    columns: columnsOf({
      study: 'text',
      'two processes': 's',
      'two threads': 's',
      'processor time, processes': 's',
      'processor time, threads': 's',
      'speed of threads': 'share',
    }),
    rows,
  };
}

if (mode === '--child') await child(JSON.parse(text));
