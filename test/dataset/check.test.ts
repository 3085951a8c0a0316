/** What a check of history finds, and what it leaves in peace. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkHistory } from '../../src/dataset/check/check-history.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { useWorkspace } from '../io/workspace.js';
import { sharedFiles } from '../shared-data.js';
import { type Candles, candles, check, found, MINUTE, without } from './check-samples.js';

const space = useWorkspace();
const DAY = 86_400_000;

function changed(change: (columns: Candles) => void, rows = 500) {
  const columns = candles(rows);
  change(columns);
  return columns;
}

test('sound history has no finding', async () => {
  expect(await check(candles(3000))).toMatchObject({
    ok: true,
    fixed: [],
    symbols: [{ symbol: 'A', rows: 3000, stepMs: MINUTE, missing: 0, findings: [] }],
  });
});

test.each<[string, (columns: Candles) => void, object]>([
  ['high below low', (c) => ([c.high[9], c.low[9]] = [c.low[9], c.high[9]]), { kind: 'high-below-low', count: 1 }],
  ['a close above the high', (c) => (c.close[9] = c.high[9] * 1.001), { kind: 'outside-range', count: 1 }],
  ['an open below the low', (c) => (c.open[9] = c.low[9] * 0.999), { kind: 'outside-range', count: 1 }],
  ['a price of zero', (c) => (c.low[9] = 0), { kind: 'zero-prices', count: 1 }],
  ['a price below zero', (c) => (c.low[9] = -37.63), { kind: 'negative-prices', first: 'a price of -37.63' }],
  ['a missing price', (c) => (c.open[9] = Number.NaN), { kind: 'missing-prices', count: 1 }],
  ['an infinite price', (c) => (c.high[9] = Number.POSITIVE_INFINITY), { kind: 'infinite-values', count: 1 }],
  ['a missing volume', (c) => (c.volume[9] = Number.NaN), { kind: 'missing-volumes', count: 1 }],
  ['a volume below zero', (c) => (c.volume[9] = -1), { kind: 'negative-volumes', count: 1 }],
])('%s is found, and nothing else', async (_, change, finding) => {
  expect(await found(changed(change))).toEqual([expect.objectContaining({ severity: 'wrong', ...finding })]);
});

test('a version of a dataset is checked as it was; what has no versions, or is to be mended, takes none', async () => {
  const directory = space.at('versions');
  const dataset = await writeDataset(directory, { symbol: 'A', columns: candles(400) });
  await dataset.snapshot('sound');
  await dataset.append('A', { ...candles(1, MINUTE, Date.UTC(2024, 0, 3)), high: Float64Array.of(1) });
  dataset.close();
  expect((await checkHistory(directory)).ok).toBe(false);
  const before = await checkHistory(directory, { asOf: 'sound' });
  expect([before.ok, before.symbols[0].rows]).toEqual([true, 400]);
  await expect(checkHistory(directory, { asOf: 'nothing' })).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(checkHistory(directory, { asOf: 'sound', fix: true })).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(check(candles(4), { asOf: 'sound' })).rejects.toThrow(/only a dataset has versions/);
});

test('a bad tick, and a split that prices were not adjusted for, are jumps', async () => {
  const tick = changed((c) => {
    for (const name of ['open', 'high', 'low', 'close'] as const) c[name][250] *= 10;
  });
  expect((await found(tick)).map(({ kind }) => kind)).toEqual(['jumps']);
  const split = candles(400, DAY);
  for (const name of ['open', 'high', 'low', 'close'] as const)
    for (let row = 200; row < 400; row += 1) split[name][row] /= 4;
  expect(await found(split)).toEqual([expect.objectContaining({ kind: 'jumps', count: 1 })]);
  const wick = changed((c) => (c.high[100] = c.close[100] * 3));
  expect((await found(wick)).map(({ kind }) => kind)).toEqual(['jumps']);
  expect(await found(tick, { ignore: ['jumps'] })).toEqual([]);
});

test('one price for hours is stuck; without volume it may be filled in', async () => {
  const stick = (c: Candles, volume: number) => {
    for (let row = 100; row < 400; row += 1) {
      for (const name of ['open', 'high', 'low', 'close'] as const) c[name][row] = c.close[99];
      c.volume[row] = volume;
    }
  };
  expect(await found(changed((c) => stick(c, 5)))).toEqual([
    expect.objectContaining({ kind: 'stuck-prices', severity: 'wrong', count: 300 }),
  ]);
  expect(await found(changed((c) => stick(c, 0)))).toEqual([
    expect.objectContaining({ kind: 'flat-candles', severity: 'note', count: 300 }),
  ]);
});

test('missing candles are counted, those known to be empty apart', async () => {
  const holes = without(candles(1000), (_, row) => (row >= 100 && row < 110) || row === 500);
  expect(await found(holes)).toEqual([
    expect.objectContaining({ kind: 'missing-candles', count: 11, first: expect.stringContaining('10 candles') }),
  ]);
  const dataset = await writeDataset(space.at('holes'), { symbol: 'A', columns: holes });
  await dataset.markEmpty('A', [[holes.timestamp[99] + 1, holes.timestamp[100]]]);
  dataset.close();
  expect((await checkHistory(space.at('holes'))).symbols[0]).toMatchObject({ missing: 1, knownEmpty: 10 });
});

test('daily candles without weekends are whole; a missing month is not a holiday', async () => {
  const weekdays = without(candles(600, DAY, Date.UTC(2022, 0, 3)), (ms) => [0, 6].includes(new Date(ms).getUTCDay()));
  expect(await found(weekdays)).toEqual([]);
  const month = without(weekdays, (ms) => ms >= Date.UTC(2022, 5, 1) && ms < Date.UTC(2022, 6, 1));
  expect(await found(month)).toEqual([expect.objectContaining({ kind: 'missing-candles', count: 22 })]);
});

test("columns under each other's names are one finding that names them", async () => {
  const { open, high, low, close, ...rest } = candles(500);
  // Open, close, high, low, as some exchanges write them, read as open, high, low, close.
  const { symbols } = await check({ ...rest, open, high: close, low: high, close: low });
  expect(symbols[0].findings.map(({ kind }) => kind)).toEqual(['column-names']);
  expect(symbols[0].findings[0].examples[0].text).toMatch(/"low" is the highest.*"close" the lowest/);
});

test('times that are none, go back or repeat are found in a source, and mended where that is safe', async () => {
  const lines = ['timestamp,open,high,low,close,volume'];
  for (let k = 0; k < 50; k += 1) lines.push(`${Date.UTC(2024, 0, 1) + k * MINUTE},1,2,0.5,1.5,3`);
  [lines[10], lines[11]] = [lines[11], lines[10]];
  lines.splice(20, 0, lines[20]);
  const file = space.file('messy.csv', `${lines.join('\n')}\n`);
  const { ok, symbols } = await checkHistory(file);
  expect(ok).toBe(false);
  expect(symbols[0].findings.map(({ kind, count }) => [kind, count])).toEqual(
    expect.arrayContaining([
      ['order', 1],
      ['duplicates', 1],
    ]),
  );
  await expect(checkHistory(file, { fix: true })).rejects.toMatchObject({ code: 'ARGUMENT' });
  const mended = await checkHistory(file, { fix: true, out: space.at('mended') });
  expect(mended.fixed).toEqual([
    'messy: rows put in the order of time (1 went back)',
    'messy: 1 rows that were there twice taken once',
  ]);
  const dataset = await openDataset(space.at('mended'));
  expect([...dataset.table('messy').column('timestamp')]).toEqual(
    Array.from({ length: 50 }, (_, k) => Date.UTC(2024, 0, 1) + k * MINUTE),
  );
  dataset.close();
});

test('different rows of one time are not mended without an option for which stays', async () => {
  const t = Date.UTC(2024, 0, 1);
  const file = space.file('two.csv', `timestamp,close\n${t},1\n${t},2\n${t + MINUTE},3\n`);
  expect((await checkHistory(file)).symbols[0].findings[0]).toMatchObject({
    kind: 'duplicates',
    examples: [{ text: 'another row of the same time' }],
  });
  await expect(checkHistory(file, { fix: true, out: space.at('two') })).rejects.toMatchObject({ code: 'ARGUMENT' });
  expect(existsSync(space.at('two'))).toBe(false);
  await checkHistory(file, { fix: true, out: space.at('two'), duplicates: 'last' });
  const dataset = await openDataset(space.at('two'));
  expect([...dataset.table('two').column('close')]).toEqual([2, 3]);
  dataset.close();
});

test('of a dataset the closed hours are marked, so that findGaps is silent about them', async () => {
  const weekdays = without(candles(24 * 7 * 8, 60 * MINUTE, Date.UTC(2024, 0, 1)), (ms) =>
    [0, 6].includes(new Date(ms).getUTCDay()),
  );
  (await writeDataset(space.at('hours'), { symbol: 'FX', columns: weekdays })).close();
  const { fixed, ok } = await checkHistory(space.at('hours'), { fix: true });
  expect({ ok, fixed }).toEqual({
    ok: true,
    fixed: ['FX: 7 spans outside the hours of its market marked as known to be empty'],
  });
  const dataset = await openDataset(space.at('hours'));
  expect(dataset.gaps('FX')).toMatchObject({ missing: 0, empty: 7 * 48 });
  dataset.close();
});

test('a source that breaks off is a finding with its location; one that is not there is an error', async () => {
  const file = space.file('broken.csv', `timestamp,close\n${Date.UTC(2024, 0, 1)},1\nnonsense,2\n`);
  const { ok, unreadable } = await checkHistory(file);
  expect(ok).toBe(false);
  expect(unreadable).toMatchObject({ kind: 'unreadable', text: expect.stringMatching(/broken\.csv.*line 3/) });
  await expect(checkHistory(space.at('nowhere.csv'))).rejects.toMatchObject({ code: 'IO' });
});

const market = sharedFiles('data', '.csv.gz');
(market.length > 0 ? test : test.skip)('real history: what is missing in it, and nothing invented', async () => {
  const kinds = async (name: string) => {
    const file = space.file(name, gunzipSync(readFileSync(path.join(path.dirname(market[0]), `${name}.gz`))));
    const { symbols } = await checkHistory(file);
    return symbols[0].findings.map(({ kind, severity }) => `${severity} ${kind}`);
  };
  expect(await kinds('btcusdt-perp-5m.csv')).toEqual([]);
  expect(await kinds('eth-btc-5m.csv')).toEqual([]);
  expect(await kinds('dash-btc-5m.csv')).toEqual(['wrong missing-candles']);
  expect(await kinds('goog-1d.csv')).toEqual(expect.arrayContaining(['note absent-days']));
});

test.each([
  [{ stepMs: -1 }, /stepMs must be a number from 1, got -1/],
  [{ stepMs: Number.NaN }, /stepMs must be/],
  [{ stepMs: '60000' }, /stepMs must be/],
  [{ jumpFactor: -1 }, /jumpFactor must be/],
  [{ ignore: ['jumps-and-more'] }, /ignore is "jumps-and-more"; allowed: /],
  [{ ignore: 'no-volume' }, /ignore must be a list of names/],
  [{ symbols: 'A' }, /symbols must be a list of names/],
  [{ timezone: Symbol('UTC') }, /time zone/],
  [{ fix: 'yes' }, /fix is "yes"/],
  [{ stepms: 60_000 }, /has no option "stepms"; did you mean "stepMs"/],
])('the options %p are ARGUMENT, at once', async (options, message) => {
  const columns = { timestamp: Float64Array.of(0, 60_000, 180_000), close: Float64Array.of(1, 2, 3) };
  await expect(checkHistory({ symbol: 'A', columns }, options as never)).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringMatching(message),
  });
});
