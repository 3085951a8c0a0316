/**
 * Versions of a dataset against a map of rows: random changes through several handles, snapshots, deletions,
 * compactions, reopening. Longer by hand: ATC_MODEL_RUNS=500 ATC_MODEL_SEED=7 npx jest test/dataset/versions/model
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { pathsOf } from '../../../src/dataset/superseded.js';
import { type DatasetLayout, type DirectoryDataset, openDataset, writeDataset } from '../../../src/index.js';

const RUNS = Number(process.env.ATC_MODEL_RUNS ?? 25);
const SEED = Number(process.env.ATC_MODEL_SEED ?? 1);
const HANDLES = 3;
const STEP_MS = 60_000;

type Rows = ReadonlyMap<number, number>;
interface Model {
  /** By row number: its close. */
  rows: Map<number, number>;
  /** What each handle shows. */
  readonly shown: Rows[];
  readonly named: Map<string, Rows>;
  /** Generations that are retained without a name. */
  readonly retained: Map<number, Rows>;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-versions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function columnsOf(rows: Rows) {
  const order = [...rows.keys()].sort((a, b) => a - b);
  return {
    timestamp: Float64Array.from(order, (row) => row * STEP_MS),
    close: Float64Array.from(order, (row) => rows.get(row)!),
  };
}

function expectRows(dataset: DirectoryDataset, rows: Rows): void {
  const { timestamp, close } = columnsOf(rows);
  const table = dataset.table('A');
  expect(Buffer.from(table.column('timestamp').slice().buffer)).toEqual(Buffer.from(timestamp.buffer));
  expect(Buffer.from(table.column('close').slice().buffer)).toEqual(Buffer.from(close.buffer));
}

class Real {
  readonly handles: DirectoryDataset[] = [];
  constructor(readonly directory: string) {}

  async reopen(handle: number): Promise<void> {
    this.handles[handle]?.close();
    this.handles[handle] = await openDataset(this.directory);
  }

  async expectVersion(asOf: string | number, rows: Rows): Promise<void> {
    const dataset = await openDataset(this.directory, { asOf });
    expectRows(dataset, rows);
    dataset.close();
  }
}

type Command = fc.AsyncCommand<Model, Real>;
const always = () => true;

/** `keep` is given with a change: the generation before it is retained. */
function change(
  name: string,
  handle: number,
  keep: number | undefined,
  run: (real: DirectoryDataset, model: Model) => Promise<void>,
): Command {
  return {
    check: always,
    toString: () => `${name} by ${handle}, keep ${keep}`,
    async run(model, real) {
      const before = await openDataset(real.directory);
      const { generation } = before;
      before.close();
      const rows = new Map(model.rows);
      await run(real.handles[handle], model);
      const after = real.handles[handle].generation;
      if (keep !== undefined) {
        if (keep > 1 && after > generation) model.retained.set(after - 1, after === generation + 1 ? rows : model.rows);
        for (const old of [...model.retained.keys()]) if (old <= after - keep) model.retained.delete(old);
      }
      model.shown[handle] = new Map(model.rows);
      expectRows(real.handles[handle], model.rows);
      for (const [old, kept] of model.retained) await real.expectVersion(old, kept);
    },
  };
}

const handles = fc.nat(HANDLES - 1);
const keeps = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 });
const names = fc.constantFrom('q1', 'Q1', 'before-split', '2024-01-01', 'v1.2_a');
const values = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 30 });

