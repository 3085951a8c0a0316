// Which backend blocks and column views should use: one sequential scan and one job of random windows, through every
// way of getting at the bytes, with 1 and 4 worker threads, each run in a fresh process. Prints wall and CPU seconds
// (all threads) and peak resident memory (VmHWM of the whole process).
//   node bench/memory-backends.js [--gib 8] [--directory DIR] [--repeat 3] [--windows 200000]
// Writes --gib GiB of real data (no holes) in segments of 1 GiB first and removes them at the end. Needs `npm run
// build`.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { median, peakMib, uniform } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';

const self = fileURLToPath(import.meta.url);
const SEGMENT_BYTES = 2 ** 30;
/** One column of a block: 16,384 rows of float64. */
const BLOCK_BYTES = 16_384 * 8;
/** Pages are let go this far behind the cursor. */
const RELEASE_BYTES = 64 * 2 ** 20;
/** A random window: 1,000 rows; a random point: one. */
const WINDOW_ROWS = { random: 1000, point: 1 };
/** Points are cheap: more of them. */
const POINTS_PER_WINDOW = 10;

/** One worker's part of a job: sums float64 so that every byte is looked at. Returns [sum, values]. */
async function work({ job, backend, access, directory, segments, worker, workers, windows }) {
  const { selectBackend } = await import('../dist/esm/src/io/select-backend.js');
  const open = (segment) => selectBackend(backend).open(path.join(directory, `${segment}.f64`), 'r');
  let total = 0;
  let count = 0;
  const add = (values) => {
    // A local: the loop would otherwise box every partial sum.
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i];
    total += sum;
    count += values.length;
  };
  if (job === 'scan') {
    const block = new Float64Array(BLOCK_BYTES / 8);
    const bytes = new Uint8Array(block.buffer);
    for (let segment = worker; segment < segments; segment += workers) {
      const file = open(segment);
      const view = access === 'read' ? undefined : file.window(0, file.byteLength);
      for (let at = 0; at < file.byteLength; at += BLOCK_BYTES) {
        if (access === 'view' || access === 'kept') {
          add(new Float64Array(view.buffer, view.byteOffset + at, BLOCK_BYTES / 8));
        } else {
          if (access === 'copy') bytes.set(view.subarray(at, at + BLOCK_BYTES));
          else file.readInto(at, bytes);
          add(block);
        }
        if (access !== 'kept' && access !== 'read' && (at + BLOCK_BYTES) % RELEASE_BYTES === 0) {
          file.release(at + BLOCK_BYTES - RELEASE_BYTES, RELEASE_BYTES);
        }
      }
      file.close();
    }
    return [total, count];
  }
  const files = Array.from({ length: segments }, (_, segment) => open(segment));
  const columns =
    access === 'read' ? [] : files.map((file) => new Float64Array(file.window(0, file.byteLength).buffer, 0));
  const length = WINDOW_ROWS[job];
  const rows = new Float64Array(length);
  const bytes = new Uint8Array(rows.buffer);
  const next = uniform(12345 + worker * 7919);
  const random = (below) => Math.floor(next() * below);
  for (let window = 0; window < windows / workers; window++) {
    const segment = random(segments);
    const from = random(SEGMENT_BYTES / 8 - length);
    if (access === 'read') {
      files[segment].readInto(from * 8, bytes);
      add(rows);
    } else if (job === 'point') {
      total += columns[segment][from];
      count += 1;
    } else {
      add(columns[segment].subarray(from, from + length));
    }
  }
  for (const file of files) file.close();
  return [total, count];
}

async function runOnce(options) {
  const start = process.hrtime.bigint();
  const cpuStart = process.cpuUsage();
  let parts;
  if (options.workers === 1) {
    parts = [await work({ ...options, worker: 0 })];
  } else {
    parts = await Promise.all(
      Array.from({ length: options.workers }, (_, worker) => {
        const thread = new Worker(self, { workerData: { ...options, worker } });
        return new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
      }),
    );
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpuStart);
  const cpuSeconds = (user + system) / 1e6;
  const sum = parts.reduce((total, part) => total + part[0], 0);
  console.log(
    JSON.stringify({
      seconds,
      cpuSeconds,
      peakMib: peakMib(),
      sum,
      count: parts.reduce((n, p) => n + p[1], 0),
    }),
  );
}

/** Doubles of a price-like walk: nothing a file system could leave out. */
function writeSegments(directory, segments) {
  const chunk = new Float64Array(2 ** 20);
  let price = 30_000;
  let state = 1;
  for (let segment = 0; segment < segments; segment++) {
    const descriptor = openSync(path.join(directory, `${segment}.f64`), 'wx');
    for (let at = 0; at < SEGMENT_BYTES; at += chunk.byteLength) {
      for (let i = 0; i < chunk.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        price += ((state >>> 16) - 32768) / 6553600;
        chunk[i] = price;
      }
      writeSync(descriptor, chunk);
    }
    closeSync(descriptor);
  }
}

