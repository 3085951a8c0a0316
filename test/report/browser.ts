/**
 * Pages of reports in a real browser: Debian's Chromium, headless, over playwright-core. Left out with a notice where
 * there is none; required when CI is set.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
const isLeftOut = EXECUTABLE === undefined && process.env.CI !== 'true';
if (isLeftOut) console.warn('left out: a report in a real browser needs Chromium (Debian: chromium)');
export const inBrowser = isLeftOut ? test.skip : test;
/** What would run, load or close something where it is taken for markup. */
export const HOSTILE = '</script><script>window.broken = 1</script><img src=x onerror="window.broken = 2">\u2028\'"&';

/** A4 in CSS pixels, less margins of 12 mm. */
const PAPER_WIDTH = 703;

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

interface View {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Of the browser; default: those of the machine. */
  readonly timezoneId?: string;
  readonly locale?: string;
}

/** Opens a report; `complaints` is what the console had and what the page asked the network for. */
export async function open(text: string, { width = 1280, colorScheme = 'light', ...where }: View = {}) {
  const file = path.join(directory, 'report.html');
  writeFileSync(file, text);
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, ...where });
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => /^(file|data):/.test(request.url()) || complaints.push(`asked for ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('#report section');
  await settled(page);
  return { page, complaints };
}

/** Lines are unpacked in steps, and charts are drawn in the frame after the change that asks for it. */
export const settled = (page: Page) =>
  page.evaluate(`(async () => {
    for (let k = 0; k < 100 && document.querySelector('.reading') !== null; k += 1) {
      await new Promise((done) => setTimeout(done, 20));
    }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  })()`);

/** Of every canvas the pixels that are not transparent. */
export const drawnPixels = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) drawn += 1;
    return drawn;
  })`) as Promise<number[]>;

/** The page as the printer is given it; the answer puts it back on the screen. */
export async function print(page: Page) {
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: PAPER_WIDTH, height: 1000 });
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
  return async (width = 1280) => {
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
    await page.emulateMedia({ media: 'screen' });
    await page.setViewportSize({ width, height: 900 });
    await settled(page);
  };
}

/** What a printed page shows that is of no use there, and what is cut off at its right edge. */
export const printFaults = (page: Page) =>
  page.evaluate(`(() => {
    const seen = [...document.querySelectorAll('button, select, input, .screen, .u-value')];
    const useless = seen.filter((one) => !one.matches('th button, .link') && one.checkVisibility());
    const wide = [...document.querySelectorAll('canvas, td, .tile, .bars .row, svg')];
    const cut = wide.filter((one) => one.getBoundingClientRect().right > ${PAPER_WIDTH} + 1);
    const small = [...document.querySelectorAll('canvas')].filter((one) => one.getBoundingClientRect().width < 500);
    const closed = [...document.querySelectorAll('details:not([open])')];
    return [useless, cut, small, closed].map((found) => found.map((one) => one.outerHTML.slice(0, 120)));
  })()`) as Promise<string[][]>;

/** What every canvas within `selector` shows. */
export const pictures = (page: Page, selector = '#charts') =>
  page.evaluate(`[...document.querySelectorAll('${selector} canvas')].map((canvas) => canvas.toDataURL())`) as Promise<
    string[]
  >;

/** Faults that axe-core calls serious or critical, each with the first element that has it. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
}
