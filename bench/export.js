// What an export costs: a million candles to each format, time, bytes and peak memory, beside DuckDB's COPY of the same
// rows.
//   node bench/export.js [--rows N]      after npm run build; @duckdb/node-api is a development dependency
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const self = fileURLToPath(import.meta.url);
const built = pathToFileURL(path.resolve(path.dirname(self), '../dist/esm/index.js')).href;
const COLUMNS = 6;

/** One format in a process of its own, so that its peak memory is its own. */
async function exportOnce(folder, format) {
  const { exportDataset, openDataset } = await import(built);
  const dataset = await openDataset(path.join(folder, 'dataset'));
  const started = performance.now();
  const [name, compression] = format.split(':');
  const target = path.join(folder, `out-${compression ?? ''}.${name}`);
  const { bytes, rows } = await exportDataset(dataset, target, { format: name, layout: 'file', compression });
  return { bytes, rows, seconds: (performance.now() - started) / 1000 };
}

async function copyOnce(folder, format) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const from = path.join(folder, 'out-snappy.parquet');
  const [name, compression] = format.split(':');
  const [{ rows }] = (await connection.runAndReadAll(`SELECT count(*)::INT AS rows FROM '${from}'`)).getRowObjects();
  const target = path.join(folder, `duckdb-${compression ?? ''}.${name}`);
  const started = performance.now();
  await connection.run(
    `COPY (SELECT * FROM '${from}') TO '${target}' (FORMAT ` +
      `${name}${compression === undefined ? '' : `, CODEC '${compression}'`})`,
  );
  return { bytes: statSync(target).size, rows, seconds: (performance.now() - started) / 1000 };
}

async function makeDataset(folder, rows) {
  const { writeDataset } = await import(built);
  const made = Object.fromEntries(
    ['timestamp', 'open', 'high', 'low', 'close', 'volume'].map((name) => [name, new Float64Array(rows)]),
  );
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let ticks = 10_000;
  for (let row = 0; row < rows; row++) {
    const open = ticks;
    ticks = Math.max(100, ticks + Math.round((random() - 0.5) * 20));
    made.timestamp[row] = 1_600_000_000_000 + row * 60_000;
    made.open[row] = open / 100;
    made.close[row] = ticks / 100;
    made.high[row] = (Math.max(open, ticks) + Math.floor(random() * 5)) / 100;
    made.low[row] = (Math.min(open, ticks) - Math.floor(random() * 5)) / 100;
    made.volume[row] = Math.floor(random() * 1e6) / 1000;
  }
  (await writeDataset(path.join(folder, 'dataset'), { symbol: 'A', columns: made }, { layout: 'mapped' })).close();
}

const [job, folder, format] = process.argv.slice(2);
if (job === 'export' || job === 'copy') {
  const result = await (job === 'export' ? exportOnce : copyOnce)(folder, format);
  console.log(JSON.stringify({ ...result, peakMiB: process.resourceUsage().maxRSS / 1024 }));
} else {
  const rows = job === '--rows' ? Number(folder) : 1_000_000;
  const temporary = mkdtempSync(path.join(tmpdir(), 'atc-export-'));
  try {
    await makeDataset(temporary, rows);
    const jobs = [
      ...['parquet:snappy', 'parquet:gzip', 'parquet:zstd', 'arrow', 'npy', 'csv', 'ndjson', 'ccxt'].map((one) => [
        'export',
        one,
      ]),
      ...['parquet:snappy', 'parquet:gzip', 'parquet:zstd'].map((one) => ['copy', one]),
      ['copy', 'csv'],
    ];
    console.log('writer   format          MB/s of float64   bytes a row   peak MiB');
    for (const [kind, one] of jobs) {
      const { stdout, stderr, status } = spawnSync(process.execPath, [self, kind, temporary, one], {
        encoding: 'utf8',
      });
      const name = kind === 'export' ? 'ours' : 'DuckDB';
      if (/UNSUPPORTED/.test(stderr)) {
        console.log(`${name.padEnd(9)}${one.padEnd(16)}  this Node has no Zstandard`);
        continue;
      }
      if (status !== 0) throw new Error(stderr);
      const { bytes, rows: written, seconds, peakMiB } = JSON.parse(stdout);
      const rate = (written * COLUMNS * 8) / 1e6 / seconds;
      console.log(
        name.padEnd(9) +
          one.padEnd(16) +
          rate.toFixed(0).padStart(15) +
          (bytes / written).toFixed(1).padStart(14) +
          peakMiB.toFixed(0).padStart(11),
      );
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
