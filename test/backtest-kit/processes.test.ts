/** Several processes on one series: what is acknowledged stays, whoever is killed, and all see the same candles. */
import { readdirSync } from 'node:fs';
import { openCandleStore } from 'atc-memory';
import { startChild } from '../io/child.js';
import { useWorkspace } from '../io/workspace.js';
import { acknowledged, candleWriter, SERIES } from './candle-writer.js';
import { MINUTE, START } from './candles.js';

const { at } = useWorkspace();
test('two processes write the same candles: each timestamp has one, for both, from its first acknowledgement on', async () => {
  const directory = at('two');
  const [a, b] = [
    startChild(candleWriter({ directory, tag: 1, rows: 600, pace: 3, sealRows: 50 })),
    startChild(candleWriter({ directory, tag: 2, rows: 600, pace: 2, sealRows: 50, order: 'down' })),
  ];
  const seen = await Promise.all([acknowledged(a), acknowledged(b)]);
  for (const child of [a, b]) expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
  const candles = openCandleStore(directory).series(SERIES).read(START, MINUTE, 600);
  const closes = candles?.map(({ close }) => close) ?? [];
  for (const one of seen) {
    expect(one.size).toBe(600);
    expect([...one].filter(([row, close]) => closes[row] !== close)).toEqual([]);
  }
  expect(new Set(closes)).toEqual(new Set([1, 2]));
});

test.each([1, 2, 3, 4, 5, 6])('kill -9 while it writes, seals and merges (%i)', async (round) => {
  const directory = at(`killed-${round}`);
  const child = startChild(candleWriter({ directory, tag: 1, rows: 4000, pace: 1, sealRows: 4 }));
  const seen = await acknowledged(child, (count) => {
    if (count === 20 + round * 37) child.process.kill('SIGKILL');
  });
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(seen.size).toBeGreaterThanOrEqual(20 + round * 37);
  const series = openCandleStore(directory, { sealRows: 4 }).series(SERIES);
  const rows = [...seen.keys()].sort((x, y) => x - y);
  expect(rows.filter((row) => series.read(START + row * MINUTE, MINUTE, 1)?.[0].open !== row)).toEqual([]);
  // Whatever the dead one was in the middle of, the next writer goes on, and clears up.
  const next = startChild(candleWriter({ directory, tag: 2, rows: seen.size + 20, pace: 1, sealRows: 4 }));
  const after = await acknowledged(next);
  expect(await next.ended).toMatchObject({ code: 0, stderr: '' });
  expect(rows.filter((row) => after.get(row) !== 1)).toEqual([]);
  expect(after.get(seen.size + 10)).toBe(2);
  expect(readdirSync(series.directory).filter((name) => name.includes('atc-tmp') || name === 'damaged.atcs')).toEqual(
    [],
  );
  expect(series.read(START, MINUTE, seen.size + 20)).toHaveLength(seen.size + 20);
});
