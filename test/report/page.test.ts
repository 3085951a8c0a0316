/**
 * The page of a report in a real browser: Debian's Chromium, headless, over playwright-core. Left out with a notice
 * where there is none; required when CI is set.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { reportHtml } from 'atc-memory/report';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Bars, collect, randomBars } from './accounts.js';

const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
const isLeftOut = EXECUTABLE === undefined && process.env.CI !== 'true';
if (isLeftOut) console.warn('left out: a report in a real browser needs Chromium (Debian: chromium)');
const inBrowser = isLeftOut ? test.skip : test;
const HOSTILE = '</script><script>window.broken = 1</script><img src=x onerror="window.broken = 2">\u2028\'"&';
const MOST_BYTES = 400_000;

let browser: Browser;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'atc-report-'));
  if (isLeftOut) return;
  expect(EXECUTABLE).toBeDefined();
  browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});

const html = (symbols: Record<string, Bars>, title?: string) => {
  const { result, rows } = collect(symbols, { fee: 0.001 });
  return reportHtml(result, { rows, title });
};

/** Opens a report and returns what the page complained of, and what it asked the network for. */
async function open(text: string, options: { width?: number; colorScheme?: 'light' | 'dark' } = {}) {
  const file = path.join(directory, 'report.html');
  writeFileSync(file, text);
  const { width = 1280, colorScheme = 'light' } = options;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => /^(file|data):/.test(request.url()) || complaints.push(`asked for ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  await settled(page);
  return { page, complaints };
}

/** Charts are drawn in the frame after the change that asks for it. */
const settled = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))');

/** Of every canvas the pixels that are not transparent. */
const drawnPixels = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) drawn += 1;
    return drawn;
  })`) as Promise<number[]>;

const ranges = (page: Page) =>
  page.evaluate(
    `[...document.querySelectorAll('#charts .u-over')].map((over) => over.getBoundingClientRect().toJSON())`,
  );

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
  expect(drawn).toHaveLength(5);
  for (const pixels of drawn) expect(pixels).toBeGreaterThan(3000);
  expect(complaints).toEqual([]);
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor') as Promise<string>;
  const before = await ground();
  await page.click('#theme');
  expect(await ground()).not.toBe(before);
  expect(await page.getAttribute('#theme', 'aria-pressed')).toBe(String(colorScheme === 'light'));
  await page.close();
});

inBrowser('symbols and titles that hold markup are shown as they are and run nothing', async () => {
  const { page, complaints } = await open(html({ [HOSTILE]: randomBars(1, 300), two: randomBars(2, 300) }, HOSTILE));
  expect(await page.textContent('h1')).toBe(HOSTILE);
  expect(await page.textContent('#symbols .link')).toBe(HOSTILE);
  await page.click('#symbols .link');
  expect(await page.evaluate('window.broken')).toBeUndefined();
  expect(await page.locator('img').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.close();
});

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

inBrowser('a zoom of one chart is the zoom of all, by mouse and by keyboard', async () => {
  const { page, complaints } = await open(html({ one: randomBars(5, 1000) }));
  const pictures = () =>
    page.evaluate(`[...document.querySelectorAll('#charts canvas')].map((canvas) => canvas.toDataURL())`) as Promise<
      string[]
    >;
  const whole = await pictures();
  const [{ left, top, width, height }] = (await ranges(page)) as DOMRectLike[];
  await page.mouse.move(left + width * 0.3, top + height / 2);
  await page.mouse.down();
  await page.mouse.move(left + width * 0.5, top + height / 2, { steps: 4 });
  await page.mouse.up();
  await settled(page);
  const zoomed = await pictures();
  expect(zoomed.map((picture, k) => picture !== whole[k])).toEqual([true, true, true, true]);
  await page.click('#all');
  await settled(page);
  expect(await pictures()).toEqual(whole);
  await page.locator('#charts .chart').nth(1).press('+');
  await settled(page);
  expect((await pictures()).map((picture, k) => picture !== whole[k])).toEqual([true, true, true, true]);
  await page.locator('#charts .chart').nth(1).press('ArrowRight');
  await settled(page);
  expect(await page.locator('#charts .chart').nth(1).locator('.u-value').first().textContent()).toMatch(
    /^\d{4}-\d\d-\d\d/,
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

inBrowser('a report of an account without a trade, and one of a single bar, are drawn', async () => {
  for (const made of [randomBars(1, 1), { ...randomBars(1, 100), signals: new Array(100).fill(0) }]) {
    const { page, complaints } = await open(html({ one: made }));
    expect(complaints).toEqual([]);
    expect(await page.textContent('#figures')).toContain('Sharpe');
    await page.close();
  }
});
