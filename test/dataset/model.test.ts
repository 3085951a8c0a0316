/**
 * Append, upsert, compaction, range and gaps of a dataset on disk against a Map of rows, over random operations with a
 * seed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDataset } from '../../src/dataset/dataset.js';
import type { DirectoryDataset } from '../../src/dataset/directory-dataset.js';
import type { DatasetLayout } from '../../src/table.js';

/** Operations of one run; a campaign by hand sets more: ATC_MODEL_STEPS=2000 ATC_MODEL_SEED=5. */
const STEPS = Number(process.env.ATC_MODEL_STEPS ?? 60);
const SEED = Number(process.env.ATC_MODEL_SEED ?? 288);
const STEP_MS = 60_000;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-model-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Rows = Map<number, readonly [close: number, volume: number]>;

function randomOf(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { below: (count: number) => Math.floor(next() * count), chance: (share: number) => next() < share };
}

function columnsOf(rows: Rows) {
  const times = [...rows.keys()].sort((a, b) => a - b);
  return {
    timestamp: Float64Array.from(times),
    close: Float64Array.from(times, (ms) => rows.get(ms)![0]),
    volume: Float64Array.from(times, (ms) => rows.get(ms)![1]),
  };
}

function expectSame(
  dataset: DirectoryDataset,
  symbol: string,
  rows: Rows,
  fromMs = Number.NEGATIVE_INFINITY,
  toMs = Number.POSITIVE_INFINITY,
) {
  const table = dataset.table(symbol).range(fromMs, toMs);
  const kept = new Map([...rows].filter(([ms]) => ms >= fromMs && ms < toMs));
  const expected = columnsOf(kept);
  for (const [name, values] of Object.entries(expected)) {
    expect(Buffer.from(table.column(name).slice().buffer)).toEqual(Buffer.from(values.buffer));
  }
  const read = [...table.blocks(['close'])].flatMap(({ columns }) => [...columns.close]);
  expect(read).toEqual([...expected.close]);
}

/** Times on the grid between the first and the last row that are not there, in or out of the known-empty spans. */
function countMissing(rows: Rows, empty: readonly (readonly [number, number])[]) {
  const times = [...rows.keys()].sort((a, b) => a - b);
  const counts = { missing: 0, empty: 0 };
  for (let ms = times[0]; ms < times[times.length - 1]; ms += STEP_MS) {
    if (rows.has(ms)) continue;
    counts[empty.some(([from, to]) => ms >= from && ms < to) ? 'empty' : 'missing'] += 1;
  }
  return counts;
}

test.each<DatasetLayout>(['mapped', 'packed'])(
  '%s: random operations leave what a map of rows holds',
  async (layout) => {
    const random = randomOf(SEED + (layout === 'mapped' ? 0 : 1));
    const model = new Map<string, Rows>();
    const empty = new Map<string, [number, number][]>();
    const rowsFrom = (start: number, count: number): Rows =>
      new Map(
        Array.from({ length: count }, (_, k) => [
          start + (k + (random.chance(0.1) ? 0.25 : 0)) * STEP_MS,
          [random.chance(0.05) ? Number.NaN : random.below(1e6) / 100, random.chance(0.1) ? -0 : random.below(1000)],
        ]),
      );
    const onGrid = (rows: Rows): Rows =>
      new Map([...rows].map(([ms, row]) => [Math.floor(ms / STEP_MS) * STEP_MS, row]));
    const first = onGrid(rowsFrom(0, 50));
    model.set('A', first);
    const dataset = await writeDataset(
      path.join(folder, 'out'),
      { symbol: 'A', columns: columnsOf(first) },
      { layout, maxSegmentBytes: 4000 },
    );
    const old: { table: ReturnType<DirectoryDataset['table']>; rows: Rows }[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      const symbol = random.chance(0.7) ? 'A' : `S${random.below(3)}`;
      const rows = model.get(symbol) ?? new Map();
      const last = Math.max(-STEP_MS, ...rows.keys());
      const kind = random.below(6);
      if (kind <= 1 || !model.has(symbol)) {
        const added = onGrid(rowsFrom(last + STEP_MS * (1 + random.below(20)), 1 + random.below(40)));
        await dataset.append(symbol, columnsOf(added));
        model.set(symbol, new Map([...rows, ...added]));
      } else if (kind === 2) {
        const changed = onGrid(rowsFrom(random.below(last / STEP_MS + 5) * STEP_MS, 1 + random.below(10)));
        await dataset.upsert(symbol, columnsOf(changed));
        model.set(symbol, new Map([...rows, ...changed]));
      } else if (kind === 3) {
        // Not later than the last row: refused, and nothing changes.
        const refused = dataset.append(symbol, columnsOf(new Map([[last, [1, 1]]])));
        await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/ARGUMENT|CORRUPT/) });
      } else if (kind === 4) {
        old.push({ table: dataset.table(symbol), rows: new Map(rows) });
        await dataset.compact();
      } else {
        const from = random.below(last / STEP_MS + 2) * STEP_MS;
        const spans = empty.get(symbol) ?? [];
        spans.push([from, from + random.below(30) * STEP_MS]);
        empty.set(symbol, spans);
        await dataset.markEmpty(symbol, [spans[spans.length - 1]]);
      }
      const now = model.get(symbol)!;
      const a = random.below(200) * STEP_MS - random.below(3);
      expectSame(dataset, symbol, now, a, a + random.below(100) * STEP_MS);
      expect(dataset.gaps(symbol, { stepMs: STEP_MS })).toMatchObject(countMissing(now, empty.get(symbol) ?? []));
    }
    for (const [symbol, rows] of model) expectSame(dataset, symbol, rows);
    expect(old.length).toBeGreaterThan(0);
    for (const { table, rows } of old) {
      expect(Buffer.from(table.column('close').slice().buffer)).toEqual(Buffer.from(columnsOf(rows).close.buffer));
    }
    dataset.close();
  },
);
