/**
 * Several processes on one series: acknowledged candles stay, whichever process is killed, and all read the same
 * candles.
 */
import { readdirSync } from 'node:fs';
import { openCandleStore } from 'atc-memory';
import { startChild } from '../io/child.js';
import { useWorkspace } from '../io/workspace.js';
import { acknowledged, candleWriter, SERIES } from './candle-writer.js';
import { MINUTE, START } from './candles.js';

const { at } = useWorkspace();
test('of two processes that write the same candles, both read the one that was acknowledged first', async () => {
  const directory = at('two');
  const common = { directory, rows: 600, sealRows: 50, pauses: true };
  const children = [
    startChild(candleWriter({ ...common, tag: 1, pace: 3 })),
    startChild(candleWriter({ ...common, tag: 2, pace: 2, order: 'down' })),
  ];
  let started = 0;
  // From opposite ends, and none goes on before each has its first candles: both win somewhere, whatever the load.
  const letGo = (count: number) => {
    if (count === 1 && ++started === 2) for (const child of children) child.process.stdin?.write('go\n');
  };
  const seen = await Promise.all(children.map((child) => acknowledged(child, letGo)));
  for (const child of children) expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
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
  // More rows than it can write before the signal reaches it, however loaded the machine is.
  const child = startChild(candleWriter({ directory, tag: 1, rows: 200_000, pace: 1, sealRows: 4 }));
  const seen = await acknowledged(child, (count) => {
    if (count === 20 + round * 37) child.process.kill('SIGKILL');
  });
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(seen.size).toBeGreaterThanOrEqual(20 + round * 37);
  const series = openCandleStore(directory, { sealRows: 4 }).series(SERIES);
  const rows = [...seen.keys()].sort((x, y) => x - y);
  expect(rows.filter((row) => series.read(START + row * MINUTE, MINUTE, 1)?.[0].open !== row)).toEqual([]);
  // Whatever the dead one left unfinished, the next writer continues, and cleans up.
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
