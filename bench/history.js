// A year of one-minute candles from a loopback server: `keepHistory` beside a bare HTTP client that sends the same
// requests, in one run, one after the other. Prints the requests (the least there are) and the ratio of the times.
// node bench/history.js [rounds]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keepHistory } from '../dist/esm/history.js';
import { START } from '../test/fetching/kline-server.mjs';
import { measured, median } from './kit.js';

const ROWS = 525_600;
const PAGE = 1000;
const MINUTE = 60_000;
const rounds = Number(process.argv[2] ?? 5);

const program = new URL('../test/fetching/kline-server.mjs', import.meta.url).pathname;
const server = spawn(process.execPath, [program, JSON.stringify({ rows: ROWS })], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const port = Number(String(await once(server.stdout, 'data')));
const base = `http://127.0.0.1:${port}/api/v3/klines?symbol=BTCUSDT&interval=1m`;

/** What an own client does: get, parse, make numbers. */
async function fetchPage({ since, until, limit, signal }) {
  const response = await fetch(`${base}&startTime=${since}&endTime=${until - 1}&limit=${limit}`, { signal });
  const rows = await response.json();
  return rows.map((row) => [row[0], Number(row[1]), Number(row[2]), Number(row[3]), Number(row[4]), Number(row[5])]);
}

async function bare() {
  let requests = 0;
  const all = [];
  for (let since = START; since < START + ROWS * MINUTE; ) {
    const until = Math.min(START + ROWS * MINUTE, since + PAGE * MINUTE);
    const rows = await fetchPage({ since, until, limit: PAGE });
    requests++;
    all.push(...rows);
    since = rows[rows.length - 1][0] + MINUTE;
  }
  return { requests, rows: all.length };
}

async function kept(layout) {
  const directory = mkdtempSync(path.join(tmpdir(), 'keeper-bench-'));
  try {
    const range = { since: START, until: START + ROWS * MINUTE };
    const history = await keepHistory({
      directory,
      fetchPage,
      symbol: 'BTC/USDT',
      interval: '1m',
      pageSize: PAGE,
      layout,
      ...range,
    });
    const { requests } = history;
    const rows = history.table().length;
    history.close();
    return { requests, rows };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const contenders = { bare, 'kept, mapped': () => kept('mapped'), 'kept, packed': () => kept('packed') };
const seconds = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
const cpu = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
const outcomes = {};
try {
  await bare();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const { seconds: own, cpuSeconds, value } = await measured(run);
      outcomes[name] = value;
      seconds[name].push(own);
      cpu[name].push(cpuSeconds);
    }
  }
} finally {
  server.kill();
}
const least = Math.ceil(ROWS / PAGE);
console.log(`${ROWS} candles, pages of ${PAGE}: at least ${least} requests; medians of ${rounds} rounds`);
for (const [name, { requests, rows }] of Object.entries(outcomes)) {
  const own = median(seconds[name]);
  const busy = median(cpu[name]);
  const ratio = median(seconds[name].map((one, round) => one / seconds.bare[round]));
  console.log(
    `${name.padEnd(13)} ${own.toFixed(2)} s (${busy.toFixed(2)} s of processors)  ${ratio.toFixed(2)} of bare  ` +
      `${requests} requests  ${rows} rows`,
  );
}
