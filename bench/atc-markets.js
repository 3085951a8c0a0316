// ATC over markets of every kind beside the numba reference, one thread each: node bench/atc-markets.js [--bars 100000]
// [--rounds 3] [--kinds flat,saw]
//
// The kernel sums an average again, directly, where the price touches it: that is rare in a lively market and the rule
// where prices stand still or run straight. Figures are CPU nanoseconds a bar: the best of three passes in a fresh
// process that warmed up first, the median over the rounds in which both take turns. The peer needs
// ../shared/peers/atc_numba.py and /usr/bin/python3 with numpy and numba.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, uniform } from './kit.js';

const here = fileURLToPath(import.meta.url);
const root = path.dirname(path.dirname(here));
const peer = path.join(root, '../shared/peers/atc_numba.py');
const python = '/usr/bin/python3';
const WARM_UP_MS = 1500;

/** Prices in ticks around `base`, of which the given share stays what it was. */
function still(bars, base, share, reach = 2) {
  const random = uniform(7);
  const closes = new Float64Array(bars);
  let ticks = base;
  for (let bar = 0; bar < bars; bar++) {
    if (random() >= share)
      ticks = Math.max(1, ticks + 1 + Math.floor(random() * reach) - (random() < 0.5 ? reach + 1 : 0));
    closes[bar] = ticks / 100;
  }
  return closes;
}

const from = (bars, price) => Float64Array.from({ length: bars }, (_, bar) => price(bar));
const random = uniform(11);

/** A market of every kind, as functions of the number of bars. */
const KINDS = {
  lively: (bars) => still(bars, 3_000_000, 0, 400),
  'still 98 %, 5 ticks': (bars) => still(bars, 5, 0.98, 1),
  'still 98 %, 10 ticks': (bars) => still(bars, 10, 0.98, 1),
  'still 98 %, 30 ticks': (bars) => still(bars, 30, 0.98, 1),
  'still 98 %, 100 ticks': (bars) => still(bars, 100, 0.98, 1),
  'still 90 %': (bars) => still(bars, 100, 0.9, 1),
  'still 50 %': (bars) => still(bars, 100, 0.5, 1),
  'still 99.9 %': (bars) => still(bars, 100, 0.999, 1),
  constant: (bars) => from(bars, () => 1.1),
  'two prices in turn': (bars) => from(bars, (bar) => (bar & 1 ? 101 : 100)),
  'two prices at random': (bars) => from(bars, () => (random() < 0.5 ? 101 : 100)),
  'two prices, 40 bars each': (bars) => from(bars, (bar) => (Math.floor(bar / 40) & 1 ? 1.01 : 1)),
  'steps of 60 bars': (bars) => from(bars, (bar) => 1 + (Math.floor(bar / 60) % 3) / 10),
  'straight line': (bars) => from(bars, (bar) => 100 + bar * 0.5),
  'straight line, cents': (bars) => from(bars, (bar) => (10_000 + bar) / 100),
  'saw teeth of 50': (bars) => from(bars, (bar) => 100 + (bar % 50)),
  'saw teeth of 200': (bars) => from(bars, (bar) => (10_000 + (bar % 200)) / 100),
  triangle: (bars) => from(bars, (bar) => 100 + Math.abs((bar % 100) - 50) / 4),
  'period of 7': (bars) => from(bars, (bar) => 100 + [0, 1, 3, 2, 2, 1, 0][bar % 7]),
  'gaps of one bar in 10': (bars) =>
    still(bars, 3_000_000, 0, 400).map((close, bar) => (bar % 10 === 9 ? Number.NaN : close)),
  'gaps of 50 bars in 200': (bars) =>
    still(bars, 3_000_000, 0, 400).map((close, bar) => (bar % 200 > 149 ? Number.NaN : close)),
  'gaps in a still market': (bars) =>
    still(bars, 30, 0.98, 1).map((close, bar) => (bar % 100 === 99 ? Number.NaN : close)),
};

/** Runs inside python: every file, three passes each, CPU nanoseconds per bar. */
const PEER_DRIVER = `
import sys, json, time, numpy as np
sys.path.insert(0, sys.argv[1])
import atc_numba
out = {}
for name in sys.argv[2:]:
    closes = np.fromfile(name, dtype='<f8')
    atc_numba.atc(closes[:1500])
    best = 1e99
    for _ in range(3):
        started = time.process_time()
        atc_numba.atc(closes)
        best = min(best, (time.process_time() - started) * 1e9 / closes.size)
    out[name] = best
print(json.dumps(out))
`;

async function runKernel(files) {
  const { computeAtcSignals } = await import('../dist/esm/atc.js');
  const result = {};
  for (const file of files) {
    const bytes = readFileSync(file);
    const closes = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    for (const end = Date.now() + (file === files[0] ? WARM_UP_MS : 50); Date.now() < end; ) {
      computeAtcSignals(closes.subarray(0, 1500), {}, { kernel: 'wasm' });
    }
    result[file] = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < 3; pass++) {
      const started = process.cpuUsage();
      computeAtcSignals(closes, {}, { kernel: 'wasm' });
      const { user, system } = process.cpuUsage(started);
      result[file] = Math.min(result[file], ((user + system) * 1000) / closes.length);
    }
  }
  console.log(JSON.stringify(result));
}

function main(bars, rounds, kinds) {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-bench-'));
  const env = { ...process.env, NUMBA_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', NUMBA_CACHE_DIR: directory };
  try {
    const files = kinds.map((kind) => {
      const file = path.join(directory, kind.replace(/\W+/g, '-'));
      writeFileSync(file, KINDS[kind](bars));
      return file;
    });
    const hasPeer = existsSync(peer) && existsSync(python);
    if (!hasPeer) console.warn(`no ${peer} or ${python}: the kernel alone`);
    const ours = [];
    const theirs = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(JSON.parse(execFileSync(process.execPath, [here, '--run', ...files], { env })));
      if (hasPeer) {
        theirs.push(JSON.parse(execFileSync(python, ['-B', '-c', PEER_DRIVER, path.dirname(peer), ...files], { env })));
      }
    }
    console.log(`${'market'.padEnd(26)}${'ns a bar'.padStart(9)}${'numba'.padStart(9)}${'ratio'.padStart(9)}`);
    for (const [k, kind] of kinds.entries()) {
      const own = median(ours.map((round) => round[files[k]]));
      const line = [kind.padEnd(26), own.toFixed(0).padStart(9)];
      if (hasPeer) {
        const other = median(theirs.map((round) => round[files[k]]));
        line.push(other.toFixed(0).padStart(9), `${(other / own).toFixed(1)}x`.padStart(9));
      }
      console.log(line.join(''));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bars: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    kinds: { type: 'string' },
    run: { type: 'boolean' },
  },
});
if (values.run) await runKernel(positionals);
else {
  const wanted = values.kinds?.split(',');
  const kinds = Object.keys(KINDS).filter((kind) => wanted?.some((part) => kind.includes(part)) ?? true);
  main(Number(values.bars), Number(values.rounds), kinds);
}
