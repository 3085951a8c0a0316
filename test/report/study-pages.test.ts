/** The pages of studies, walk-forward analyses and benchmarks, in a real browser. */
import { studyHtml, walkForwardHtml } from 'atc-memory/report';
import { sweep, walkForward } from 'atc-memory/sweep';
import { benchHtml } from '../../src/report/bench-html.js';
import { chosenTrials } from '../../src/report/study-trials.js';
import { randomBars, randomFrom } from './accounts.js';
import {
  drawnPixels,
  HOSTILE,
  inBrowser,
  open,
  pictures,
  print,
  printFaults,
  seriousFaults,
  settled,
} from './browser.js';

const { times, closes } = randomBars(3, 1200);
const columns = {
  timestamp: Float64Array.from(times),
  close: Float64Array.from(closes, (close) => (Number.isNaN(close) ? 100 : close)),
};

/** Long or short by whether a close is above the one `lag` bars before. */
const momentum = ({ lag, side }: Readonly<Record<string, unknown>>) => ({
  name: HOSTILE,
  columns: ['close'],
  outputs: { signal: 'float64' as const },
  start: () => {
    const seen: number[] = [];
    return {
      push({ length, columns: { close } }: { length: number; columns: Record<string, ArrayLike<number | bigint>> }) {
        const signal = new Float64Array(length);
        for (let row = 0; row < length; row += 1) {
          seen.push(Number(close[row]));
          const before = seen[seen.length - 1 - Number(lag)] ?? seen[0];
          signal[row] =
            Math.sign(seen[seen.length - 1] - before) * (side === 'both' ? 1 : 0.5) * (side === HOSTILE ? -1 : 1);
        }
        return { signal };
      },
      finish: () => ({}),
    };
  },
});

const search = {
  source: [
    { symbol: HOSTILE, columns },
    { symbol: 'two', columns },
  ],
  strategy: momentum,
  objective: ['sharpe', 'maxDrawdown'],
  space: {
    lag: { type: 'int', from: 1, to: 12 },
    [`<b>${HOSTILE}`]: { type: 'float', from: 0, to: 1, step: 0.25 },
    side: { type: 'categorical', values: ['both', HOSTILE] },
  },
} as unknown as Parameters<typeof sweep>[0];

const study = (() => {
  let made: Promise<string> | undefined;
  return () => (made ??= sweep({ ...search, holdout: 0.2 }).then((result) => studyHtml(result, { title: HOSTILE })));
})();
const walk = (() => {
  let made: Promise<string> | undefined;
  return () => (made ??= walkForward(search).then((result) => walkForwardHtml(result, { title: HOSTILE })));
})();
const bench = async () =>
  benchHtml({
    machine: HOSTILE,
    notes: [HOSTILE],
    sections: [
      { name: HOSTILE, left: HOSTILE, tables: [] },
      {
        name: 'memory',
        tables: [
          {
            title: 'Peak memory',
            columns: [
              { name: 'way', isText: true },
              { name: HOSTILE, isText: false, isLess: true },
            ],
            rows: [
              [
                { text: HOSTILE, value: null },
                { text: '10 MiB', value: 10 },
              ],
              [
                { text: 'packed', value: null },
                { text: '-', value: null },
              ],
            ],
            drawn: [1],
            notes: [HOSTILE],
          },
        ],
      },
    ],
  });

const PAGES = [
  ['a study', study],
  ['a walk-forward analysis', walk],
  ['a benchmark', bench],
] as const;

