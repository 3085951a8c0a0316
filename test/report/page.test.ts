/** The page of a backtest, in a real browser. */
import { spawnSync } from 'node:child_process';
import { reportData, reportHtml } from 'atc-memory/report';
import type { Page } from 'playwright-core';
import { type Bars, bars, collect, randomBars } from './accounts.js';
import { drawnPixels, HOSTILE, inBrowser, open, pictures, seriousFaults, settled } from './browser.js';

const MOST_BYTES = 400_000;

const html = (symbols: Record<string, Bars>, title?: string) => {
  const { result, rows } = collect(symbols, { fee: 0.001 });
  return reportHtml(result, { rows, title });
};

/** Where charts are drawn, in pixels of the page. */
const plotAreas = (page: Page) =>
  page.evaluate(
    `[...document.querySelectorAll('#charts .u-over')].map((over) => over.getBoundingClientRect().toJSON())`,
  ) as Promise<DOMRectLike[]>;

/** Drags over a share of a chart. */
async function drag(page: Page, chart: number, from: number, to: number) {
  const { left, top, width, height } = (await plotAreas(page))[chart];
  await page.mouse.move(left + width * from, top + height / 2);
  await page.mouse.down();
  await page.mouse.move(left + width * to, top + height / 2, { steps: 4 });
  await page.mouse.up();
  await settled(page);
}

