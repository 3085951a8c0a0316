/** Equity curves of the best trials, and trials as Parquet. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parquetReadObjects } from 'hyparquet';
import { trialsFile } from '../../src/cli/trials-file.js';
import { readSweep, type SweepOptions, sweep } from '../../src/sweep/index.js';
import { useWorkspace } from '../io/workspace.js';
import { crossingSweep, sourceOf } from './histories.js';

const workspace = useWorkspace();
let count = 0;
const fresh = () => workspace.at(`curves-${count++}`);
const source = sourceOf(2, 400);
const base: SweepOptions = {
  source,
  strategy: crossingSweep,
  space: {
    fast: { type: 'int', from: 2, to: 4 },
    invert: { type: 'categorical', values: [false, true] },
    slow: { type: 'int', from: 9, to: 12, when: { invert: [true] } },
    name: { type: 'categorical', values: ['a', 'b'] },
  },
  objective: 'totalReturn',
  fee: 0.001,
};

test('the curves of the best trials end where their figures do, and are read back without the history', async () => {
  const directory = fresh();
  const result = await sweep({ ...base, directory, curves: 3 });
  const best = result.ranked(3);
  for (const one of [result, await readSweep(directory)]) {
    for (const { number, figures } of best) {
      const curves = (await one.curves(number))!;
      expect(curves.map(({ symbol }) => symbol)).toEqual(['S0', 'S1']);
      for (const [k, { times, equity }] of curves.entries()) {
        expect(times).toEqual(source[k].columns.timestamp);
        expect(equity.length).toBe(times.length);
      }
      const ends = curves.map(({ equity }) => equity[equity.length - 1] - 1);
      expect((ends[0] + ends[1]) / 2).toBe(figures.totalReturn);
    }
    expect(await one.curves(result.ranked()[5].number)).toBeUndefined();
  }
  const files = readdirSync(`${directory}/curves`);
  rmSync(`${directory}/curves/${files[0]}`);
  // What is there stays; more of them may be asked for later.
  await sweep({ ...base, directory, curves: 'all' });
  expect(readdirSync(`${directory}/curves`).length).toBe(result.length);
  await expect(sweep({ ...base, curves: 2 })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'curves' });
  await expect(sweep({ ...base, directory, curves: -1 })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'curves' });
});

test('a curve is flat where the strategy needs more rows than there are', async () => {
  const directory = fresh();
  const short = { ...base, source: sourceOf(1, 5), space: { slow: { type: 'int', from: 6, to: 7 } } as const };
  const result = await sweep({ ...short, directory, curves: 'all' });
  expect([...(await result.curves(0))![0].equity]).toEqual([1, 1, 1, 1, 1]);
});

test('trials as Parquet have the bits of the study, and null where a parameter does not apply', async () => {
  const result = await sweep(base);
  const file = `${fresh()}.parquet`;
  writeFileSync(file, await trialsFile(file, result));
  const bytes = readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file: buffer });
  expect(rows.length).toBe(result.length);
  for (const [number, row] of rows.entries()) {
    const { id, parameters, figures } = result.trial(number);
    expect(row).toMatchObject({ trial: number, id, slow: null, ...parameters });
    for (const [name, value] of Object.entries(figures)) expect(Object.is(row[name], value ?? Number.NaN)).toBe(true);
  }
});
