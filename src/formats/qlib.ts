/**
 * qlib's data as it lies: `features/<symbol>/<field>.<freq>.bin`, float32 in little-endian order, of which the first is
 * the index in `calendars/<freq>.txt` that the values begin at
 * (https://qlib.readthedocs.io/en/latest/component/data.html).
 */
import path from 'node:path';
import { entryNames } from '../io/directory-entries.js';
import { isPresent } from '../io/json-file.js';
import { readPlainFile } from '../io/plain-files.js';
import type { CellBatch } from './cell-column.js';
import { fileDamage } from './damage.js';
import type { Format, SourceFile } from './format.js';
import { readColumns } from './table/read-columns.js';

const ROWS_PER_BATCH = 8192;
const FIELD = /^(.+)\.([0-9a-z]+)\.bin$/;

const QLIB: Format = {
  name: 'qlib',
  title: 'qlib features',
  url: 'https://qlib.readthedocs.io/en/latest/component/data.html',
  matches: () => false,
  isBinary: true,
  load: async () => (file, context) => readColumns(file, context, readFeatures(file.path, freqOf(file.name))),
};

/** The folder of features that a file belongs to, as one file of each frequency; undefined for any other file. */
export function featuresOf(given: string): SourceFile | undefined {
  const full = path.resolve(given);
  const freq = FIELD.exec(path.basename(full))?.[2];
  const folder = path.dirname(given);
  if (freq === undefined || path.basename(path.dirname(path.dirname(full))) !== 'features') return undefined;
  if (!isPresent(calendarOf(folder, freq))) return undefined;
  const symbol = path.basename(path.dirname(full)).toUpperCase();
  return {
    path: folder,
    name: `${symbol}.${freq}`,
    folders: ['features'],
    depth: 0,
    head: new Uint8Array(0),
    format: QLIB,
    bytes: async function* () {},
  };
}

/** Lists that stand beside the features: no market data. */
export function isBesideFeatures(given: string): boolean {
  const folder = path.dirname(path.resolve(given));
  return /^(calendars|instruments)$/.test(path.basename(folder)) && isPresent(path.join(folder, '..', 'features'));
}

function calendarOf(folder: string, freq: string): string {
  return path.join(folder, '..', '..', 'calendars', `${freq}.txt`);
}

function freqOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

interface Feature {
  readonly title: string;
  /** Index in the calendar of its first value. */
  readonly start: number;
  readonly values: Float32Array;
}

async function* readFeatures(folder: string, freq: string): AsyncGenerator<CellBatch> {
  const times = linesOf(calendarOf(folder, freq));
  const features = featureFiles(folder, freq).map((file) => readFeature(file, times.length));
  const from = Math.min(...features.map(({ start }) => start));
  const to = Math.max(...features.map(({ start, values }) => start + values.length));
  for (let at = from; at < to; at += ROWS_PER_BATCH) {
    const rows = Math.min(ROWS_PER_BATCH, to - at);
    const numbers = features.map(({ title, start, values }) => ({
      kind: 'number' as const,
      title,
      values: Float64Array.from({ length: rows }, (_, row) => values[at + row - start] ?? Number.NaN),
    }));
    const date = { kind: 'text' as const, title: 'date', values: times.slice(at, at + rows) };
    yield { firstRow: at - from, rows, columns: [date, ...numbers] };
  }
}

function linesOf(file: string): string[] {
  return readPlainFile(file)
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

function featureFiles(folder: string, freq: string): string[] {
  const names = entryNames(folder).files.filter((name) => FIELD.exec(name)?.[2] === freq);
  return names.sort().map((name) => path.join(folder, name));
}

function readFeature(file: string, calendarLength: number): Feature {
  const bytes = readPlainFile(file);
  const damage = (what: string) => fileDamage({ path: file }, what);
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw damage(`${bytes.length} bytes are no float32 values of qlib`);
  // A copy begins where a float32 may begin.
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const [start] = all;
  const values = all.subarray(1);
  if (!Number.isInteger(start) || start < 0 || start + values.length > calendarLength) {
    const what =
      `its ${values.length} values from index ${start} are not within the calendar, which has ${calendarLength} ` +
      'times';
    throw damage(`${what}; the calendar belongs to another folder, or the file is damaged`);
  }
  const title = FIELD.exec(path.basename(file))![1];
  return { title, start, values };
}
