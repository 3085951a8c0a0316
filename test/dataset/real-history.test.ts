/**
 * Real market data, when it lies beside the project: every column of every file, through every way of keeping it, bit
 * by bit.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readDataset, writeDataset } from '../../src/dataset/dataset.js';
import { marketFiles, noteAbsence } from '../shared-data.js';
import { bitsOf } from './history-files.js';

const further = marketFiles();
const SOURCES = ['examples/data/sp500-2000.csv', ...further];
noteAbsence(further);

/** The file's own numbers, parsed without this package. */
function plainColumns(file: string): Map<string, Float64Array> {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd();
  const [head, ...lines] = text.split('\n').map((line) => line.split(','));
  return new Map(
    head.map((name, k) => [
      name === 'date' ? 'timestamp' : name,
      Float64Array.from(lines, (cells) => (name === 'date' ? Date.parse(cells[k]) : Number(cells[k]))),
    ]),
  );
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-real-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(SOURCES.map((file) => [path.basename(file), file]))(
  '%s',
  async (name, file) => {
    const expected = plainColumns(file);
    const ticks = expected.has('bid');
    const source = ticks
      ? { symbol: 'ticks', columns: Object.fromEntries([...expected].map(([column, values]) => [column, values])) }
      : file;
    const kept = [
      await readDataset(source),
      await writeDataset(path.join(folder, `${name}-mapped`), source, { layout: 'mapped' }),
      await writeDataset(path.join(folder, `${name}-packed`), source, { layout: 'packed' }),
      await writeDataset(path.join(folder, `${name}-zlib`), source, { layout: 'packed', algorithm: 'zlib', level: 1 }),
    ];
    for (const dataset of kept) {
      const table = dataset.table(dataset.symbols[0]);
      expect([...table.columns].sort()).toEqual([...expected.keys()].sort());
      for (const [column, values] of expected) expect(bitsOf(table.column(column)) === bitsOf(values)).toBe(true);
      dataset.close();
    }
  },
  600_000,
);
