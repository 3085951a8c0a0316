/**
 * Several processes write one series, some are killed at a random moment: what was acknowledged stays as it was first
 * read, nothing is torn, and the next writer continues. ATC_CANDLE_KILL_ROUNDS asks for more rounds,
 * ATC_CANDLE_KILL_SEED for others (200 take some minutes).
 */
import { readdirSync } from 'node:fs';
import { onMemoryEvent, openCandleStore } from 'atc-memory';
import { startChild } from '../io/child.js';
import { useWorkspace } from '../io/workspace.js';
import { acknowledged, candleWriter, SERIES } from './candle-writer.js';
import { MINUTE, START } from './candles.js';

const ROUNDS = Number(process.env.ATC_CANDLE_KILL_ROUNDS ?? 3);
const SEED = Number(process.env.ATC_CANDLE_KILL_SEED ?? 1);
const { at } = useWorkspace();

/** Whole numbers below a bound, the same ones for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test.each(Array.from({ length: ROUNDS }, (_, round) => round))(`round %i of seed ${SEED}`, async (round) => {
  const random = generator(SEED * 100_003 + round * 7919);
  for (let i = 0; i < 10; i++) random(2);
  const pick = <T>(values: readonly T[]) => values[random(values.length)];
  const directory = at(`round-${round}`);
  const rows = 200 + random(600);
  const common = {
    directory,
    rows,
    sealRows: pick([3, 16, 100]),
    layout: pick(['packed', 'mapped'] as const),
    durability: pick(['process', 'process', 'power'] as const),
  };
  const writers = Array.from({ length: 2 + random(2) }, (_, i) => ({
    tag: i + 1,
    pace: 1 + random(6),
    order: pick(['up', 'down', 'mixed'] as const),
    // A moment counted in acknowledgements or in time: the second falls anywhere in a write.
    killAfter: pick([undefined, { lines: random(60) }, { ms: random(400) }]),
  }));
  // At least one.
  if (writers.every(({ killAfter }) => killAfter === undefined)) writers[0].killAfter = { lines: random(60) };
  const damage: unknown[] = [];
  const stop = onMemoryEvent('corrupt', ({ error }) => damage.push(error));

  const seen = await Promise.all(
    writers.map(async ({ killAfter, ...writer }) => {
      const child = startChild(candleWriter({ ...common, ...writer }));
      const kill = () => child.process.kill('SIGKILL');
      const maps = await acknowledged(child, (count) => {
        if (killAfter?.lines === count) kill();
        if (killAfter?.ms !== undefined && count === 1) setTimeout(kill, killAfter.ms);
      });
      const end = await child.ended;
      expect(end.stderr).toBe('');
      if (end.signal === null) expect(end.code).toBe(0);
      if (killAfter === undefined) expect(maps.size).toBe(rows);
      return maps;
    }),
  );
  const series = openCandleStore(directory, { ...common }).series(SERIES);
  const closeAt = (row: number) => series.read(START + row * MINUTE, MINUTE, 1)?.[0].close;
  for (const one of seen) expect([...one].filter(([row, close]) => closeAt(row) !== close)).toEqual([]);

  // Whatever the dead ones left unfinished, the next one continues and cleans up.
  const next = startChild(candleWriter({ ...common, tag: 9, pace: 5, order: 'up' }));
  const after = await acknowledged(next);
  expect(await next.ended).toMatchObject({ code: 0, stderr: '' });
  for (const one of seen) expect([...one].filter(([row, close]) => after.get(row) !== close)).toEqual([]);
  const all = series.read(START, MINUTE, rows);
  expect(all?.map(({ open }) => open)).toEqual(Array.from({ length: rows }, (_, row) => row));
  expect(all?.map(({ close }, row) => close === after.get(row))).not.toContain(false);
  series.seal();
  const left = readdirSync(series.directory).filter((name) => !/^(journal|candles)-[\d-]+\.atc[js]$/.test(name));
  stop();
  expect({ left, damage }).toEqual({ left: [], damage: [] });
});
