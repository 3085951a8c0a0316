/**
 * Storage: bytes on disk by kind of data, ours beside what else a user could take. Sizes do not vary, so there is no
 * spread.
 */
import { compressDataFrame } from '../../codec/table-frame.js';
import { openDatasetSync } from '../../dataset/open.js';
import type { Columns } from '../../dtype.js';
import type { BenchContext } from './context.js';
import type { Jobs } from './fresh-process.js';
import { exponentialAverage, MARKETS, makeCandles, randomNumbers } from './made-up-candles.js';
import type { Section } from './section.js';
import { type Method, storagePeers } from './storage-peers.js';
import { type BenchTable, geometricMean } from './table.js';

interface Sample {
  readonly name: string;
  readonly columns: Columns;
}

const OURS: readonly Method[] = ([2, 5, 9] as const).map((level) => ({
  name: `level ${level}`,
  bytes: (columns) => compressDataFrame(columns, { level }).length,
}));

/** Nothing here needs a process of its own. */
export const jobs: Jobs = {};

export const section: Section = {
  name: 'storage',
  async run(context) {
    const { methods, left } = storagePeers(context);
    const all = [...OURS, ...methods];
    const samples: { name: string; rows: number; rawBytes: number; bytes: (number | undefined)[] }[] = [];
    for (const { name, columns } of context.history.isMadeUp ? madeUp(context) : await fromFiles(context)) {
      const bytes: (number | undefined)[] = [];
      for (const method of all) {
        context.progress(`storage: ${name}, ${method.name}`);
        bytes.push(await method.bytes(columns));
      }
      const arrays = Object.values(columns);
      const rawBytes = arrays.reduce((total, { byteLength }) => total + byteLength, 0);
      samples.push({ name, rows: arrays[0].length, rawBytes, bytes });
    }
    const ratios = all.map((_, k) =>
      samples.flatMap(({ rawBytes, bytes }) => (bytes[k] ? [rawBytes / Number(bytes[k])] : [])),
    );
    const byMethod: BenchTable = {
      name: 'storage.methods',
      title: 'How many times smaller than raw float64',
      columns: [
        { name: 'method', unit: 'text' },
        { name: 'mean', unit: 'ratio' },
        { name: 'least', unit: 'ratio' },
        { name: 'most', unit: 'ratio' },
        { name: 'sets', unit: 'count' },
      ],
      rows: all.flatMap(({ name }, k) => {
        const own = ratios[k];
        if (own.length === 0) return [];
        return [[name, geometricMean(own), Math.min(...own), Math.max(...own), own.length]];
      }),
      notes: [
        'Geometric mean over the sets of the next table, all columns as float64; below 1x it is larger than raw. ' +
          'Headers, indexes and checksums count.',
        ...(left.length > 0 ? [`Left out, not installed here: ${left.join('; ')}.`] : []),
      ],
    };
    const best = all.findIndex(({ name }) => name === 'level 9');
    const byKind: BenchTable = {
      name: 'storage.kinds',
      title: 'By kind of data',
      columns: [
        { name: 'set', unit: 'text' },
        { name: 'rows', unit: 'count' },
        ...OURS.map(({ name }) => ({ name, unit: 'ratio' }) as const),
        { name: 'next best', unit: 'ratio' },
        { name: 'which is', unit: 'text' },
      ],
      rows: samples.map(({ name, rows, rawBytes, bytes }) => {
        const others = bytes.flatMap((size, k) => (k > best && size ? [{ size, name: all[k].name }] : []));
        const next = others.reduce((a, b) => (b.size < a.size ? b : a));
        const own = OURS.map((_, k) => rawBytes / Number(bytes[k]));
        return [name, rows, ...own, rawBytes / next.size, next.name];
      }),
      notes: [
        context.history.isMadeUp
          ? 'Made-up data, the same on every machine: real history of the same kind may do better or worse; ' +
            'give your own files to atc bench.'
          : 'One set per symbol of the files.',
      ],
    };
    return [byMethod, byKind];
  },
};

function* madeUp({ isQuick }: BenchContext): Generator<Sample> {
  const rows = isQuick ? 8192 : 65_536;
  for (const [index, kind] of MARKETS.entries()) {
    yield { name: kind.name, columns: makeCandles(kind, rows, 40 + index) };
  }
  const close = makeCandles(MARKETS[0], rows, 50).close as Float64Array;
  yield { name: 'average, full mantissa', columns: { ema: exponentialAverage(close) } };
  const returns = close.map((price, row) => (row === 0 ? 0 : price / close[row - 1] - 1));
  yield { name: 'returns, full mantissa', columns: { returns } };
  const random = randomNumbers(60);
  // 53 bits from two draws of 32.
  const full = () => (Math.floor(random() * 2 ** 26) * 2 ** 27 + Math.floor(random() * 2 ** 27)) / 2 ** 53;
  yield { name: 'random doubles', columns: { value: Float64Array.from({ length: rows }, full) } };
}

async function fromFiles({ history }: BenchContext): Promise<Sample[]> {
  const dataset = openDatasetSync(await history.mapped());
  try {
    return dataset.symbols.map((symbol) => {
      const table = dataset.table(symbol);
      return {
        name: symbol,
        columns: Object.fromEntries(table.columns.map((name) => [name, table.column(name).slice()])),
      };
    });
  } finally {
    dataset.close();
  }
}
