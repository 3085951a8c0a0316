/** The page of a backtest on paper, and what a change of colours or a printer must leave as it was. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ReportRowsOptions, reportHtml } from 'atc-memory/report';
import type { Page } from 'playwright-core';
import { type Bars, collect, randomBars } from './accounts.js';
import { drawnPixels, HOSTILE, inBrowser, open, pictures, print, printFaults, settled } from './browser.js';

const html = (symbols: Record<string, Bars>, options: ReportRowsOptions = {}) => {
  const { result, rows } = collect(symbols, { fee: 0.001, ...options });
  return reportHtml(result, { rows });
};
const ground = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor') as Promise<string>;
const [WHITE, DARK] = ['rgb(255, 255, 255)', 'rgb(20, 23, 27)'];

inBrowser.each([390, 1280])(
  'from a screen of %d pixels every chart is printed whole, light, without controls',
  async (width) => {
    const { page, complaints } = await open(html({ one: randomBars(5, 900) }), { colorScheme: 'dark', width });
    const before = await pictures(page);
    const restore = await print(page);
    expect(await ground(page)).toBe(WHITE);
    expect(await printFaults(page)).toEqual([[], [], [], []]);
    const drawn = await drawnPixels(page);
    expect(drawn).toHaveLength(7);
    for (const pixels of drawn) expect(pixels).toBeGreaterThan(3000);
    await restore(width);
    expect(await ground(page)).toBe(DARK);
    expect(await pictures(page)).toEqual(before);
    expect(await page.locator('details[open]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

inBrowser('the table of symbols is printed whole, with its lines', async () => {
  const symbols = { [HOSTILE]: randomBars(1, 300), 'BTC/USDT': randomBars(2, 300) };
  const { page, complaints } = await open(html(symbols));
  await print(page);
  expect(await printFaults(page)).toEqual([[], [], [], []]);
  expect(await page.locator('#symbols svg:visible').count()).toBe(4);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('colours and paper leave the zoom, the window, the order and the filter as they were', async () => {
  const { page, complaints } = await open(html({ one: randomBars(4, 1500) }));
  await page.selectOption('#window', '20');
  for (let k = 0; k < 3; k += 1) await page.click('#charts button[title="zoom in"]');
  await page.fill('#trades input', 'long');
  await page.locator('#trades th', { hasText: 'Return' }).locator('button').click();
  await page.locator('#trades .more', { hasText: 'show all' }).click();
  await settled(page);
  const state = async () => ({
    shown: await page.textContent('#exact'),
    window: await page.textContent('#charts .plot:last-child .note'),
    found: await page.textContent('#trades .found'),
    returns: await page.locator('#trades tbody td:nth-child(4)').allTextContents(),
  });
  const before = await state();
  expect(before.shown).not.toContain('1,500 of');
  expect(before.window).toContain('the last 20 bars');
  expect(before.returns.length).toBeGreaterThan(30);
  await page.click('#theme');
  await settled(page);
  expect(await state()).toEqual(before);
  const restore = await print(page);
  expect(await state()).toEqual(before);
  await restore();
  expect(await state()).toEqual(before);
  expect(await ground(page)).toBe(DARK);
  expect(complaints).toEqual([]);
  await page.close();
});

inBrowser('the page says how many trades of how many it lists, how to list all, and lists them', async () => {
  const bars = randomBars(9, 1200);
  const flips = { ...bars, signals: bars.closes.map((_, k) => (k % 2 === 0 ? 1 : -1)) };
  const { page } = await open(html({ one: flips }, { maxTrades: 300 }));
  const all = Number(
    (await page.locator('.tile', { hasText: 'Trades' }).locator('dd').first().textContent())?.replace(',', ''),
  );
  expect(all).toBeGreaterThan(1000);
  const note = await page.textContent('#trades .note');
  expect(note).toContain(`The latest 300 of ${all.toLocaleString('en-US')} trades are listed`);
  expect(note).toContain('--trades all');
  expect(await page.textContent('#trades .found')).toBe('300 rows, 25 shown');
  await page.locator('#trades .more', { hasText: 'show 250 more' }).click();
  expect(await page.textContent('#trades .found')).toBe('300 rows, 275 shown');
  await page.locator('#trades .more', { hasText: 'show all' }).click();
  expect(await page.textContent('#trades .found')).toBe('300 rows');
  expect(await page.locator('#trades tbody tr').count()).toBe(300);
  expect(await page.locator('#trades .more:visible').count()).toBe(0);
  await page.close();
  const whole = await open(html({ one: flips }, { maxTrades: Number.POSITIVE_INFINITY }));
  expect(await whole.page.textContent('#trades .note')).not.toContain('listed');
  expect(await whole.page.textContent('#trades .found')).toBe(`${all.toLocaleString('en-US')} rows, 25 shown`);
  await whole.page.close();
});

const hasPoppler = spawnSync('pdftoppm', ['-v']).status === 0;
if (!hasPoppler) console.warn('left out: looking at printed pages needs pdftoppm (Debian: poppler-utils)');
(hasPoppler ? inBrowser : test.skip)('the sheets of the printer have the last bars at their right edge', async () => {
  // Up to the last tenth the equity is flat; then it falls, which the chart of the drawdown shows in red.
  const closes = Array.from({ length: 1000 }, (_, k) => (k < 900 ? 100 : 100 - (k - 900) / 2));
  const times = closes.map((_, k) => Date.UTC(2020, 0, 1) + k * 86_400_000);
  const { page } = await open(html({ one: { times, closes, signals: closes.map(() => 1) } }), { colorScheme: 'dark' });
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-print-'));
  const file = path.join(directory, 'page.pdf');
  writeFileSync(file, await page.pdf({ format: 'A4', preferCSSPageSize: true }));
  await page.close();
  spawnSync('pdftoppm', ['-r', '48', file, path.join(directory, 'sheet')]);
  const sheets = readdirSync(directory)
    .filter((name) => name.endsWith('.ppm'))
    .sort();
  expect(sheets.length).toBeGreaterThan(2);
  const { width, height, red, dark } = sheet(readFileSync(path.join(directory, sheets[0])));
  rmSync(directory, { recursive: true, force: true });
  // The fall is red to the right edge and nowhere else; nothing is dark but text and lines.
  expect(red.length).toBeGreaterThan(10);
  expect(Math.min(...red) / width).toBeGreaterThan(0.8);
  expect(Math.max(...red) / width).toBeGreaterThan(0.88);
  expect(dark / (width * height)).toBeLessThan(0.1);
});

/** Of a portable pixmap: columns with red areas (a line is thinner) in the lower half, and how many pixels are dark. */
function sheet(bytes: Buffer) {
  const [, width, height] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', 0, 40))!.map(Number);
  const start = bytes.length - width * height * 3;
  const reds = new Uint16Array(width);
  let dark = 0;
  for (let at = 0; at < width * height; at += 1) {
    const [r, g, b] = bytes.subarray(start + at * 3, start + at * 3 + 3);
    if (r + g + b < 150) dark += 1;
    if (at > (width * height) / 2 && r > 150 && r - g > 20 && r - b > 20) reds[at % width] += 1;
  }
  // Legends are at the left.
  const red = [...reds.keys()].filter((column) => reds[column] > 5 && column > width / 5);
  return { width, height, red, dark };
}
