// Whole frames of real history (timestamp and candles, every column), warm: MB/s of float64 of CPU time to encode at
// levels 2, 5 and 9 and to decode into arrays that are there, against native blosc lz4 on the same columns. Needs a
// build: node bench/codec-frames.js [--files a.csv.gz …] [--rounds N] [--only NAME] [--levels 2,5,9]
// Data: ../shared/data (*.csv.gz, optional) or `--files`. Peer: python3-blosc of Debian, optional; it decompresses
// column by column into a buffer that is there. The checksum of the frames shows whether their bytes changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compressDataFrame, decompressDataFrame } from 'atc-memory';
import { datasets, median } from './codec-data.js';

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    levels: { type: 'string', default: '2,5,9' },
  },
});
const ROUNDS = Number(options.rounds);
const LEVELS = options.levels.split(',').map(Number);
/** CPU milliseconds that one measured time takes at least. */
const LEAST_MS = 20;

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** CPU milliseconds of a call: median of rounds of so many calls that the clock is exact. */
function timeOf(action, warmUpMs) {
  const started = cpuMs();
  let calls = 0;
  while (cpuMs() - started < warmUpMs || calls < 2) {
    action();
    calls++;
  }
  const count = Math.max(1, Math.ceil((LEAST_MS * calls) / (cpuMs() - started)));
  return median(
    Array.from({ length: ROUNDS }, () => {
      const start = cpuMs();
      for (let i = 0; i < count; i++) action();
      return (cpuMs() - start) / count;
    }),
  );
}

/** Prints the seconds of CPU time that decompressing every column takes, median of rounds. */
const PEER = `
import sys,json,time,ctypes,blosc,statistics
blosc.set_nthreads(1)
columns=[open(f,'rb').read() for f in sys.argv[2:]]
packed=[blosc.compress(b,typesize=8,clevel=5,shuffle=blosc.SHUFFLE,cname='lz4') for b in columns]
rooms=[ctypes.create_string_buffer(len(b)) for b in columns]
places=[ctypes.addressof(r) for r in rooms]
def once():
    for z,p in zip(packed,places): blosc.decompress_ptr(z,p)
once(); t=time.process_time(); once(); count=max(1,int(0.02/max(1e-6,time.process_time()-t)))
times=[]
for _ in range(int(sys.argv[1])):
    t=time.process_time()
    for _ in range(count): once()
    times.append((time.process_time()-t)/count)
print(json.dumps(statistics.median(times)))
`;

const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import blosc']).status === 0);
if (python === undefined) console.warn('python3-blosc is not there: decoding is not compared');

function peerMs(columns) {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-bench-'));
  const files = Object.values(columns).map((values, i) => {
    const file = path.join(directory, `${i}.f64`);
    writeFileSync(file, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    return file;
  });
  const { stdout, stderr, status } = spawnSync(python, ['-c', PEER, `${ROUNDS}`, ...files], { encoding: 'utf8' });
  rmSync(directory, { recursive: true, force: true });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) * 1e3;
}

const geomean = (values) => Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);
const rates = Object.fromEntries(LEVELS.map((level) => [level, []]));
const shares = Object.fromEntries(LEVELS.map((level) => [level, []]));
const digest = createHash('sha256');
console.log(`${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
console.log('MB/s of float64 (CPU time, median): encode, decode (times native blosc lz4 in the same minute); ratio');
for (const { name, columns } of datasets(options.files)) {
  if (options.only !== undefined && !name.includes(options.only)) continue;
  const megabytes = Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0) / 1e6;
  const into = Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values.slice()]));
  const cells = LEVELS.map((level) => {
    const bytes = compressDataFrame(columns, { level });
    digest.update(bytes);
    const encode = (1e3 * megabytes) / timeOf(() => compressDataFrame(columns, { level }), 600);
    const decode = (1e3 * megabytes) / timeOf(() => decompressDataFrame(bytes, { into }), 300);
    const peer = python && (1e3 * megabytes) / peerMs(columns);
    rates[level].push(encode);
    if (peer !== undefined) shares[level].push(decode / peer);
    const against = peer === undefined ? '' : ` (${(decode / peer).toFixed(2)}x)`;
    const ratio = ((1e6 * megabytes) / bytes.length).toFixed(2);
    return `L${level} ${encode.toFixed(0).padStart(4)} ${decode.toFixed(0).padStart(5)}${against} ${ratio}`;
  });
  console.log(`${name.padEnd(20)} ${cells.join('   ')}`);
}
for (const level of LEVELS) {
  const least = `least ${Math.min(...rates[level]).toFixed(0)}`;
  const decode =
    shares[level].length === 0
      ? ''
      : `; decode ${geomean(shares[level]).toFixed(2)}x blosc, least ${Math.min(...shares[level]).toFixed(2)}x`;
  console.log(`L${level}: encode ${geomean(rates[level]).toFixed(0)} MB/s, ${least}${decode}`);
}
console.log(`sha256 of all frames ${digest.digest('hex').slice(0, 16)}`);
