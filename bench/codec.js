// What the codec makes of real history: ratios per file and level (whole frames, index and checksums included),
// indicator arrays, and speed of one column against native blosc in the same run. Needs a build:
//   npm run build && node bench/codec.js
// Data: ../shared/data (*.csv.gz, optional), or `--files a.csv.gz b.csv …`. `--sizes`, `--speed`: one half only. Small
// arrays, the first call of a process and indicators: bench/codec-small.js.
// Peer: python3-blosc of Debian, optional; noticed when absent. It runs in a process of its own that idles while the
// other side has its turn; turns alternate, and the first turn of each, which warms code and buffers, does not count.
// Ours decodes into an array that is there already; blosc makes a bytes object a call (its `decompress`, and memory it
// has used before), or fills a buffer that is there already (`decompress_ptr`). Both are printed.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { datasets, indicators, median, syntheticCloses, timesOf } from './codec-data.js';

const { compressDataFrame, compressPrices, decompressDataFrame } = await import('../dist/esm/src/index.js');
const { FrameReader } = await import('../dist/esm/src/codec/frame-reader.js');
const { memorySource } = await import('../dist/esm/src/codec/frame-source.js');
const { kernels } = await import('../dist/esm/src/kernels/index.js');

/** pcodec level 8 on the same columns, the state of the art for numbers, where it was measured. */
const PCODEC = {
  'unittest-btc-1m': 3.91,
  'eth-btc-5m': 3.19,
  'dash-btc-5m': 2.7,
  'btcusdt-perp-5m': 5.29,
  'gbpusd-1m': 11.1,
  'audusd-tick': 11.4,
  'eurusd-1h': 7.4,
  'goog-1d': 5.52,
  'xrpusd-1m': 4.3,
  'xrpusdt-futures-5m': 6.38,
};
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const files = process.argv.includes('--files') ? process.argv.slice(process.argv.indexOf('--files') + 1) : undefined;
const geomean = (values) => Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);

/** The columns as a JSON array of row objects, what a cache would have written. */
function jsonBytes(columns) {
  const names = Object.keys(columns);
  const rows = Array.from(columns[names[0]], (_, i) =>
    Object.fromEntries(names.map((name) => [name, columns[name][i]])),
  );
  return JSON.stringify(rows).length;
}

function sizes() {
  const ratios = LEVELS.map(() => []);
  const json = [];
  const worst = { growth: 0 };
  console.log(
    ['file'.padEnd(20), 'rows'.padStart(7), ...LEVELS.map((l) => `L${l}`.padStart(7)), ' pcodec  json/L5'].join(' '),
  );
  for (const { name, columns } of datasets(files)) {
    const values = Object.values(columns);
    const raw = values.reduce((sum, column) => sum + column.byteLength, 0);
    const bytes = LEVELS.map((level) => compressDataFrame(columns, { level }).length);
    bytes.forEach((size, i) => {
      ratios[i].push(raw / size);
      if (i > 0) worst.growth = Math.max(worst.growth, size / bytes[i - 1] - 1);
    });
    json.push(jsonBytes(columns) / bytes[4]);
    const cells = bytes.map((size) => (raw / size).toFixed(3).padStart(7));
    const peer = PCODEC[name]?.toFixed(2) ?? '-';
    console.log(
      [
        name.padEnd(20),
        `${values[0].length}`.padStart(7),
        ...cells,
        peer.padStart(7),
        json.at(-1).toFixed(1).padStart(8),
      ].join(' '),
    );
    const back = decompressDataFrame(compressDataFrame(columns));
    for (const key of Object.keys(columns)) {
      if (!Buffer.from(back[key].buffer).equals(Buffer.from(columns[key].buffer)))
        throw new Error(`${name} ${key} differs`);
    }
  }
  if (json.length === 0) return;
  const means = ratios.map((it) => geomean(it).toFixed(3).padStart(7));
  console.log(['geometric mean'.padEnd(28), ...means, ''.padStart(7), geomean(json).toFixed(1).padStart(8)].join(' '));
  console.log(`largest growth from one level to the next: ${(100 * worst.growth).toFixed(3)} %`);
}

function indicatorSizes() {
  const sets = datasets(files).filter(({ columns }) => columns.close !== undefined);
  const closes = sets.map(({ name, columns }) => ({ name, close: columns.close.subarray(0, 65_536) }));
  closes.push({ name: 'synthetic', close: syntheticCloses(32_768) });
  const levels = [2, 5, 9];
  const totals = levels.map(() => []);
  console.log(`\nindicator arrays of a close, each alone: ratios at L${levels.join(', L')}`);
  for (const { name, close } of closes) {
    const cells = Object.entries(indicators(close)).map(([kind, values]) => {
      const ratios = levels.map((level) => values.byteLength / compressPrices(values, { level }).length);
      ratios.forEach((ratio, i) => {
        totals[i].push(ratio);
      });
      return `${kind} ${ratios.map((ratio) => ratio.toFixed(2)).join('/')}`;
    });
    console.log(name.padEnd(20), cells.join('  '));
  }
  console.log('geometric mean'.padEnd(20), totals.map((it) => geomean(it).toFixed(3)).join(' / '));
}

/**
 * Answers a line "encode N", "decode N" or "into N" with the seconds of N calls; "into" decodes to a buffer that is
 * there already.
 */
