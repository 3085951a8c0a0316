/**
 * A dataset on disk through several handles against plain maps of rows: random sequences of commands, shortened to the
 * ones that matter when they disagree. By hand:
 *     ATC_COMMANDS_RUNS=500 ATC_COMMANDS_SEED=7 npx jest test/dataset/commands
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { writeDataset } from '../../src/dataset/dataset.js';
import type { DirectoryDataset } from '../../src/dataset/directory-dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import type { DatasetLayout } from '../../src/table.js';

const RUNS = Number(process.env.ATC_COMMANDS_RUNS ?? 8);
const SEED = Number(process.env.ATC_COMMANDS_SEED ?? 41);
const STEP_MS = 60_000;
const HANDLES = 3;

type Rows = ReadonlyMap<number, number>;
type Content = ReadonlyMap<string, Rows>;

interface Model {
  /** On the disk. */
  content: Content;
  /** What each handle shows: the content at its opening, its last change or refresh. */
  readonly shown: Content[];
}

interface Real {
  readonly directory: string;
  readonly handles: DirectoryDataset[];
}

function columnsOf(rows: Rows) {
  const times = [...rows.keys()].sort((a, b) => a - b);
  return { timestamp: Float64Array.from(times), close: Float64Array.from(times, (ms) => rows.get(ms)!) };
}

const bits = (values: Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');

function expectRows(dataset: DirectoryDataset, symbol: string, rows: Rows, fromMs: number, toMs: number) {
  const table = dataset.table(symbol).range(fromMs, toMs);
  const expected = columnsOf(new Map([...rows].filter(([ms]) => ms >= fromMs && ms < toMs)));
  for (const name of ['timestamp', 'close'] as const) {
    const found = (table.column(name) as Float64Array).slice();
    expect(bits(found)).toBe(bits(expected[name]));
  }
}

function expectContent(dataset: DirectoryDataset, content: Content) {
  expect([...dataset.symbols]).toEqual([...content.keys()]);
  for (const [symbol, rows] of content) expectRows(dataset, symbol, rows, -Infinity, Infinity);
}

type Command = fc.AsyncCommand<Model, Real>;
type Act = (model: Model, real: Real) => Promise<void> | void;

function command(text: string, run: Act): Command {
  return { check: () => true, run: async (model, real) => run(model, real), toString: () => text };
}

/** A change through one handle: that handle shows it, the others what they have shown before. */
function changed(model: Model, handle: number, symbol: string, rows: Rows) {
  model.content = new Map([...model.content, [symbol, rows]]);
  model.shown[handle] = model.content;
}

const handle = fc.nat(HANDLES - 1);
const symbol = fc.constantFrom('A', 'B', 'c/d');
const price = fc.oneof(fc.double({ noInteger: false }), fc.constantFrom(-0, Number.NaN, 5e-324, Infinity));
const closes = fc.array(price, { minLength: 1, maxLength: 12 });
const slot = fc.nat(60);

const commands = [
  fc.tuple(handle, symbol, slot, closes).map(([h, name, gap, values]) =>
    command(`append(${h}, ${name}, +${gap}, ${values})`, async (model, { handles }) => {
      const rows = model.content.get(name) ?? new Map();
      const first = Math.max(-STEP_MS, ...rows.keys()) + STEP_MS * (1 + gap);
      const added = new Map(values.map((close, k) => [first + k * STEP_MS, close]));
      await handles[h].append(name, columnsOf(added));
      changed(model, h, name, new Map([...rows, ...added]));
    }),
  ),
  fc.tuple(handle, symbol, slot, closes).map(([h, name, at, values]) =>
    command(`upsert(${h}, ${name}, ${at}, ${values})`, async (model, { handles }) => {
      const given = new Map(values.map((close, k) => [(at + 2 * k) * STEP_MS, close]));
      await handles[h].upsert(name, columnsOf(given));
      changed(model, h, name, new Map([...(model.content.get(name) ?? []), ...given]));
    }),
  ),
  fc.tuple(handle, symbol).map(([h, name]) =>
    command(`append too early(${h}, ${name})`, async (model, { handles }) => {
      const rows = model.content.get(name);
      if (rows === undefined) return;
      const early = { timestamp: Float64Array.of(Math.max(...rows.keys())), close: Float64Array.of(1) };
      await expect(handles[h].append(name, early)).rejects.toMatchObject({ name: 'AtcError' });
      handles[h].refresh();
      model.shown[h] = model.content;
    }),
  ),
  handle.map((h) =>
    command(`compact(${h})`, async (model, { handles }) => {
      await handles[h].compact();
      model.shown[h] = model.content;
    }),
  ),
  handle.map((h) =>
    command(`reopen(${h})`, async (model, { directory, handles }) => {
      handles[h].close();
      handles[h] = await openDataset(directory);
      model.shown[h] = model.content;
    }),
  ),
  handle.map((h) =>
    command(`refresh(${h})`, (model, { handles }) => {
      handles[h].refresh();
      model.shown[h] = model.content;
    }),
  ),
  fc.tuple(handle, symbol, slot, slot).map(([h, name, from, length]) =>
    command(`range(${h}, ${name}, ${from}, ${length})`, (model, { handles }) => {
      const rows = model.shown[h].get(name);
      if (rows === undefined) return expect(() => handles[h].table(name)).toThrow(/has no symbol/);
      expectRows(handles[h], name, rows, from * STEP_MS - 1, (from + length) * STEP_MS);
    }),
  ),
  fc.tuple(handle, symbol).map(([h, name]) =>
    command(`gaps(${h}, ${name})`, (model, { handles }) => {
      const rows = model.shown[h].get(name);
      if (rows === undefined) return;
      const times = [...rows.keys()];
      const slots = (Math.max(...times) - Math.min(...times)) / STEP_MS + 1;
      expect(handles[h].gaps(name, { stepMs: STEP_MS }).missing).toBe(slots - rows.size);
    }),
  ),
];

test.each<DatasetLayout>(['packed', 'mapped'])(
  '%s: handles show the rows of plain maps after any sequence of changes, refreshes and reopenings',
  async (layout) => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 25 }), async (sequence) => {
        const folder = mkdtempSync(path.join(tmpdir(), 'atc-commands-'));
        const directory = path.join(folder, 'd');
        const handles: DirectoryDataset[] = [];
        try {
          const first = new Map([
            [0, 1],
            [STEP_MS, 2],
          ]);
          const source = { symbol: 'A', columns: columnsOf(first) };
          handles.push(await writeDataset(directory, source, { layout, durability: 'process', maxSegmentBytes: 4500 }));
          while (handles.length < HANDLES) handles.push(await openDataset(directory));
          const content: Content = new Map([['A', first]]);
          const model: Model = { content, shown: handles.map(() => content) };
          await fc.asyncModelRun(() => ({ model, real: { directory, handles } }), sequence);
          for (const [h, shown] of model.shown.entries()) expectContent(handles[h], shown);
          handles.push(await openDataset(directory));
          expectContent(handles[HANDLES], model.content);
        } finally {
          for (const one of handles) one.close();
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
  Math.max(60_000, RUNS * 5000),
);
