// What the codec makes of real history: ratios per file and level (whole frames, index and checksums included), indicator
// arrays, and speed of one column against native blosc in the same run. Needs a build: npm run build && node bench/codec.js
// Data: ../shared/data (*.csv.gz, optional), or `--files a.csv.gz b.csv …`. `--sizes`, `--speed`: one half only.
// Small arrays, the first call of a process and indicators: bench/codec-small.js. Peer: python3-blosc and python3-numpy of Debian, optional; both are noticed when absent.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
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

const PEER = `
import sys,json,time,statistics as st,blosc
b=open(sys.argv[1],'rb').read(); reps=int(sys.argv[2]); blosc.set_nthreads(1); c=[];d=[]
for _ in range(reps):
    t=time.perf_counter(); z=blosc.compress(b,typesize=8,clevel=5,shuffle=blosc.SHUFFLE,cname='lz4'); c.append(time.perf_counter()-t)
    t=time.perf_counter(); r=blosc.decompress(z); d.append(time.perf_counter()-t)
assert r==b
mb=len(b)/1e6
print(json.dumps(dict(ratio=len(b)/len(z),encode=mb/st.median(c),decode=mb/st.median(d),encodeBest=mb/min(c),decodeBest=mb/min(d))))
`;

function peerSpeed(column, reps) {
  const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import blosc']).status === 0);
  if (python === undefined) return undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-bench-'));
  try {
    writeFileSync(path.join(directory, 'column.f64'), Buffer.from(column.buffer, column.byteOffset, column.byteLength));
    return JSON.parse(
      execFileSync(python, ['-c', PEER, path.join(directory, 'column.f64'), `${reps}`], { encoding: 'utf8' }),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function speed() {
  const columns = [
    { name: 'synthetic close', values: syntheticCloses(1 << 20) },
    { name: 'synthetic close', values: syntheticCloses(16_384) },
  ];
  for (const { name, columns: real } of datasets(files)) {
    if (files !== undefined && real.close !== undefined) columns.push({ name: `${name} close`, values: real.close });
    else if (name === 'xrpusd-1m') columns.push({ name: `${name} close`, values: real.close });
    else if (name === 'btcusdt-perp-5m') columns.push({ name: `${name} close`, values: real.close.slice(0, 16_384) });
  }
  const load = loadavg()[0].toFixed(1);
  console.log(
    `\none column, one thread, ${kernels().name} kernels, ${cpus()[0].model}, Node ${process.version}, load ${load}`,
  );
  console.log('MB/s of float64, median (best); the ratio to blosc lz4-5 is of medians (of bests)');
  for (const { name, values } of columns) {
    const mb = values.byteLength / 1e6;
    const small = values.length <= 16_384;
    const peer = peerSpeed(values, small ? 400 : 25);
    if (peer === undefined) console.warn('skipped: no python3 with blosc (Debian: python3-blosc)');
    else {
      const figures = `encode ${peer.encode.toFixed(0)} (${peer.encodeBest.toFixed(0)}), decode ${peer.decode.toFixed(0)} (${peer.decodeBest.toFixed(0)})`;
      console.log(`${name}, ${values.length} rows: blosc lz4-5 ratio ${peer.ratio.toFixed(2)}, ${figures}`);
    }
    const out = new Float64Array(values.length);
    for (const level of [2, 5, 6]) {
      let bytes = compressPrices(values, { level });
      const encode = timesOf(
        () => {
          bytes = compressPrices(values, { level });
        },
        small ? 600 : 15,
      );
      const decode = timesOf(
        () => {
          const frame = new FrameReader(memorySource(bytes));
          frame.decodeRows([0], 0, out.length, [out]);
        },
        small ? 2000 : 40,
      );
      const rate = (times) =>
        `${((mb / median(times)) * 1e3).toFixed(0)} (${((mb / Math.min(...times)) * 1e3).toFixed(0)})`;
      const versus =
        peer === undefined
          ? ''
          : `, ${(((mb / median(decode)) * 1e3) / peer.decode).toFixed(2)}x (${(((mb / Math.min(...decode)) * 1e3) / peer.decodeBest).toFixed(2)}x) blosc`;
      const ratio = (values.byteLength / bytes.length).toFixed(2);
      console.log(`  L${level} ratio ${ratio}, encode ${rate(encode)}, decode ${rate(decode)}${versus}`);
    }
  }
}

const only = process.argv.slice(2);
if (!only.includes('--speed')) {
  sizes();
  indicatorSizes();
}
if (!only.includes('--sizes')) speed();
