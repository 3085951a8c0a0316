/**
 * Files of an open dataset disturbed by a stranger, at random, in every layout and through every backend (by hand:
 * ATC_DISTURBED=1000 ATC_DISTURBED_SEED=<seed>). What is read afterwards is the old numbers or a clear error, never
 * others.
 */
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import type { Columns } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { listBackends } from '../../src/io/select-backend.js';
import type { CandleTable } from '../../src/table.js';
import { bitsOf, candleColumns } from './history-files.js';

const ROUNDS = Number(process.env.ATC_DISTURBED ?? 60);
const SEED = Number(process.env.ATC_DISTURBED_SEED ?? 7);
const ROWS = 3000;

let state = SEED;
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-disturbed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DISTURBANCES: Record<string, (file: string) => void> = {
  replaced(file) {
    const other = path.join(folder, 'other');
    writeFileSync(other, new Uint8Array(random(60_000)).fill(255));
    renameSync(other, file);
  },
  deleted: (file) => rmSync(file),
  unreadable: (file) => chmodSync(file, 0),
  grown: (file) => appendFileSync(file, new Uint8Array(9000).fill(255)),
  truncated: (file) => truncateSync(file, random(20_000)),
};

/**
 * Some rows in one of the three ways of reading; compared at once, so that no map is touched after the next
 * disturbance.
 */
function readSome(table: CandleTable, expected: Columns): 'old numbers' | 'error' {
  const name = table.columns[random(table.columns.length)];
  const from = random(ROWS);
  const to = from + random(ROWS - from);
  const wanted = bitsOf(expected[name].slice(from, to));
  try {
    const way = random(3);
    if (way === 0) {
      const parts = [...table.blocks([name], { from, to })].map(({ columns }) => bitsOf(columns[name]));
      expect(parts.join('')).toBe(wanted);
    } else if (way === 1) {
      expect(bitsOf(table.column(name).slice(from, to))).toBe(wanted);
    } else {
      const times = expected.timestamp as Float64Array;
      const range = table.range(times[from], to === ROWS ? Number.POSITIVE_INFINITY : times[to]);
      expect(bitsOf(range.column(name).slice())).toBe(wanted);
    }
    return 'old numbers';
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT') && !isAtcError(error, 'IO')) throw error;
    expect(error.path).toContain(folder);
    return 'error';
  }
}

for (const { name: backend, available, reason } of listBackends()) {
  if (!available) console.warn(`datasets disturbed under ${backend} are not tested here: ${reason}`);
  for (const layout of ['mapped', 'packed'] as const) {
    (available ? it : it.skip)(`${layout}, ${backend}: old numbers or a clear error, ${ROUNDS} times`, async () => {
      const kinds = Object.keys(DISTURBANCES);
      const outcomes = new Map<string, number>();
      const columns = candleColumns(ROWS);
      for (let round = 0; round < ROUNDS; round += 1) {
        const directory = path.join(folder, `${layout}-${backend}-${round}`);
        (await writeDataset(directory, { symbol: 'A', columns }, { layout, level: 1, durability: 'process' })).close();
        const dataset = await openDataset(directory, { backend, mapPacked: true });
        const table = dataset.table('A');
        // The handles are open: what is disturbed before that is another file, not the one that was opened.
        for (const name of table.columns) table.column(name);
        const files = readdirSync(directory, { recursive: true })
          .map((name) => path.join(directory, String(name)))
          .filter((file) => /\.(npy|atc|json)$/.test(file));
        const kind = kinds[random(kinds.length)];
        DISTURBANCES[kind](files[random(files.length)]);
        for (let read = 0; read < 4; read += 1) {
          const key = `${kind}: ${readSome(table, columns)}`;
          outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
        }
        dataset.close();
        rmSync(directory, { recursive: true, force: true });
      }
      for (const kind of kinds) {
        if (kind !== 'truncated') expect(outcomes.get(`${kind}: error`) ?? 0).toBe(0);
        expect(outcomes.get(`${kind}: old numbers`)).toBeGreaterThan(0);
      }
      if (process.env.ATC_DISTURBED)
        console.info(`${layout}, ${backend}, seed ${SEED}: ${JSON.stringify([...outcomes])}`);
    });
  }
}
