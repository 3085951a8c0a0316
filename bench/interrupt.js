// How long an interrupted `atc` takes to end, and what it leaves: node bench/interrupt.js [--times 10]
//
// Each kind of work is started in a folder of its own and gets a SIGINT (Ctrl-C) after a random part of the time that
// it takes. Prints the longest time from the signal to the end of the process, and how many files were left that had
// not been there. Needs `npm run build`.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { histories } from './kit.js';

const { writeDataset, openDataset } = await import('../dist/esm/index.js');
const main = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url));

const { values } = parseArgs({ options: { times: { type: 'string', default: '10' } } });
const times = Number(values.times);
const folder = mkdtempSync(path.join(tmpdir(), 'atc-interrupt-'));

/** CSV of the same candles, for what reads text. */
async function writeCsv(directory, file) {
  const { createWriteStream } = await import('node:fs');
  const out = createWriteStream(file);
  out.write('timestamp,symbol,close\n');
  const dataset = await openDataset(directory);
  for (const symbol of dataset.symbols) {
    for (const { columns, length } of dataset.table(symbol).blocks(['timestamp', 'close'])) {
      let text = '';
      for (let row = 0; row < length; row++) text += `${columns.timestamp[row]},${symbol},${columns.close[row]}\n`;
      out.write(text);
    }
  }
  dataset.close();
  await new Promise((resolve) => out.end(resolve));
}

const filesOf = (directory) => readdirSync(directory, { recursive: true }).map(String);

function interrupt(args, cwd, afterMs) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { cwd, stdio: 'ignore' });
    const started = performance.now();
    let signalled;
    const timer =
      afterMs === undefined
        ? undefined
        : setTimeout(() => {
            signalled = performance.now();
            child.kill('SIGINT');
          }, afterMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, totalMs: performance.now() - started, endMs: performance.now() - signalled });
    });
  });
}

try {
  (await writeDataset(path.join(folder, 'history'), histories({ symbols: 16, rows: 300_000 }))).close();
  (await writeDataset(path.join(folder, 'small'), histories({ symbols: 8, rows: 100_000 }))).close();
  await writeCsv(path.join(folder, 'small'), path.join(folder, 'small.csv'));
  const kinds = {
    'backtest, 1 worker, rows': ['backtest', '../history', '--workers', '1', '--rows', 'bars', '--report', 'r.json'],
    'backtest, 2 workers, rows': ['backtest', '../history', '--workers', '2', '--rows', 'bars', '--report', 'r.json'],
    'backtest of CSV, in memory': ['backtest', '../small.csv', '--rows', 'bars'],
    'backtest of CSV, mapped copy': ['backtest', '../small.csv', '--mmap'],
    'backtest of CSV, packed copy': ['backtest', '../small.csv', '--compress'],
    'backtest, four ways compared': ['backtest', '../small.csv', '--compare'],
    scan: ['scan', '../history', '--workers', '2'],
    import: ['import', '../small.csv', '--out', 'imported', '--packed'],
  };
  for (const [name, args] of Object.entries(kinds)) {
    const cwd = path.join(folder, 'here');
    mkdirSync(cwd);
    const { totalMs } = await interrupt(args, cwd);
    rmSync(cwd, { recursive: true });
    let slowest = 0;
    let interrupted = 0;
    const left = new Set();
    for (let k = 0; k < times; k++) {
      mkdirSync(cwd);
      const { code, signal, endMs } = await interrupt(args, cwd, ((k + Math.random()) / times) * totalMs);
      if (code === 130 || signal === 'SIGINT') {
        interrupted += 1;
        slowest = Math.max(slowest, endMs);
        for (const file of filesOf(cwd)) if (!/^\.cache(\/atc)?$/.test(file)) left.add(file);
      }
      rmSync(cwd, { recursive: true });
    }
    console.log(
      `${name.padEnd(30)} takes ${(totalMs / 1000).toFixed(2)} s; ${interrupted} of ${times} interrupted, ` +
        `ended within ${slowest.toFixed(0)} ms, left ${left.size} files ${[...left].slice(0, 3).join(' ')}`,
    );
    if (slowest > 1000 || left.size > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