const commands = [
  fc.tuple(handles, values, fc.nat(3), keeps).map(([handle, closes, gap, keep]) =>
    change(`append ${closes.length}`, handle, keep, async (dataset, model) => {
      const first = Math.max(...model.rows.keys()) + 1 + gap;
      const added = new Map(closes.map((close, k) => [first + k, close / 7] as const));
      await dataset.append('A', columnsOf(added), { keep, durability: 'process' });
      for (const [row, close] of added) model.rows.set(row, close);
    }),
  ),
  fc.tuple(handles, values, fc.nat(60), keeps).map(([handle, closes, from, keep]) =>
    change(`upsert ${closes.length} at ${from}`, handle, keep, async (dataset, model) => {
      const changed = new Map(closes.map((close, k) => [from + k, close / 3] as const));
      await dataset.upsert('A', columnsOf(changed), { keep, durability: 'process' });
      for (const [row, close] of changed) model.rows.set(row, close);
    }),
  ),
  fc
    .tuple(handles, keeps)
    .map(([handle, keep]) =>
      change('compact', handle, keep, (dataset) => dataset.compact({ keep, durability: 'process' })),
    ),
  fc.tuple(handles, names).map(
    ([handle, name]): Command => ({
      check: always,
      toString: () => `snapshot ${name} of what ${handle} shows`,
      async run(model, real) {
        const { generation } = real.handles[handle];
        const taken = [...model.named.keys()].find((one) => one.toLowerCase() === name.toLowerCase());
        const there = (await real.handles[handle].snapshots()).find((one) => one.name === taken);
        const attempt = real.handles[handle].snapshot(name);
        if (taken !== undefined && !(taken === name && there?.generation === generation)) {
          await expect(attempt).rejects.toMatchObject({ code: 'ARGUMENT' });
          return;
        }
        const rows = model.shown[handle];
        expect(await attempt).toMatchObject({ name, generation });
        expect(real.handles[handle].table('A').length).toBe(rows.size);
        model.named.set(name, rows);
        await real.expectVersion(name, rows);
      },
    }),
  ),
  fc.tuple(handles, names).map(
    ([handle, name]): Command => ({
      check: always,
      toString: () => `delete ${name} by ${handle}`,
      async run(model, real) {
        const attempt = real.handles[handle].deleteSnapshot(name);
        if (!model.named.delete(name)) {
          await expect(attempt).rejects.toMatchObject({ code: 'ARGUMENT' });
          return;
        }
        await attempt;
        await expect(openDataset(real.directory, { asOf: name })).rejects.toMatchObject({ code: 'ARGUMENT' });
      },
    }),
  ),
  handles.map(
    (handle): Command => ({
      check: always,
      toString: () => `reopen ${handle}`,
      async run(model, real) {
        await real.reopen(handle);
        model.shown[handle] = new Map(model.rows);
        for (const [name, rows] of model.named) await real.expectVersion(name, rows);
      },
    }),
  ),
];

/** Files below directories of segments. */
function segmentFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== directory)
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((name) => !name.startsWith('snapshots/'))
    .sort();
}

const isOf = (name: string, paths: readonly string[]) =>
  paths.some((one) => name === one || name.startsWith(`${one}/`));

/** With the others the catalogue is in pages, and short segments share files. */
const others = Array.from({ length: 70 }, (_, k) => ({ symbol: `S${k}`, columns: columnsOf(new Map([[k, k]])) }));

test.each<[DatasetLayout, string, typeof others]>([
  ['mapped', 'alone', []],
  ['packed', 'alone', []],
  ['packed', 'among many', others],
])(
  '%s, %s: versions keep their bits through changes and compactions, and give their space back',
  async (layout, _, beside) => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 25, size: 'max' }), async (some) => {
        const directory = path.join(folder, `set ${count++}`);
        const rows = new Map(Array.from({ length: 40 }, (_, row) => [row, row / 3] as const));
        const source = [...beside, { symbol: 'A', columns: columnsOf(rows) }];
        (await writeDataset(directory, source, { layout, durability: 'process', maxSegmentBytes: 200 })).close();
        const real = new Real(directory);
        for (let handle = 0; handle < HANDLES; handle += 1) await real.reopen(handle);
        const shown = Array.from({ length: HANDLES }, () => new Map(rows));
        const model: Model = { rows: new Map(rows), shown, named: new Map(), retained: new Map() };
        await fc.asyncModelRun(() => ({ model, real }), some);

        for (const [name, kept] of model.named) await real.expectVersion(name, kept);
        for (const handle of real.handles) handle.close();
        const last = await openDataset(directory);
        await last.compact({ durability: 'process' });
        // Nothing but what the current version and the others name.
        const there: string[] = [...pathsOf(last.catalogue)];
        for (const { generation } of await last.snapshots()) {
          const version = await openDataset(directory, { asOf: generation });
          there.push(...pathsOf(version.catalogue));
          version.close();
        }
        expect(segmentFiles(directory).filter((name) => !isOf(name, there))).toEqual([]);
        for (const [name, kept] of model.named) await real.expectVersion(name, kept);
        for (const name of model.named.keys()) await last.deleteSnapshot(name);
        await last.compact({ keep: 1, durability: 'process' });
        expect(await last.snapshots()).toEqual([]);
        expectRows(last, model.rows);
        last.close();
        expect(segmentFiles(directory).filter((name) => !isOf(name, pathsOf(last.catalogue)))).toEqual([]);
        rmSync(directory, { recursive: true });
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
  600_000,
);
