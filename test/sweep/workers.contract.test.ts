/** Sweeps on worker threads: the study of one thread, over a dataset on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDataset } from 'atc-memory';
import { atcStrategy, atcSweep } from 'atc-memory/atc';
import { sweep } from 'atc-memory/sweep';

// Worker threads run compiled files; over the sources the same studies use one thread.
const compiled = atcStrategy().reference!.module.includes('/dist/');
if (!compiled) console.warn('worker threads are tested in the projects dist-esm and dist-cjs; here one thread is used');

const folder = mkdtempSync(path.join(tmpdir(), 'atc-sweep-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closes = (seed: number) =>
  Float64Array.from({ length: 1500 }, (_, row) => 100 + 20 * Math.sin(row / (7 + seed)) + (row % 13));

test('two threads have the trials and the report of one', async () => {
  const directory = path.join(folder, 'history');
  const timestamp = Float64Array.from({ length: 1500 }, (_, row) => row * 86_400_000);
  const source = ['A', 'B'].map((symbol, k) => ({ symbol, columns: { timestamp, close: closes(k) } }));
  (await writeDataset(directory, source)).close();
  const options = {
    source: directory,
    strategy: atcSweep({ lambda: 0.05 }),
    space: {
      emaLength: { type: 'int', from: 8, to: 20, step: 4 },
      kamaLength: { type: 'int', from: 8, to: 16, step: 4 },
      cutout: { type: 'categorical', values: [0, 2000] },
    },
    objective: 'sharpe',
    holdout: 0.2,
  } as const;
  const one = await sweep(options);
  const two = await sweep({ ...options, workers: compiled ? 2 : 1 });
  expect(two.table).toEqual(one.table);
  expect(two.report).toEqual(one.report);
  // Trials whose cutout is longer than the history have no figures.
  expect(one.trial(1).figures.sharpe).toBeNull();
  const abort = new AbortController();
  const stopped = sweep({ ...options, workers: compiled ? 2 : 1, signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(stopped).rejects.toThrow('enough');
});

test('workers that cannot be used are refused with the reason', async () => {
  const source = { symbol: 'A', columns: { timestamp: closes(0).map((_, row) => row * 1000), close: closes(1) } };
  const space = { emaLength: { type: 'int', from: 20, to: 21 } } as const;
  await expect(sweep({ source, strategy: atcSweep(), space, objective: 'sharpe', workers: 2 })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('the history is in memory'),
  });
});
