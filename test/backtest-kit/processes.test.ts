/** Several processes on one series: what is acknowledged stays, whoever is killed, and all see the same candles. */
import { readdirSync } from 'node:fs';
import { openCandleStore } from 'atc-memory';
import { startChild } from '../io/child.js';
import { useWorkspace } from '../io/workspace.js';
import { MINUTE, START } from './candles.js';

const { at } = useWorkspace();
const NAME = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };

/**
 * Writes the candles at `rows[i]`, `pace` at a time, with its own number as the close; tells for each one that is
 * acknowledged which close the store has. Ends at the end, or when it is killed.
 */
const writer =
  (directory: string, tag: number, rows: number, pace: number, sealRows: number, step = 1) =>
  (dist: string) =>
    `
  import { openCandleStore } from ${JSON.stringify(`${dist}/index.js`)};
  import { writeSync } from 'node:fs';
  const series = openCandleStore(${JSON.stringify(directory)}, { sealRows: ${sealRows} }).series(${JSON.stringify(NAME)});
  const order = Array.from({ length: ${rows} }, (_, i) => i);
  if (${step} < 0) order.reverse();
  for (let i = 0; i < order.length; i += ${pace}) {
    const some = order.slice(i, i + ${pace}).map((row) => ({
      timestamp: ${START} + row * ${MINUTE}, open: row, high: row, low: row, close: ${tag}, volume: 1 }));
    series.write(some);
    const seen = some.map(({ timestamp }) => [(timestamp - ${START}) / ${MINUTE}, series.read(timestamp, 1, 1)[0].close]);
    writeSync(1, JSON.stringify(seen) + '\\n');
    if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  writeSync(1, 'done\\n');`;

async function acknowledged(child: ReturnType<typeof startChild>, onLine?: (count: number) => void) {
  const seen = new Map<number, number>();
  for (let count = 1; ; count++) {
    const line = await child.line().catch(() => 'done');
    if (line === 'done') return seen;
    for (const [row, close] of JSON.parse(line) as [number, number][]) seen.set(row, close);
    onLine?.(count);
  }
}

test('two processes write the same candles: each timestamp has one, for both, from its first acknowledgement on', async () => {
  const directory = at('two');
  const [a, b] = [startChild(writer(directory, 1, 600, 3, 50)), startChild(writer(directory, 2, 600, 2, 50, -1))];
  const seen = await Promise.all([acknowledged(a), acknowledged(b)]);
  for (const child of [a, b]) expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
  const candles = openCandleStore(directory).series(NAME).read(START, MINUTE, 600);
  const closes = candles?.map(({ close }) => close) ?? [];
  for (const one of seen) {
    expect(one.size).toBe(600);
    expect([...one].filter(([row, close]) => closes[row] !== close)).toEqual([]);
  }
  expect(new Set(closes)).toEqual(new Set([1, 2]));
});

test.each([1, 2, 3, 4, 5, 6])('kill -9 while it writes, seals and merges (%i)', async (round) => {
  const directory = at(`killed-${round}`);
  const child = startChild(writer(directory, 1, 4000, 1, 4));
  const seen = await acknowledged(child, (count) => {
    if (count === 20 + round * 37) child.process.kill('SIGKILL');
  });
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(seen.size).toBeGreaterThanOrEqual(20 + round * 37);
  const series = openCandleStore(directory, { sealRows: 4 }).series(NAME);
  const rows = [...seen.keys()].sort((x, y) => x - y);
  expect(rows.filter((row) => series.read(START + row * MINUTE, MINUTE, 1)?.[0].open !== row)).toEqual([]);
  // Whatever the dead one was in the middle of, the next writer goes on, and clears up.
  const next = startChild(writer(directory, 2, seen.size + 20, 1, 4));
  const after = await acknowledged(next);
  expect(await next.ended).toMatchObject({ code: 0, stderr: '' });
  expect(rows.filter((row) => after.get(row) !== 1)).toEqual([]);
  expect(after.get(seen.size + 10)).toBe(2);
  expect(readdirSync(series.directory).filter((name) => name.includes('atc-tmp') || name === 'damaged.atcs')).toEqual(
    [],
  );
  expect(series.read(START, MINUTE, seen.size + 20)).toHaveLength(seen.size + 20);
});
