// Pages of backtests: their size, how long they take to make, and how long a browser takes until they are drawn and
// zoomed. Headless Chromium of the system, without a GPU.
//   node bench/report.js [--rounds 3] [--save]
// Needs `npm run build` and Chromium (Debian: chromium).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { backtest } from 'atc-memory/atc';
import { ReportRows, reportHtml } from 'atc-memory/report';
import { chromium } from 'playwright-core';
import { histories } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';

const { rounds: given } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } }).values;
const rounds = Number(given);
const ZOOMS = 5;
const sample = fileURLToPath(new URL('../examples/data/sp500-2000.csv', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'atc-bench-report-'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});

/** Milliseconds until something was painted, until every chart was, and of each zoom, in a page of its own. */
async function view(file) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(pathToFileURL(file).href, { waitUntil: 'commit' });
  await page.waitForSelector('#charts canvas');
  const drawn = await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))),
  );
  const first = await page.evaluate(() => performance.getEntriesByType('paint')[0].startTime);
  const zooms = [];
  for (let k = 0; k < ZOOMS; k += 1) {
    zooms.push(
      await page.evaluate(() => {
        const started = performance.now();
        document.querySelector('#charts button[title="zoom in"]').click();
        return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now() - started))));
      }),
    );
  }
  await page.close();
  return { first, drawn, zooms };
}

async function measure(name, source) {
  const rows = new ReportRows();
  const result = await backtest(source, { rows });
  const started = performance.now();
  const html = reportHtml(result, { rows });
  const made = performance.now() - started;
  const file = path.join(directory, 'report.html');
  writeFileSync(file, html);
  const views = [];
  for (let round = 0; round < rounds; round += 1) views.push(await view(file));
  const row = [
    name,
    result.rows,
    Buffer.byteLength(html),
    made,
    measureOf(views.map(({ first }) => first)),
    measureOf(views.map(({ drawn }) => drawn)),
    measureOf(views.flatMap(({ zooms }) => zooms)),
  ];
  console.log(row.map((cell) => JSON.stringify(cell)).join('  '));
  return row;
}

const madeUp = (rows) => [...histories({ symbols: 1, rows })];
try {
  const table = [
    await measure('S&P 500, a day', sample),
    await measure('made up, a minute', madeUp(100_000)),
    await measure('made up, a minute', madeUp(1_000_000)),
  ];
  save('report', {
    history: 'The S&P 500 from 2000 on, and random walks in cents; ATC without costs, one symbol.',
    rounds,
    tables: [
      {
        name: 'pages',
        title: 'The page of a backtest',
        columns: columnsOf({
          history: 'text',
          bars: 'count',
          file: 'bytes',
          'made in': 'ms',
          'first paint': 'ms',
          'all drawn': 'ms',
          'a zoom': 'ms',
        }),
        rows: table,
        notes: [
          `Headless Chromium ${browser.version()} without a GPU, 1280 pixels wide; times from the opening of the ` +
            `file, ${rounds} times, ${ZOOMS} zooms each.`,
        ],
      },
    ],
  });
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