inBrowser.each(PAGES)(
  'the page of %s shows markup, quotes and scripts as they are and runs nothing',
  async (_, html) => {
    const text = await html();
    expect(text.match(/<\/script>/g)).toHaveLength(2);
    const { page, complaints } = await open(text);
    expect(await page.textContent('main')).toContain(HOSTILE);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(await page.locator('img, main b').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

inBrowser.each(PAGES)('axe-core finds no serious fault on the page of %s, light and dark', async (_, html) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await open(await html(), { colorScheme });
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
  }
});

inBrowser.each(PAGES)('the page of %s prints light and whole, without controls', async (_, html) => {
  const { page, complaints } = await open(await html(), { colorScheme: 'dark' });
  const restore = await print(page);
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  expect(await printFaults(page)).toEqual([[], [], [], []]);
  for (const pixels of await drawnPixels(page)) expect(pixels).toBeGreaterThan(3000);
  await restore();
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 23, 27)');
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser.each(PAGES)('a phone shows all of the page of %s without scrolling sideways', async (_, html) => {
  const { page, complaints } = await open(await html(), { width: 390 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('a study is drawn as a heatmap, a scatter and parallel coordinates', async () => {
  const { page, complaints } = await open(await study());
  const drawn = await drawnPixels(page);
  expect(drawn).toHaveLength(2);
  for (const pixels of drawn) expect(pixels).toBeGreaterThan(3000);
  expect(await page.locator('#heatmap td').count()).toBe(5 * 2);
  await page.selectOption('#down', { label: 'lag' });
  await page.selectOption('#pick', 'median');
  expect(await page.locator('#heatmap td').count()).toBe(12 * 2);
  expect(await page.locator('#heatmap td.best').count()).toBeGreaterThan(0);
  const before = await pictures(page, '#scatter');
  await page.selectOption('#x', { label: 'trades' });
  await settled(page);
  expect(await pictures(page, '#scatter')).not.toEqual(before);
  expect(await page.textContent('#luck')).toMatch(/Deflated Sharpe ratio(< )?0?\d*\.?\d+ %/);
  expect(await page.textContent('#luck')).toMatch(/Probability of overfitting\d+\.\d %/);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('a trial that is pointed at is read out and drawn in every chart', async () => {
  const { page } = await open(await study());
  expect(await page.textContent('.readout')).toContain('(the best)');
  const before = [...(await pictures(page, '#scatter')), ...(await pictures(page, '#parallel'))];
  const scatter = page.locator('#scatter .chart');
  await scatter.press('ArrowRight');
  await scatter.press('ArrowRight');
  await settled(page);
  expect(await page.textContent('.readout')).toMatch(/^Trial \d+: lag \d+, .*sharpe -?\d/s);
  const second = await page.locator('#trials tbody tr').nth(1).locator('td').first().textContent();
  expect(await page.textContent('.readout')).toContain(`Trial ${second}:`);
  const after = [...(await pictures(page, '#scatter')), ...(await pictures(page, '#parallel'))];
  expect(after.map((picture, k) => picture !== before[k])).toEqual([true, true]);
  await page.close();
});

inBrowser('the trials of a study are sorted and filtered', async () => {
  const { page } = await open(await study());
  const heading = page.locator('#trials th', { hasText: 'lag' });
  await heading.locator('button').click();
  const lags = (await page.locator('#trials tbody td:nth-child(2)').allTextContents()).map(Number);
  expect(lags).toEqual([...lags].sort((a, b) => b - a));
  await page.fill('#trials input', 'both');
  expect(await page.textContent('#trials .found')).toBe('60 of 120 rows match, 25 shown');
  await page.close();
});

inBrowser('a walk-forward analysis shows its windows and the equity of the symbol that is chosen', async () => {
  const { page, complaints } = await open(await walk());
  expect(await page.locator('#windows tbody tr').count()).toBe(5);
  expect(await page.locator('#windows .bars .row').count()).toBe(10);
  expect(await page.locator('#symbols svg').count()).toBe(2);
  const drawn = await drawnPixels(page);
  expect(drawn).toHaveLength(2);
  for (const pixels of drawn) expect(pixels).toBeGreaterThan(3000);
  const whole = await pictures(page);
  await page.click('#charts button[title="zoom in"]');
  await settled(page);
  expect((await pictures(page)).map((picture, k) => picture !== whole[k])).toEqual([true, true]);
  await page.selectOption('#symbol', '1');
  await settled(page);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('a benchmark has a bar for every number that was measured', async () => {
  const { page } = await open(await bench());
  const widths = await page.locator('.bars .bar').evaluateAll((found) => found.map(({ style }) => style.width));
  expect(widths).toEqual(['100%', '0%']);
  await page.close();
});

test('of a large study the best trials and evenly spaced others are chosen, in order', () => {
  const random = randomFrom(1);
  const values = Float64Array.from({ length: 100_000 }, (_, k) => (k % 1000 === 3 ? Number.NaN : random()));
  const chosen = chosenTrials(values, 'minimize');
  expect(chosen.length).toBeGreaterThan(18_000);
  expect(chosen.length).toBeLessThanOrEqual(20_000);
  expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
  const least = values.reduce((a, b, k) => (b < values[a] || Number.isNaN(values[a]) ? k : a), 0);
  expect(chosen).toContain(least);
  expect(chosenTrials(values.subarray(0, 20_000), 'maximize')).toHaveLength(20_000);
});

test.each([
  ['a study that is not finished', () => studyHtml({ goals: [], report: undefined } as never)],
  ['no study', () => studyHtml(undefined as never)],
  [
    'a title that is no string',
    () => walkForwardHtml({ windows: [], symbols: [], efficiency: null }, { title: 1 as never }),
  ],
  ['no analysis', () => walkForwardHtml({} as never)],
])('%s is ARGUMENT', (_, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
});
