// What small arrays and indicator arrays cost to encode, warm, and what the first call of a fresh process costs, which
// is what a cache pays. Needs a build: npm run build && node bench/codec-small.js
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { indicators, median, syntheticCloses, timesOf } from './codec-data.js';

const ROWS = [100, 1000, 16_384, 1 << 20];
const INDICATOR_ROWS = 100_000;

const rate = (bytes, times) =>
  `${(bytes / 1e3 / median(times)).toFixed(0)} (${(bytes / 1e3 / Math.min(...times)).toFixed(0)}) MB/s`;
const ms = (x) => (x < 10 ? x.toFixed(3) : x.toFixed(1));

/** In a process of its own: import, first and second call, in milliseconds. */
async function cold(rows, level) {
  const values = syntheticCloses(rows);
  const started = performance.now();
  const { compressPrices, decompressPrices } = await import('../dist/esm/src/index.js');
  const imported = performance.now();
  const bytes = compressPrices(values, { level });
  const first = performance.now();
  compressPrices(values, { level });
  const second = performance.now();
  decompressPrices(bytes);
  const decoded = performance.now();
  console.log(JSON.stringify([imported - started, first - imported, second - first, decoded - second]));
}

async function warm() {
  const { compressPrices } = await import('../dist/esm/src/index.js');
  console.log(`${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
  console.log('encoding closes, one thread: milliseconds a call, MB/s of float64, median (best)');
  for (const rows of ROWS) {
    const values = syntheticCloses(rows);
    for (const level of [2, 5]) {
      const times = timesOf(() => compressPrices(values, { level }), rows > 100_000 ? 15 : 1000);
      console.log(
        `  ${`${rows}`.padStart(7)} rows L${level} ${ms(median(times))} ms, ${rate(values.byteLength, times)}`,
      );
    }
  }
  console.log(`encoding indicators of a close, ${INDICATOR_ROWS} rows, level 5`);
  for (const [name, values] of Object.entries(indicators(syntheticCloses(INDICATOR_ROWS)))) {
    const times = timesOf(() => compressPrices(values, { level: 5 }), 20);
    const ratio = values.byteLength / compressPrices(values, { level: 5 }).length;
    console.log(
      `  ${name.padEnd(7)} ratio ${ratio.toFixed(2)}, ${ms(median(times))} ms, ${rate(values.byteLength, times)}`,
    );
  }
  console.log('a fresh process, milliseconds, median of 7: import, first and second encoding, decoding');
  for (const rows of [100, 1000, 16_384]) {
    const runs = Array.from({ length: 7 }, () =>
      JSON.parse(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'cold', `${rows}`, '5'], { encoding: 'utf8' }),
      ),
    );
    const columns = [0, 1, 2, 3].map((i) => ms(median(runs.map((run) => run[i]))));
    console.log(`  ${`${rows}`.padStart(7)} rows L5: ${columns.join(', ')}`);
  }
}

if (process.argv[2] === 'cold') await cold(Number(process.argv[3]), Number(process.argv[4]));
else await warm();
