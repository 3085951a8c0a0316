// ATC kernels beside the numba reference, one thread each: node bench/atc.js [--rounds 5] [--lengths 21,34,55,13,89,10]
//
// With the default lengths, and with six different ones; --lengths measures those alone. --kernels wasm leaves the
// slower kernels out. Every figure is CPU time of a fresh process that warmed up first: the best of five passes, and of
// those the median over the rounds, in which the contenders take turns. The peer needs ../shared/peers/atc_numba.py and
// /usr/bin/python3 with numpy and numba.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, nextCents, uniform } from './kit.js';

const here = fileURLToPath(import.meta.url);
const root = path.dirname(path.dirname(here));
const peer = path.join(root, '../shared/peers/atc_numba.py');
const python = '/usr/bin/python3';

const SHAPES = [
  { name: '1 x 500,000', symbols: 1, bars: 500_000 },
  { name: '100 x 1,500', symbols: 100, bars: 1500 },
];
const WARM_UP_MS = 1500;
const FAMILIES = ['ema', 'hma', 'wma', 'dema', 'lsma', 'kama'];

/** Runs inside python: the peer's own function over every symbol, five passes, CPU nanoseconds per bar of each. */
const PEER_DRIVER = `
import sys, json, time, numpy as np
sys.path.insert(0, sys.argv[1])
import atc_numba
closes = np.fromfile(sys.argv[2], dtype='<f8').reshape(int(sys.argv[3]), int(sys.argv[4]))
lens = tuple(json.loads(sys.argv[5]))
atc_numba.atc(closes[0][:1500], lens=lens)
passes = []
for _ in range(5):
    started = time.process_time()
    last = [float(atc_numba.atc(c, lens=lens)['Average_Signal'][-1]) for c in closes]
    passes.append((time.process_time() - started) * 1e9 / closes.size)
print(json.dumps({'passes': passes, 'last': last[-1]}))
`;

/** A random walk in cents, the same on every machine. */
function walk(symbols, bars) {
  const closes = new Float64Array(symbols * bars);
  const random = uniform(20_240_229);
  let cents = 3_000_000;
  for (let bar = 0; bar < closes.length; bar++) {
    cents = nextCents(cents, random);
    closes[bar] = cents / 100;
  }
  return closes;
}

async function runKernel(kernel, file, symbols, bars, lengths) {
  const { computeAtcSignals } = await import('../dist/esm/atc.js');
  const bytes = readFileSync(file);
  const closes = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const parameters = Object.fromEntries(FAMILIES.map((family, index) => [`${family}Length`, lengths[index]]));
  const compute = (part) => computeAtcSignals(part, parameters, { kernel }).averageSignal;
  // Long enough for the engine to have compiled everything with its optimising compiler.
  for (const end = Date.now() + WARM_UP_MS; Date.now() < end; ) compute(closes.subarray(0, 1500));
  const passes = [];
  let last = 0;
  for (let pass = 0; pass < 5; pass++) {
    const started = process.cpuUsage();
    for (let symbol = 0; symbol < symbols; symbol++) {
      last = compute(closes.subarray(symbol * bars, (symbol + 1) * bars))[bars - 1];
    }
    const { user, system } = process.cpuUsage(started);
    passes.push(((user + system) * 1000) / closes.length);
  }
  console.log(JSON.stringify({ passes, last }));
}

/** Of the six families, in bars. */
const LENGTHS = [
  [28, 28, 28, 28, 28, 28],
  [21, 34, 55, 13, 89, 10],
];

function main(rounds, lengths, kernels) {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-bench-'));
  const env = { ...process.env, NUMBA_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', NUMBA_CACHE_DIR: directory };
  try {
    console.log(`\n${cpus()[0].model.trim()}, node ${process.version}, lengths ${lengths.join(' ')}, ${rounds} rounds`);
    for (const shape of SHAPES) {
      const file = path.join(directory, 'closes.f64');
      writeFileSync(file, walk(shape.symbols, shape.bars));
      const numbers = [String(shape.symbols), String(shape.bars), JSON.stringify(lengths)];
      const contenders = {};
      const measured = {};
      for (const kernel of kernels) {
        contenders[kernel] = () => execFileSync(process.execPath, [here, '--run', kernel, file, ...numbers], { env });
        measured[kernel] = [];
      }
      if (existsSync(peer) && existsSync(python)) {
        contenders.numba = () =>
          execFileSync(python, ['-B', '-c', PEER_DRIVER, path.dirname(peer), file, ...numbers], { env });
        measured.numba = [];
      } else console.warn(`no ${peer} or ${python}: the kernels are compared with each other only`);
      const last = new Set();
      for (let round = 0; round < rounds; round++) {
        for (const [name, run] of Object.entries(contenders)) {
          if (name === 'reference' && round > 0) continue;
          const result = JSON.parse(run().toString());
          measured[name].push(Math.min(...result.passes));
          last.add(result.last.toFixed(9));
        }
      }
      print(shape.name, measured);
      if (last.size > 1) throw new Error(`the contenders disagree about the last signal: ${[...last].join(', ')}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Ratios are of medians; the ratio per round follows, smallest and largest. */
function print(shape, measured) {
  const base = measured.numba ?? Object.values(measured).at(-1);
  for (const [name, values] of Object.entries(measured)) {
    const ratios = values.map((value, round) => base[Math.min(round, base.length - 1)] / value);
    const spread = `${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)}`;
    const line = [
      shape.padEnd(12),
      name.padEnd(11),
      `${median(values).toFixed(0)} ns/bar`.padStart(12),
      `${(median(base) / median(values)).toFixed(1)}x ${measured.numba ? 'numba' : 'the last'}`.padStart(14),
      `(${spread})`,
    ];
    console.log(line.join('  '));
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    lengths: { type: 'string' },
    kernels: { type: 'string', default: 'wasm,typescript,reference' },
    run: { type: 'string' },
  },
});
if (values.run === undefined) {
  const chosen = values.lengths === undefined ? LENGTHS : [values.lengths.split(',').map(Number)];
  for (const lengths of chosen) main(Number(values.rounds), lengths, values.kernels.split(','));
} else {
  const [file, symbols, bars, lengths] = positionals;
  await runKernel(values.run, file, Number(symbols), Number(bars), JSON.parse(lengths));
}