/** What loading a native module costs a process that does nothing else. */
function moduleTable(repeat) {
  const program = (name) => `const start = performance.now();
    import('${name}').then(() =>
      console.log(JSON.stringify({ ms: performance.now() - start, bytes: process.memoryUsage.rss() })));`;
  const runs = (name) =>
    Array.from({ length: repeat }, () => {
      const { status, stdout } = spawnSync(process.execPath, ['-e', program(name)], { encoding: 'utf8' });
      return status === 0 ? JSON.parse(stdout) : undefined;
    });
  const bare = median(runs('node:fs').map(({ bytes }) => bytes));
  const row = (name) => {
    const loaded = runs(name);
    if (loaded.includes(undefined)) return [name, null, null];
    return [name, measureOf(loaded.map(({ ms }) => ms)), measureOf(loaded.map(({ bytes }) => bytes - bare))];
  };
  return {
    name: 'modules',
    title: 'Loading a native module, alone in a process',
    columns: columnsOf({ module: 'text', time: 'ms', memory: 'bytes' }),
    rows: ['koffi', 'mmap-io'].map(row),
  };
}

function measureAll() {
  const { values } = parseArgs({
    options: {
      gib: { type: 'string', default: '8' },
      directory: { type: 'string', default: tmpdir() },
      repeat: { type: 'string', default: '3' },
      windows: { type: 'string', default: '200000' },
    },
  });
  const segments = Number(values.gib);
  const { bavail, bsize } = statfsSync(values.directory);
  if (bavail * bsize < (segments + 2) * SEGMENT_BYTES) throw new Error(`not enough room in ${values.directory}`);
  const directory = mkdtempSync(path.join(values.directory, 'atc-bench-'));
  try {
    console.error(`writing ${segments} GiB to ${directory}`);
    writeSegments(directory, segments);
    console.log(
      `Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${segments} GiB of float64, page cache warm`,
    );
    console.log('| job | workers | way | seconds | CPU seconds | rate | peak MiB |\n|---|---|---|---|---|---|---|');
    const ways = [
      ['scan', 'mmap-io', 'view'],
      ['scan', 'koffi', 'view'],
      ['scan', 'koffi', 'copy'],
      ['scan', 'koffi', 'kept'],
      ['scan', 'read', 'read'],
      ['random', 'mmap-io', 'view'],
      ['random', 'koffi', 'view'],
      ['random', 'read', 'read'],
      ['point', 'mmap-io', 'view'],
      ['point', 'koffi', 'view'],
      ['point', 'read', 'read'],
    ];
    const sums = new Map();
    const rowsOfTable = [];
    const jobs = (job) => Number(values.windows) * (job === 'point' ? POINTS_PER_WINDOW : 1);
    for (const workers of [1, 4]) {
      const runs = ways.map(() => []);
      // Round by round, so that a busy moment of the machine hits every way.
      for (let round = 0; round < Number(values.repeat); round++) {
        for (const [index, [job, backend, access]] of ways.entries()) {
          const options = { job, backend, access, directory, segments, workers, windows: jobs(job) };
          const child = spawnSync(process.execPath, [self, '--run', JSON.stringify(options)], { encoding: 'utf8' });
          if (child.status !== 0) throw new Error(`${job} ${backend} ${access}: ${child.stderr}`);
          runs[index].push(JSON.parse(child.stdout));
        }
      }
      for (const [index, [job, backend, access]] of ways.entries()) {
        const measured = (key, unit = 1) => measureOf(runs[index].map((run) => run[key] * unit));
        const what = [job, backend === access ? 'read' : `${backend} ${access}`, String(workers)];
        rowsOfTable.push([...what, measured('cpuSeconds'), measured('seconds'), measured('peakMib', 2 ** 20)]);
        const seconds = median(runs[index].map((run) => run.seconds));
        const cpu = median(runs[index].map((run) => run.cpuSeconds));
        const peak = Math.max(...runs[index].map((run) => run.peakMib));
        const rate =
          job === 'scan'
            ? `${((segments * SEGMENT_BYTES) / seconds / 1e9).toFixed(2)} GB/s`
            : `${Math.round(jobs(job) / seconds)} /s`;
        console.log(
          `| ${job} | ${workers} | ${backend} ${access} | ${seconds.toFixed(2)} | ${cpu.toFixed(2)} | ${rate} | ` +
            `${Math.round(peak)} |`,
        );
        const key = `${job} ${workers}`;
        const { sum, count } = runs[index][0];
        if (!sums.has(key)) sums.set(key, `${sum} ${count}`);
        if (sums.get(key) !== `${sum} ${count}`) throw new Error(`${backend} ${access} gives another sum for ${key}`);
      }
    }
    save('memory-backends', {
      history:
        `${segments} segments of 1 GiB of float64, written in full, page cache warm; ${values.repeat} runs in ` +
        'turns, each a process of its own; workers are threads.',
      rounds: Number(values.repeat),
      tables: [
        {
          name: 'ways',
          title: 'Every way of getting at the bytes',
          columns: columnsOf({
            job: 'text',
            way: 'text',
            workers: 'text',
            'processor time': 's',
            time: 's',
            peak: 'bytes',
          }),
          rows: rowsOfTable,
          notes: [
            `scan: every byte once; random: ${jobs('random').toLocaleString('en-US')} windows of 1,000 rows; point: ` +
              `${jobs('point').toLocaleString('en-US')} single elements.`,
            'view releases 64 MiB behind the cursor, kept only at the end of a segment; copy copies blocks of ' +
              '16,384 rows out of the map; read reads them into one buffer.',
          ],
        },
        moduleTable(Number(values.repeat)),
      ],
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (!isMainThread) parentPort.postMessage(await work(workerData));
else if (process.argv[2] === '--run') await runOnce(JSON.parse(process.argv[3]));
else measureAll();
