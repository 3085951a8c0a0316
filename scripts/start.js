// `npm start [-- FILE.csv …]`: the same backtest four ways, over the user's files, or over the S&P 500 that ships
// with the sources and over made-up history that is large enough to gain something. Builds what it needs
// (scripts/build.js --start).
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const main = path.join(root, 'dist/esm/cli.js');
const args = process.argv.slice(2);
const named = args.some((argument) => !argument.startsWith('-'));
const ROWS = 1_000_000;
const ROWS_AT_ONCE = 20_000;

function compare(sources) {
  const run = spawnSync(process.execPath, [main, 'backtest', ...sources, '--compare', ...args], { stdio: 'inherit' });
  if (run.error) throw run.error;
  if (run.status !== 0) process.exit(run.status ?? 1);
}

/** Minutes of one coin, the same on every machine. */
async function writeHistory(file) {
  const { MARKETS, makeCandles } = await import('../dist/esm/src/cli/bench/made-up-candles.js');
  const columns = makeCandles(MARKETS[0], ROWS, 1);
  const names = Object.keys(columns);
  const out = createWriteStream(file);
  out.write(`${names}\n`);
  for (let row = 0; row < ROWS; ) {
    let text = '';
    for (const end = Math.min(ROWS, row + ROWS_AT_ONCE); row < end; row += 1) {
      text += `${names.map((name) => columns[name][row])}\n`;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

if (named) compare([]);
else {
  console.log('20 years of the S&P 500, four ways. The strategy (ATC) is here as a workload, not as advice.\n');
  compare([path.join(root, 'examples/data/sp500-2000.csv')]);
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-start-'));
  try {
    console.log(`\nThe same over ${ROWS.toLocaleString('en-US')} made-up minutes of one coin, from a CSV file.\n`);
    const file = path.join(folder, 'made-up.csv');
    await writeHistory(file);
    compare([file, '--cache-dir', path.join(folder, 'copies')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log('\nYour own history: npm start -- FILE.csv');
}
