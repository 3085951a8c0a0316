/** Reading: all closes as a Float64Array, and a day of every column, from what a user would store history in. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { diskUsage } from '../../io/disk-usage.js';
import { readPlainFile, writePlainFile } from '../../io/plain-files.js';
import { type BenchContext, inTurns } from './context.js';
import type { HostFiles } from './history.js';
import { randomNumbers } from './made-up-candles.js';
import { rawColumn } from './raw-columns.js';
import type { Section } from './section.js';
import { type BenchTable, measureOf, ratioOf } from './table.js';

const BASE = 'JSON array';
const EMPTY = 'an empty process';
const DAY_MS = 86_400_000;

export const section: Section = {
  name: 'read',
  async run(context) {
    return [await closes(context), await days(context)];
  },
};

async function closes(context: BenchContext): Promise<BenchTable> {
  const [[files], mapped, packed] = [
    await context.history.hostFiles(),
    await context.history.mapped(),
    await context.history.packed(),
  ];
  const gzip = `${context.work}/close.f64.gz`;
  writePlainFile(gzip, gzipSync(readPlainFile(files.raw.close), { level: 6 }));
  const dataset = (directory: string) => ({ job: 'datasetClose', input: { directory, symbol: files.symbol } });
  const ways = [
    { name: EMPTY, job: 'nothing', input: {} },
    { name: BASE, job: 'jsonClose', input: files },
    { name: 'CSV, papaparse', job: 'csvClose', input: files },
    { name: 'raw float64', job: 'rawClose', input: files },
    { name: 'raw float64, gzip -6', job: 'gzipClose', input: { gzip } },
    { name: 'mapped dataset', ...dataset(mapped) },
    { name: 'packed dataset', ...dataset(packed) },
  ];
  const outcomes = await inTurns<number>(context, 'read', ways);
  const base = (outcomes.get(BASE) ?? []).map(({ ms }) => ms);
  return {
    name: 'read.close',
    title: `Reading all closes of ${files.symbol} (${files.rows.toLocaleString('en-US')} rows)`,
    columns: [
      { name: 'from', unit: 'text' },
      { name: 'faster than JSON', unit: 'ratio' },
      { name: 'in the process', unit: 'ms' },
      { name: 'whole process', unit: 'ms' },
      { name: 'on disk', unit: 'bytes' },
    ],
    rows: [...outcomes].map(([name, runs]) => [
      name,
      name === EMPTY
        ? null
        : ratioOf(
            base,
            runs.map(({ ms }) => ms),
          ),
      name === EMPTY ? null : measureOf(runs.map(({ ms }) => ms)),
      measureOf(runs.map(({ processMs }) => processMs)),
      name === EMPTY ? null : runs[0].value,
    ]),
    notes: [
      await context.history.describe(),
      `The files are in the page cache; ${context.rounds} runs in turns, each in a process of its own. In the ` +
        'process: loading the library, opening and reading. On disk: the files that had to be there, all columns ' +
        'where they are not apart.',
    ],
  };
}

async function days(context: BenchContext): Promise<BenchTable> {
  const [[files], mapped, packed] = [
    await context.history.hostFiles(),
    await context.history.mapped(),
    await context.history.packed(),
  ];
  const count = context.isQuick ? 50 : 500;
  const ways = [
    { name: 'mapped dataset', job: 'datasetDays', input: { directory: mapped, symbol: files.symbol, count } },
    { name: 'packed dataset', job: 'datasetDays', input: { directory: packed, symbol: files.symbol, count } },
  ];
  const outcomes = await inTurns<number>(context, 'read', ways);
  return {
    name: 'read.day',
    title: 'A random day of every column by time, the dataset open',
    columns: [
      { name: 'from', unit: 'text' },
      { name: 'a day', unit: 'us' },
    ],
    rows: [...outcomes].map(([name, runs]) => [name, measureOf(runs.map(({ value }) => value))]),
    notes: [`Median of ${count} days, ${context.rounds} runs in turns, each in a process of its own.`],
  };
}

export const jobs = {
  nothing: () => 0,
  jsonClose({ json }: HostFiles): number {
    const candles = JSON.parse(readPlainFile(json).toString('latin1')) as { close: number }[];
    return sized(
      Float64Array.from(candles, ({ close }) => close),
      json,
    );
  },
  async csvClose({ csv }: HostFiles): Promise<number> {
    const { default: Papa } = await import('papaparse');
    const { data } = Papa.parse<string[]>(readPlainFile(csv).toString('latin1').trim());
    const column = data[0].indexOf('close');
    return sized(
      Float64Array.from(data.slice(1), (row) => Number(row[column])),
      csv,
    );
  },
  rawClose: ({ raw }: HostFiles): number => sized(rawColumn(raw.close), raw.close),
  gzipClose({ gzip }: { gzip: string }): number {
    const bytes = gunzipSync(readPlainFile(gzip));
    return sized(new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8), gzip);
  },
  async datasetClose({ directory, symbol }: { directory: string; symbol: string }): Promise<number> {
    const { openDataset } = await import('atc-memory');
    const dataset = await openDataset(directory);
    const size = sized(dataset.table(symbol).column('close'), directory);
    dataset.close();
    return size;
  },
  /** Microseconds of one day, the median. */
  async datasetDays({ directory, symbol, count }: { directory: string; symbol: string; count: number }) {
    const { openDataset } = await import('atc-memory');
    const dataset = await openDataset(directory);
    const table = dataset.table(symbol);
    const times = table.column('timestamp');
    const [first, last] = [Number(times[0]), Number(times[times.length - 1])];
    const random = randomNumbers(5);
    const took: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const from = first + Math.floor(random() * Math.max(1, last - first - DAY_MS));
      const started = performance.now();
      let sum = 0;
      for (const block of table.range(from, from + DAY_MS).blocks(table.columns)) sum += block.length;
      took.push((performance.now() - started) * 1000);
      if (Number.isNaN(sum)) throw new Error('no rows');
    }
    dataset.close();
    return measureOf(took).median;
  },
};

/** Every value is looked at, so that a map has really been read. */
function sized(values: ArrayLike<number | bigint>, file: string): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Number(values[i]);
  if (Number.isNaN(sum)) throw new Error(`${file} holds NaN`);
  return diskUsage(file).byteLength;
}
