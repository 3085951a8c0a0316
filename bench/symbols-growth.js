// What a packed dataset of many short histories costs as the symbols become more: opening it, one candle to one symbol,
// one candle to every symbol at once, its files, and the heap that an open dataset takes. Processor time, medians of
// rounds in a process of its own for each count, after warm-up rounds; nothing is synced. Needs `npm run build`.
//   node bench/symbols-growth.js [--symbols 10,100,1000,5000,10000] [--rows 50] [--rounds 9]; with --save
// bench/results/symbols-growth.json
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { histories, measured, median, runApart } from './kit.js';
import { columnsOf, save } from './result-file.js';

const MINUTE_MS = 60_000;

const { values: options } = parseArgs({
  options: {
    symbols: { type: 'string', default: '10,100,1000,5000,10000' },
    rows: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string' },
  },
});

function candleAt(row) {
  return { timestamp: 1_600_000_000_000 + row * MINUTE_MS, open: 1, high: 2, low: 1, close: 1.5, volume: row };
}

/** Ascending by symbol, a candle each: what arrives at the end of every minute. */
async function* candleOfEach(symbols, row) {
  const values = Object.entries(candleAt(row)).map(([name, value]) => [name, Float64Array.of(value)]);
  for (const symbol of symbols) yield { symbol, columns: Object.fromEntries(values) };
}

function filesIn(directory) {
  let files = 0;
  let bytes = 0;
  for (const name of readdirSync(directory, { recursive: true })) {
    const found = statSync(path.join(directory, name));
    if (!found.isFile()) continue;
    files += 1;
    bytes += found.size;
  }
  return { files, bytes };
}

async function medianOf(rounds, action) {
  const times = [];
  for (let k = 0; k < rounds; k++) times.push((await measured(() => action(k))).cpuSeconds * 1000);
  return median(times);
}

/** Bytes of the heap and of array buffers, garbage collected. */
function heldBytes() {
  for (let k = 0; k < 3; k++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function measure(symbols) {
  const { openDataset, updateDataset, writeDataset } = await import('../dist/esm/index.js');
  const rows = Number(options.rows);
  const rounds = Number(options.rounds);
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-symbols-growth-'));
  const directory = path.join(folder, 'd');
  try {
    const source = histories({ symbols, rows, columns: 'candles' });
    const written = await measured(() => writeDataset(directory, source, { layout: 'packed', durability: 'process' }));
    written.value.close();
    const atFirst = filesIn(directory);
    const openOnce = async () => (await openDataset(directory)).close();
    const cold = (await measured(openOnce)).cpuSeconds * 1000;
    await medianOf(rounds, openOnce);
    const open = await medianOf(2 * rounds, openOnce);
    const empty = heldBytes();
    const dataset = await openDataset(directory);
    const names = dataset.symbols;
    dataset.table(names[0]).blocks(['close']).next();
    const heap = heldBytes() - empty;
    let row = rows;
    const appendOne = () => dataset.append(names[symbols >> 1], [candleAt(row++)], { durability: 'process' });
    await medianOf(rounds, appendOne);
    const one = await medianOf(3 * rounds, appendOne);
    row = rows + 1000;
    const appendAll = () =>
      updateDataset(directory, candleOfEach(names, row++), { existing: 'refuse', durability: 'process' });
    await appendAll();
    const all = await medianOf(Math.max(3, rounds >> 1), appendAll);
    dataset.close();
    const reopened = await medianOf(rounds, openOnce);
    const afterwards = filesIn(directory);
    return { write: written.cpuSeconds * 1000, cold, open, heap, one, all, reopened, atFirst, afterwards };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (options.only !== undefined) {
  console.log(JSON.stringify(await measure(Number(options.only))));
} else {
  const here = fileURLToPath(import.meta.url);
  const figures = new Map();
  const format = (ms) => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
  for (const count of options.symbols.split(',').map(Number)) {
    const args = ['--expose-gc', here, '--only', count, '--rows', options.rows, '--rounds', options.rounds];
    const found = runApart(args.map(String));
    figures.set(count, found);
    const { cold, open, one, all, heap, atFirst } = found;
    console.log(
      `${String(count).padStart(6)} symbols: open ${format(open)} (first ${format(cold)}), append to one ` +
        `${format(one)}, to all ${format(all)}, ${atFirst.files} files of ${(atFirst.bytes / 1e6).toFixed(1)} MB, ` +
        `heap ${(heap / 1e6).toFixed(2)} MB`,
    );
  }
  const [least, most] = [Math.min(...figures.keys()), Math.max(...figures.keys())];
  const ratio = figures.get(most).one / figures.get(least).one;
  console.log(`one append at ${most} symbols takes ${ratio.toFixed(1)} times that at ${least}`);
  console.log(
    'goals at 10,000: open 10 ms, one append at most 2 times that at 10, to all 1.5 s, at most a file a symbol',
  );
  const units = {
    symbols: 'count',
    open: 'ms',
    'append to one': 'ms',
    'append to all': 'ms',
    files: 'count',
    heap: 'bytes',
  };
  save('symbols-growth', {
    history: `Made-up candles, ${options.rows} rows of each symbol, packed.`,
    rounds: Number(options.rounds),
    tables: [
      {
        name: 'growth',
        title: 'Datasets of many symbols, in processor time',
        columns: columnsOf(units),
        rows: [...figures].map(([count, { open, one, all, atFirst, heap }]) => [
          count,
          open,
          one,
          all,
          atFirst.files,
          heap,
        ]),
        notes: [
          'A candle to one symbol, and one to each at once; nothing is synced. The heap is what an open dataset takes after one read.',
          `Medians of ${options.rounds} rounds or more, each count in a process of its own.`,
        ],
      },
    ],
  });
}
