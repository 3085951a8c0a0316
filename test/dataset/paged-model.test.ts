/**
 * The same changes to a dataset with all entries in its catalogue and to one with so many more symbols that it has
 * pages and files that frames share: the symbols of both have the same rows, spans and identity, whatever the changes were.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { decodeBrief } from '../../src/dataset/brief-reader.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { type DatasetLayout, type DirectoryDataset, openDataset, writeDataset } from '../../src/index.js';
import { bitsOf } from './history-files.js';

const RUNS = Number(process.env.ATC_MODEL_RUNS ?? 8);
const SEED = Number(process.env.ATC_MODEL_SEED ?? 5);
const MINUTE_MS = 60_000;
const OTHERS = 70;
const options = { durability: 'process' } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-paged-model-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const columnsOf = (first: number, rows: number, price: number) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (first + k) * MINUTE_MS),
  close: Float64Array.from({ length: rows }, (_, k) => price + (first + k) / 8),
});

interface Change {
  readonly name: string;
  readonly run: (dataset: DirectoryDataset, step: number) => Promise<unknown>;
}
/** Rows behind the last one, if there is one. */
const nextRow = (dataset: DirectoryDataset, symbol: string) =>
  Math.round((dataset.entry(symbol)?.lastMs ?? -MINUTE_MS) / MINUTE_MS) + 1;

const symbols = fc.constantFrom('A', 'B', 'C', 'new 1', 'new/2');
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ symbol: symbols, rows: fc.integer({ min: 1, max: 12 }) }).map(
    ({ symbol, rows }): Change => ({
      name: `append ${rows} to ${symbol}`,
      run: (dataset, step) => dataset.append(symbol, columnsOf(nextRow(dataset, symbol), rows, step), options),
    }),
  ),
  fc.record({ symbol: symbols, first: fc.integer({ min: 0, max: 30 }), rows: fc.integer({ min: 1, max: 20 }) }).map(
    ({ symbol, first, rows }): Change => ({
      name: `upsert ${rows} from ${first} of ${symbol}`,
      run: (dataset, step) => dataset.upsert(symbol, columnsOf(first, rows, step), options),
    }),
  ),
  fc.record({ symbol: fc.constantFrom('A', 'B', 'C'), at: fc.integer({ min: 100, max: 200 }) }).map(
    (of): Change => ({
      name: `mark ${of.at} of ${of.symbol}`,
      run: (dataset) => dataset.markEmpty(of.symbol, [[of.at * MINUTE_MS, (of.at + 5) * MINUTE_MS]], options),
    }),
  ),
  fc.constant({ name: 'compact', run: (dataset: DirectoryDataset) => dataset.compact(options) }),
  fc.constant({
    name: 'name a version',
    run: (dataset: DirectoryDataset, step: number) => dataset.snapshot(`v${step}`),
  }),
  fc.constant({
    name: 'delete the first version',
    run: async (dataset: DirectoryDataset) => {
      const [first] = await dataset.snapshots();
      if (first?.name !== undefined) await dataset.deleteSnapshot(first.name);
    },
  }),
);

/** What a reader sees of the symbols that both have. */
function contentOf(dataset: DirectoryDataset) {
  return dataset.symbols
    .filter((symbol) => !symbol.startsWith('other'))
    .map((symbol) => {
      const table = dataset.table(symbol);
      const { rows, firstMs, lastMs, empty } = dataset.entry(symbol)!;
      const bits = table.columns.map((name) => [name, bitsOf(table.column(name))]);
      return { symbol, length: table.length, rows, firstMs, lastMs, empty, bits };
    });
}

/** The short form says of these symbols what the catalogue says, where it is there. */
function expectBrief(dataset: DirectoryDataset): void {
  const brief = decodeBrief(readFileSync(path.join(dataset.directory, 'catalogue.brief')));
  expect([brief?.generation, brief?.symbols.map(({ symbol }) => symbol)]).toEqual([
    dataset.generation,
    dataset.symbols,
  ]);
  for (const { segments, ...said } of brief!.symbols) {
    const { segments: known, empty: _, ...entry } = dataset.entry(said.symbol)!;
    expect(said).toEqual(entry);
    expect(segments).toEqual(
      known.map(({ crc32c: _crc, check, start = 0, ...one }) => ({
        ...one,
        ...(start > 0 && { start }),
        // The checksums of an index stand for that of the frame.
        ...(one.index === undefined && { check }),
      })),
    );
  }
}

test.each<DatasetLayout>(['packed', 'mapped'])(
  '%s: pages make no difference to what a dataset holds',
  async (layout) => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 8 }), async (steps) => {
        const common = ['A', 'B', 'C'].map((symbol, k) => ({ symbol, columns: columnsOf(k, 20, k) }));
        const others = Array.from({ length: OTHERS }, (_, k) => ({
          symbol: `other ${k}`,
          columns: columnsOf(0, 2, k),
        }));
        const build = (name: string, source: typeof common) =>
          writeDataset(path.join(folder, `${name} ${count}`), source, { ...options, layout });
        const inline = await build('inline', common);
        const paged = await build('paged', [common[0], ...others, ...common.slice(1)]);
        count += 1;
        for (const [step, { run }] of steps.entries()) {
          for (const dataset of [inline, paged]) await run(dataset, step);
        }
        expect(contentOf(paged)).toEqual(contentOf(inline));
        for (const dataset of [inline, paged]) {
          expectBrief(dataset);
          const { directory } = dataset;
          const versions = (await dataset.snapshots()).map(({ name }) => name);
          const content = contentOf(dataset);
          dataset.close();
          const again = await openDataset(directory);
          expect(contentOf(again)).toEqual(content);
          again.close();
          await verifyDataset(directory);
          for (const name of versions) (await openDataset(directory, { asOf: name })).close();
        }
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  },
);
