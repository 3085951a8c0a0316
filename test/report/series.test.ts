/** Bars as a page has them: packed here, read by the page's own code. */
import { reportData } from 'atc-memory/report';
// @ts-expect-error the page is plain JavaScript
import { positionsOf } from '../../src/report/page/markers.js';
// @ts-expect-error the page is plain JavaScript
import { rolling } from '../../src/report/page/rolling.js';
// @ts-expect-error the page is plain JavaScript
import { deriveLines, unpackSeries } from '../../src/report/page/series.js';
import { seriesOf } from '../../src/report/page-data.js';
import { packSeries } from '../../src/report/series.js';
import { collect, randomBars, randomFrom } from './accounts.js';

const unpacked = (exact: Record<string, Float64Array>, levels: Record<string, Float64Array> = {}) =>
  unpackSeries(seriesOf(packSeries(exact, levels), 1)) as Promise<Record<string, Float64Array>>;
const bitsOf = (values: Float64Array) => [...new BigUint64Array(values.slice().buffer)];
const random = randomFrom(5);
const many = (count: number, of: (k: number) => number) => Float64Array.from({ length: count }, (_, k) => of(k));

test.each([
  ['nothing', many(0, () => 0)],
  ['one value', Float64Array.of(17.25)],
  ['zeros', many(100, () => 0)],
  ['prices of two decimals', many(5000, () => Math.round(random() * 1e6) / 100)],
  ['prices of eight decimals', many(5000, () => Math.round(random() * 1e6) / 1e8)],
  ['random doubles', many(5000, () => random() ** 9)],
  ['negative prices', many(500, () => Math.round((random() - 0.5) * 1e4) / 10)],
  ['a minus 0', Float64Array.of(1, -0, 2)],
  ['no number and infinity', Float64Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)],
  ['the ends of the range', Float64Array.of(5e-324, 1.7976931348623157e308, -5e-324, 2 ** 53, 2 ** 53 - 1)],
  ['large whole numbers', many(100, (k) => (k % 2 === 0 ? 2 ** 48 : -(2 ** 48)) + k)],
])('%s are restored bit for bit', async (_, values) => {
  const { price } = await unpacked({ price: values });
  expect(bitsOf(price)).toEqual(bitsOf(values));
});

test('times with gaps are restored, and even steps take next to nothing', async () => {
  const even = many(100_000, (k) => Date.UTC(2020, 0, 1) + k * 60_000);
  expect(packSeries({ timeMs: even }).bytes.length).toBeLessThan(1000);
  const uneven = many(5000, (k) => Date.UTC(1969, 0, 1) + k * 86_400_000 * 3 + Math.floor(random() * 86_400_000));
  expect([...(await unpacked({ timeMs: uneven })).timeMs]).toEqual([...uneven]);
});

test('a signal keeps its sign and is right to a 65,534th of its range', async () => {
  const signal = many(4000, (k) => (k % 10 === 0 ? (random() - 0.5) * 1e-9 : (random() - 0.5) * 8));
  signal[7] = Number.NaN;
  signal[8] = Number.POSITIVE_INFINITY;
  signal[9] = 0;
  const { signal: read } = await unpacked({}, { signal });
  const most = signal.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), 0);
  for (const [k, value] of signal.entries()) {
    expect(Math.sign(read[k])).toBe(Math.sign(value));
    if (Number.isFinite(value)) expect(Math.abs(read[k] - value)).toBeLessThanOrEqual(most / 32_767);
  }
  expect(read[8]).toBe(most);
});

test('equity, buy-and-hold and drawdown of the page are those of the report, to the last bit', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const costs = seed % 3 === 0 ? {} : { fee: 0.001, slippage: 0.0005 };
    const made = randomBars(seed, 600);
    // Spreads may be negative, and one account loses everything.
    const closes = seed % 5 === 0 ? made.closes.map((close) => close - 90.5) : made.closes;
    const { result, rows } = collect({ one: { ...made, closes: seed === 7 ? tripled(closes) : closes } }, costs);
    const { curve } = reportData(result, rows).symbols[0];
    const { series, costRate } = rows.collected();
    const lines = deriveLines(await unpackSeries(seriesOf(series.get('one')!, 1)), costRate);
    for (const name of ['timeMs', 'price', 'equity', 'held', 'drawdown'] as const) {
      expect([...lines[name]]).toEqual(curve[name].map((value) => value ?? Number.NaN));
    }
  }
});

const tripled = (closes: readonly number[]) => closes.map((close, k) => close * (k % 50 === 0 ? 3 : 1));

test('rolling figures are those of each window by itself', () => {
  const equity = new Float64Array(9000);
  equity[0] = 1;
  for (let k = 1; k < equity.length; k += 1) equity[k] = equity[k - 1] * (1 + (random() - 0.5) * 0.02);
  const timeMs = many(equity.length, (k) => k * 3_600_000);
  const { volatility, sharpe } = rolling({ equity, timeMs }, 250);
  const root = Math.sqrt((365.25 * 24 * 8999) / 8999);
  for (const at of [250, 251, 4095, 4096, 8000, 8999]) {
    const rates = Array.from({ length: 250 }, (_, k) => equity[at - 249 + k] / equity[at - 250 + k] - 1);
    const mean = rates.reduce((a, b) => a + b) / 250;
    const deviation = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / 249);
    expect(volatility[at] / (deviation * root)).toBeCloseTo(1, 9);
    expect(sharpe[at]).toBeCloseTo((mean / deviation) * root, 8);
  }
  expect(volatility[249]).toBeNaN();
});

test('the positions on the chart of prices are the trades of the report', async () => {
  const { result, rows } = collect({ one: randomBars(11, 900) });
  const { trades } = reportData(result, rows).symbols[0];
  const lines = await unpackSeries(seriesOf(rows.collected().series.get('one')!, 1));
  const wanted = trades.map(({ side, entryMs, exitMs, entryPrice, exitPrice, open }) => ({
    side,
    entryMs,
    exitMs,
    entryPrice,
    exitPrice,
    open,
  }));
  expect(positionsOf(lines)).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(50);
});
