/** Processor time: what coding costs by itself, and its share of the work that consumes the history. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { bytesOf } from '../../dtype.js';
import { type BenchContext, inTurns } from './context.js';
import type { HostFiles } from './history.js';
import { rawColumns } from './raw-columns.js';
import type { Section } from './section.js';
import { nodeZstd, pythonSpeeds } from './speed-peers.js';
import { type BenchTable, type Measure, measureOf } from './table.js';

const LEVELS = [1, 2, 5, 6, 9] as const;

export const section: Section = {
  name: 'cpu',
  async run(context) {
    return [await shares(context), await speeds(context)];
  },
};

/** Decoding alone, and the consumer that includes it, in one process and in turns. */
interface ShareTimes {
  readonly decodeMs: number[];
  readonly backtestMs: number[];
  readonly sumMs: number[];
}

async function shares(context: BenchContext): Promise<BenchTable> {
  const directory = await context.history.packed();
  const rounds = context.isQuick ? 3 : 9;
  const outcomes = await inTurns<ShareTimes>(context, 'cpu', [
    { name: 'share', job: 'share', input: { directory, rounds } },
  ]);
  const runs = (outcomes.get('share') ?? []).map(({ value }) => value);
  const of = (pick: (times: ShareTimes) => number[]) => measureOf(runs.map((run) => measureOf(pick(run)).median));
  const share = (pick: (times: ShareTimes) => number[]) =>
    measureOf(runs.map((run) => measureOf(run.decodeMs).median / measureOf(pick(run)).median));
  return {
    name: 'cpu.share',
    title: 'Share of the processor time that goes into decompression',
    columns: [
      { name: 'what consumes the packed history', unit: 'text' },
      { name: 'share', unit: 'share' },
      { name: 'decoding', unit: 'ms' },
      { name: 'all of it', unit: 'ms' },
    ],
    rows: [
      ['ATC backtest', share(({ backtestMs }) => backtestMs), of(({ decodeMs }) => decodeMs), of((t) => t.backtestMs)],
      ['a sum of the closes', share(({ sumMs }) => sumMs), of(({ decodeMs }) => decodeMs), of((t) => t.sumMs)],
    ],
    notes: [
      await context.history.describe(),
      `Processor time on one thread, ${context.rounds} processes, medians of ${rounds} turns in each, warm. ` +
        'Decoding: timestamp and close of every row, nothing done with them. The share depends on the consumer: a ' +
        'sum is next to nothing, so nearly all of it is decoding.',
    ],
  };
}

interface Speed {
  readonly name: string;
  readonly ratio: number;
  readonly encode: Measure;
  readonly decode: Measure;
}

async function speeds(context: BenchContext): Promise<BenchTable> {
  const [files] = await context.history.hostFiles();
  const rounds = context.isQuick ? 3 : 7;
  const outcomes = await inTurns<Speed[]>(
    context,
    'cpu',
    [{ name: 'speeds', job: 'speeds', input: { files, rounds } }],
    1,
  );
  const [{ value }] = outcomes.get('speeds') ?? [];
  context.progress('cpu: others, in Python');
  const rawBytes = 8 * files.rows * Object.keys(files.raw).length;
  const { speeds: others, left } = pythonSpeeds(files, context.work, rounds);
  return {
    name: 'cpu.codec',
    title: `Speed of the codec, all columns of ${files.symbol}`,
    columns: [
      { name: 'coding', unit: 'text' },
      { name: 'smaller', unit: 'ratio' },
      { name: 'encode', unit: 'MB/s' },
      { name: 'decode', unit: 'MB/s' },
    ],
    rows: [
      ...value.map(({ name, ratio, encode, decode }) => [name, ratio, encode, decode]),
      ...others.map(({ name, bytes, encode, decode }) => {
        return [name, rawBytes / bytes, measureOf(encode), measureOf(decode)];
      }),
    ],
    notes: [
      `MB of float64 per second, one thread, warm, medians of ${rounds} turns (one where it takes seconds); ours ` +
        'with checksums. blosc codes column by column, as it is used on arrays.',
      ...(left.length > 0 ? [`Left out, not installed here: ${left.join('; ')}.`] : []),
    ],
  };
}

export const jobs = {
  async share({ directory, rounds }: { directory: string; rounds: number }): Promise<ShareTimes> {
    const [{ openDataset }, { backtestDigest }] = [await import('atc-memory'), await import('./consumer.js')];
    const dataset = await openDataset(directory);
    const tables = dataset.symbols.map((symbol) => dataset.table(symbol));
    let total = 0;
    const decode = () => {
      for (const table of tables) for (const { length } of table.blocks(['timestamp', 'close'])) total += length;
    };
    const sum = () => {
      for (const table of tables) {
        for (const { length, columns } of table.blocks(['timestamp', 'close'])) {
          const closes = columns.close as Float64Array;
          let closesSum = 0;
          for (let row = 0; row < length; row += 1) closesSum += closes[row];
          total += closesSum;
        }
      }
    };
    const times: ShareTimes = { decodeMs: [], backtestMs: [], sumMs: [] };
    // Two turns to warm up: the engine compiles what is hot.
    for (let round = -2; round < rounds; round += 1) {
      const measured = [
        cpuMs(decode),
        await cpuMsOf(() => backtestDigest(directory, { workers: 1 })),
        cpuMs(sum),
      ] as const;
      if (round < 0) continue;
      times.decodeMs.push(measured[0]);
      times.backtestMs.push(measured[1]);
      times.sumMs.push(measured[2]);
    }
    dataset.close();
    if (Number.isNaN(total)) throw new Error('the closes hold NaN');
    return times;
  },
  async speeds({ files, rounds }: { files: HostFiles; rounds: number }): Promise<Speed[]> {
    const { compressDataFrame, decompressDataFrame } = await import('atc-memory');
    const columns = rawColumns(files);
    const rawBytes = Object.values(columns).reduce((total, { byteLength }) => total + byteLength, 0);
    const raw = Buffer.concat(Object.values(columns).map((column) => bytesOf(column)));
    const zstd = nodeZstd();
    const codings = [
      ...LEVELS.map((level) => ({
        name: `level ${level}`,
        encode: () => compressDataFrame(columns, { level }),
        decode: (bytes: Uint8Array) => void decompressDataFrame(bytes),
        slow: level === 9,
      })),
      {
        name: 'raw float64, gzip -6',
        encode: () => gzipSync(raw, { level: 6 }),
        decode: (bytes: Uint8Array) => void gunzipSync(bytes),
        slow: true,
      },
      ...(zstd === undefined
        ? []
        : [{ name: 'raw, zstd -3 (Node)', encode: () => zstd.encode(raw), decode: zstd.decode, slow: false }]),
    ];
    return codings.map(({ name, encode, decode, slow }) => {
      const bytes = encode();
      decode(bytes);
      const encodes = Array.from({ length: slow ? 1 : rounds }, () => rawBytes / 1e3 / wallMs(encode));
      const decodes = Array.from({ length: rounds }, () => rawBytes / 1e3 / wallMs(() => decode(bytes)));
      return { name, ratio: rawBytes / bytes.length, encode: measureOf(encodes), decode: measureOf(decodes) };
    });
  },
};

function wallMs(action: () => unknown): number {
  const started = performance.now();
  action();
  return performance.now() - started;
}

function cpuMs(action: () => void): number {
  const before = process.cpuUsage();
  action();
  return sinceMs(before);
}

async function cpuMsOf(action: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await action();
  return sinceMs(before);
}

function sinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