test('the page of the published module is what its sources give', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-report-page.js', '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a report of 5,000 bars of one symbol is one file below 400 kB with no address in it but namespaces', () => {
  const text = html({ one: randomBars(1, 5000) });
  expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
  expect(text).not.toMatch(/(src|href)=["']?(https?:)?\/\//);
});

test('markup in a symbol or a title stays inside its string', () => {
  const text = html({ [HOSTILE]: randomBars(1, 50) }, HOSTILE);
  expect(text).not.toContain('window.broken = 1</script>');
  expect(text.match(/<\/script>/g)).toHaveLength(2);
});

inBrowser.each(['light', 'dark'] as const)('every chart is drawn without a complaint, %s', async (colorScheme) => {
  const { page, complaints } = await open(html({ one: randomBars(1, 800) }), { colorScheme });
  const drawn = await drawnPixels(page);
  const titles = await page.locator('#charts h3').allTextContents();
  expect(titles).toEqual([
    'Equity against buy and hold',
    'Underwater',
    'Price with entries and exits',
    'Signal',
    'Rolling volatility',
    'Rolling Sharpe ratio',
  ]);
  expect(drawn).toHaveLength(titles.length + 1);
  for (const pixels of drawn) expect(pixels).toBeGreaterThan(3000);
  expect(complaints).toEqual([]);
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor') as Promise<string>;
  const before = await ground();
  const light = await pictures(page);
  await page.click('#theme');
  await settled(page);
  expect(await ground()).not.toBe(before);
  expect((await pictures(page)).filter((picture, k) => picture === light[k])).toEqual([]);
  expect(await page.getAttribute('#theme', 'aria-pressed')).toBe(String(colorScheme === 'light'));
  await page.close();
});

inBrowser.each(['light', 'dark'] as const)('axe-core finds no serious fault, %s', async (colorScheme) => {
  const [one, two] = [randomBars(1, 800), randomBars(2, 300)];
  for (const text of [html({ one }), html({ one, two })]) {
    const { page } = await open(text, { colorScheme });
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
  }
});

inBrowser(
  'symbols, titles and names of strategies that hold markup are shown as they are and run nothing',
  async () => {
    const { result, rows } = collect({ [HOSTILE]: randomBars(1, 300), two: randomBars(2, 300) }, { fee: 0.001 });
    const named = { ...result, strategy: HOSTILE, skipped: [{ symbol: HOSTILE, rows: 1, needed: 34 }] };
    const text = reportHtml(named, { rows, title: HOSTILE });
    expect(text.match(/<\/script>/g)).toHaveLength(2);
    const { page, complaints } = await open(text);
    expect(await page.textContent('h1')).toBe(HOSTILE);
    expect(await page.textContent('header .note')).toContain(`Strategy ${HOSTILE}, 600 bars`);
    expect(await page.textContent('#symbols .link')).toBe(HOSTILE);
    await page.click('#symbols .link');
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

inBrowser('trades are sorted by the heading that is pressed, and turned round by pressing it again', async () => {
  const { page } = await open(html({ one: randomBars(4, 1500) }));
  const column = async () => {
    const cells = await page.locator('#trades tbody tr td:nth-child(4)').allTextContents();
    return cells.map((text) => Number.parseFloat(text));
  };
  const heading = page.locator('#trades th', { hasText: 'Return' });
  await heading.locator('button').click();
  const down = await column();
  expect(down.length).toBeGreaterThan(20);
  expect(down).toEqual([...down].sort((a, b) => b - a));
  expect(await heading.getAttribute('aria-sort')).toBe('descending');
  await heading.locator('button').press('Enter');
  const up = await column();
  expect(up).toEqual([...up].sort((a, b) => a - b));
  expect(up[0]).toBeLessThan(down[0]);
  await page.fill('#trades input', 'short');
  expect(new Set(await page.locator('#trades tbody tr td:nth-child(3)').allTextContents())).toEqual(new Set(['short']));
  await page.close();
});

inBrowser('a zoom of one chart is the zoom of all, by mouse, button and keyboard', async () => {
  const { page, complaints } = await open(html({ one: randomBars(5, 1000) }));
  const whole = await pictures(page);
  expect(whole).toHaveLength(6);
  const changed = async () => (await pictures(page)).map((picture, k) => picture !== whole[k]);
  const every = whole.map(() => true);
  await drag(page, 0, 0.3, 0.5);
  expect(await changed()).toEqual(every);
  await page.click('#all');
  await settled(page);
  expect(await pictures(page)).toEqual(whole);
  await page.click('#charts button[title="zoom in"]');
  await settled(page);
  expect(await changed()).toEqual(every);
  const area = (await plotAreas(page))[1];
  await page.mouse.dblclick(area.left + 100, area.top + 20);
  await page.mouse.move(5, 5);
  await settled(page);
  expect(await pictures(page)).toEqual(whole);
  const chart = page.locator('#charts .chart').nth(1);
  await chart.press('+');
  await settled(page);
  expect(await changed()).toEqual(every);
  await chart.press('ArrowRight');
  await settled(page);
  expect(await chart.locator('.u-value').first().textContent()).toMatch(/^\d{4}-\d\d-\d\d/);
  expect(await page.textContent('#charts [aria-live]')).toMatch(/^\d{4}-\d\d-\d\d.*, drawdown -?\d/);
  await chart.press('0');
  await settled(page);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('hovering reads out the bar below the pointer in every chart', async () => {
  const made = randomBars(8, 1000);
  const { result, rows } = collect({ one: made }, { fee: 0.001 });
  const { curve } = reportData(result, rows).symbols[0];
  const { page } = await open(reportHtml(result, { rows }));
  await page.locator('#charts .chart').nth(2).scrollIntoViewIfNeeded();
  const { left, top, width, height } = (await plotAreas(page))[2];
  await page.mouse.move(left + width * 0.37, top + height / 2);
  await settled(page);
  const read = (await page.evaluate(
    "[...document.querySelectorAll('#charts .u-legend')].map((legend) => " +
      "[...legend.querySelectorAll('.u-value')].map((one) => one.textContent))",
  )) as string[][];
  const bar = curve.timeMs.findIndex((ms) => new Date(ms).toISOString().startsWith(read[0][0]));
  expect(bar).toBeGreaterThan(300);
  expect(new Set(read.map(([time]) => time)).size).toBe(1);
  expect(Number(read[0][1])).toBeCloseTo(curve.equity[bar] ?? 0, 2);
  expect(Number(read[2][1])).toBeCloseTo(curve.price[bar] ?? 0, 3);
  expect(Number(read[3][1])).toBeCloseTo(curve.signal[bar] ?? 0, 3);
  await page.close();
});

inBrowser('the logarithmic scale changes the equity chart and no other, and stays through a zoom', async () => {
  const { page, complaints } = await open(html({ one: randomBars(5, 1000) }));
  const linear = await pictures(page);
  await page.click('#log');
  await settled(page);
  const logarithmic = await pictures(page);
  expect(logarithmic.map((picture, k) => picture !== linear[k])).toEqual([true, false, false, false, false, false]);
  await drag(page, 0, 0.2, 0.6);
  expect(await page.getAttribute('#log', 'aria-pressed')).toBe('true');
  await page.selectOption('#window', '20');
  await settled(page);
  expect(await page.textContent('#charts')).toContain('the last 20 bars');
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('a long history is drawn whole, and every bar of it is there on zoom', async () => {
  const bars = 50_000;
  const times = Array.from({ length: bars }, (_, k) => Date.UTC(2020, 0, 1) + k * 60_000);
  // One bar in the middle is far above all others: decimation must not lose it.
  const closes = times.map((_, k) => (k === 25_123 ? 1000 : 100 + (k % 7) / 100));
  const signals = times.map((_, k) => (k % 500 < 250 ? 1 : 0));
  const text = html({ one: { times, closes, signals } });
  expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
  const { page, complaints } = await open(text);
  expect(await page.textContent('#exact')).toContain('50,000 of 50,000 bars');
  for (let k = 0; k < 12; k += 1) await page.click('#charts button[title="zoom in"]');
  await settled(page);
  expect(await page.textContent('#exact')).toMatch(
    /: 2020-01-18 \d\d:\d\d to 2020-01-18 \d\d:\d\d, 1[0-9] of 50,000 bars/,
  );
  expect(complaints).toEqual([]);
  await page.close();
});

interface DOMRectLike {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

inBrowser('a phone shows all of it without scrolling sideways', async () => {
  const { page, complaints } = await open(html({ one: randomBars(6, 1500) }), { width: 390 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('names of 10,000 characters have a page of the usual width and height', async () => {
  const name = `${'x'.repeat(5000)} ${'y'.repeat(4999)}`;
  const { result, rows } = collect({ [name]: randomBars(1, 300), [`${name}z`]: randomBars(2, 300) });
  const named = {
    ...result,
    strategy: name,
    skipped: Array.from({ length: 3000 }, () => ({ symbol: name, rows: 1, needed: 34 })),
  };
  for (const width of [1280, 390]) {
    const { page, complaints } = await open(reportHtml(named, { rows, title: name }), { width });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(7000);
    expect(await page.textContent('header .note')).toContain('and 2,980 more');
    expect(await page.getAttribute('#symbols tbody td', 'title')).toBe(name);
    await page.selectOption('#symbol', '1');
    await settled(page);
    expect(await page.locator('#charts canvas').count()).toBe(6);
    expect(complaints).toEqual([]);
    await page.close();
  }
});

inBrowser('times are UTC wherever the page is opened', async () => {
  // New York sets its clocks in March and November; each bar is at noon UTC.
  const made = bars(
    [100, 101, 99, 102],
    [1, -1, 1, 1],
    [70, 71, 310, 311].map((day) => Date.UTC(2020, 0, day, 12)),
  );
  const { page, complaints } = await open(html({ one: made }), { timezoneId: 'America/New_York', locale: 'ar-EG' });
  expect(await page.locator('#trades tbody td:first-child').allTextContents()).toEqual([
    '2020-03-10 12:00',
    '2020-03-11 12:00',
    '2020-11-05 12:00',
  ]);
  const chart = page.locator('#charts .chart').first();
  await chart.press('ArrowRight');
  await settled(page);
  expect(await chart.locator('.u-value').first().textContent()).toBe('2020-03-10 12:00');
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('nothing but symbols without rows, and no symbol at all, are drawn', async () => {
  for (const symbols of [{}, { one: bars([], []), two: bars([], []) }] as Record<string, Bars>[]) {
    const { page, complaints } = await open(html(symbols));
    expect(await page.textContent('header .note')).toContain('0 bars');
    expect(await page.textContent('main')).not.toMatch(/NaN|undefined|Infinity/);
    expect(await page.locator('#symbol').count()).toBe(Object.keys(symbols).length === 0 ? 0 : 1);
    expect(complaints).toEqual([]);
    await page.close();
  }
});

inBrowser('a report of an account without a trade, and one of a single bar, are drawn', async () => {
  for (const made of [randomBars(1, 1), { ...randomBars(1, 100), signals: new Array(100).fill(0) }]) {
    const { page, complaints } = await open(html({ one: made }));
    expect(complaints).toEqual([]);
    expect(await page.textContent('#figures')).toContain('Sharpe');
    await page.close();
  }
});