const PEER = `
import sys,json,time,ctypes,blosc
b=open(sys.argv[1],'rb').read(); blosc.set_nthreads(1)
compress=lambda: blosc.compress(b,typesize=8,clevel=5,shuffle=blosc.SHUFFLE,cname='lz4')
z=compress(); assert blosc.decompress(z)==b
room=ctypes.create_string_buffer(len(b)); place=ctypes.addressof(room)
calls=dict(encode=compress,decode=lambda: blosc.decompress(z),into=lambda: blosc.decompress_ptr(z,place))
print(json.dumps(len(z)),flush=True)
for line in sys.stdin:
    name,reps=line.split(); call=calls[name]; times=[]
    for _ in range(int(reps)):
        t=time.perf_counter(); call(); times.append(time.perf_counter()-t)
    print(json.dumps(times),flush=True)
`;

/** python-blosc in a process of its own that idles between requests, or undefined where there is none. */
async function startPeer(column) {
  const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import blosc']).status === 0);
  if (python === undefined) return undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-bench-'));
  const file = path.join(directory, 'column.f64');
  writeFileSync(file, Buffer.from(column.buffer, column.byteOffset, column.byteLength));
  const child = spawn(python, ['-c', PEER, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  const bytes = await answer();
  return {
    bytes,
    async times(what, reps) {
      child.stdin.write(`${what} ${reps}\n`);
      return (await answer()).map((seconds) => seconds * 1e3);
    },
    stop() {
      child.stdin.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Rounds in which every contestant has its turn, so that a slow moment of the machine is everybody's. */
const ROUNDS = 15;

/** Milliseconds of each contestant by name; a contestant takes a number of calls and resolves to their times. */
async function contest(contestants, reps) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const taken = await run(reps[name] ?? reps.all);
      // The first round warms: code is compiled, buffers are touched.
      if (round > 0) times[name].push(...taken);
    }
  }
  return times;
}

async function speedOf(name, values) {
  const mb = values.byteLength / 1e6;
  const isSmall = values.length <= 16_384;
  const rate = (times) => (mb / median(times)) * 1e3;
  const best = (times) => (mb / Math.min(...times)) * 1e3;
  const both = (times) => `${rate(times).toFixed(0)} (${best(times).toFixed(0)})`;
  const peer = await startPeer(values);
  const out = new Float64Array(values.length);
  const contestants = {};
  const frames = {};
  for (const level of SPEED_LEVELS) {
    frames[level] = compressPrices(values, { level });
    contestants[`encode ${level}`] = (reps) => timesOf(() => compressPrices(values, { level }), reps);
    contestants[`decode ${level}`] = (reps) =>
      timesOf(() => {
        const frame = new FrameReader(memorySource(frames[level]));
        frame.decodeRows([0], 0, out.length, [out]);
      }, reps);
  }
  if (peer !== undefined) {
    for (const what of ['encode', 'decode', 'into']) contestants[what] = (reps) => peer.times(what, reps);
  }
  const reps = { all: isSmall ? 100 : 3 };
  for (const level of SPEED_LEVELS) reps[`encode ${level}`] = isSmall ? 6 : 1;
  const times = await contest(contestants, reps);
  peer?.stop();
  console.log(`${name}, ${values.length} rows`);
  if (peer !== undefined) {
    const ratio = (values.byteLength / peer.bytes).toFixed(2);
    const figures = `encode ${both(times.encode)}, decode ${both(times.decode)}, into a buffer ${both(times.into)}`;
    console.log(`  blosc lz4-5 ratio ${ratio}, ${figures}`);
  }
  for (const level of SPEED_LEVELS) {
    const decode = times[`decode ${level}`];
    const against = (other) =>
      `${(rate(decode) / rate(other)).toFixed(2)}x (${(best(decode) / best(other)).toFixed(2)}x)`;
    const versus =
      peer === undefined ? '' : `: ${against(times.decode)} blosc, ${against(times.into)} blosc into a buffer`;
    const ratio = (values.byteLength / frames[level].length).toFixed(2);
    console.log(
      `  L${level} ratio ${ratio}, encode ${both(times[`encode ${level}`])}, decode ${both(decode)}${versus}`,
    );
  }
}

const SPEED_LEVELS = [2, 5, 6];

async function speed() {
  const columns = [
    { name: 'synthetic close', values: syntheticCloses(1 << 20) },
    { name: 'synthetic close', values: syntheticCloses(16_384) },
  ];
  for (const { name, columns: real } of datasets(files)) {
    if (files !== undefined && real.close !== undefined) columns.push({ name: `${name} close`, values: real.close });
    else if (name === 'xrpusd-1m') {
      columns.push({ name: `${name} close`, values: real.close });
      columns.push({ name: `${name} close`, values: real.close.slice(0, 16_384) });
    } else if (name === 'btcusdt-perp-5m') columns.push({ name: `${name} close`, values: real.close.slice(0, 16_384) });
  }
  const load = loadavg()[0].toFixed(1);
  console.log(
    `\none column, one thread, ${kernels().name} kernels, ${cpus()[0].model}, Node ${process.version}, load ${load}`,
  );
  console.log('MB/s of float64, median (best); ratios are of medians (of bests)');
  for (const { name, values } of columns) await speedOf(name, values);
}

const only = process.argv.slice(2);
if (!only.includes('--speed')) {
  sizes();
  indicatorSizes();
}
if (!only.includes('--sizes')) await speed();
