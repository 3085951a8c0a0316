/**
 * Writers of the candle store, the entry directory, a migration and its way back, killed at random moments. After each
 * kill what was acknowledged is compared with a model, and the next run in the same location has to leave nothing
 * unfinished.
 *
 *     npm run build && ATC_KILLS=1000 ATC_KILL_SEED=1 node test/faults/kill.mjs
 *
 * Prints one line of JSON: kills by writer, what went wrong. ATC_FAULT_DIST names another build.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = path.resolve(process.env.ATC_FAULT_DIST ?? 'dist/esm', 'src');
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { EntryDirectory, openCandleStore } = await load('index.js');
const { migrateDirectory } = await load('entries/migrate/migrate.js');
const { revertDirectory } = await load('entries/migrate/revert.js');

const KILLS = Number(process.env.ATC_KILLS ?? 20);
const SEED = Number(process.env.ATC_KILL_SEED ?? 1);
const MAX_DELAY_MS = 60;
const MIGRATED = 60;
const name = { exchange: 'x', symbol: 'A', interval: '1m' };
const candle = (k) => ({ timestamp: k * 60_000, open: k, high: k + 1, low: k - 1, close: k + 0.5, volume: -k });
const value = (n) => ({ n, prices: Float64Array.from({ length: 50 + (n % 200) }, (_, k) => n + k / 8) });
const isValue = (found) => JSON.stringify(found) === JSON.stringify(value(found?.n));

/** The four writers, each run in a process that is killed; `print` acknowledges. */
const WRITERS = {
  async candles(directory, from, print) {
    const series = openCandleStore(directory, { sealRows: 16, layout: from % 2 ? 'mapped' : 'packed' }).series(name);
    for (let k = from; ; k += 3) {
      series.write([candle(k), candle(k + 1), candle(k + 2)]);
      print(k + 3);
      if (k % 7 === 0) series.seal();
    }
  },
  async entries(directory, from, print) {
    const cache = new EntryDirectory({ directory });
    for (let n = from; ; n++) {
      await cache.set(`k${n % 9}`, value(n));
      print(n);
    }
  },
  async migrate(directory, _, print) {
    for (;;) {
      print(0);
      await migrateDirectory(directory);
      await revertDirectory(directory);
    }
  },
};

if (process.argv[2] !== undefined) {
  const [, , writer, directory, from] = process.argv;
  await WRITERS[writer](directory, Number(from), (text) => fs.writeSync(1, `${text}\n`));
}

/** Runs one writer up to a random moment after its first acknowledgement; returns the last number it acknowledged. */
async function killOne(writer, directory, from, random) {
  const child = spawn(process.execPath, [process.argv[1], writer, directory, String(from)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [text, stderr] = ['', ''];
  child.stderr.on('data', (bytes) => (stderr += bytes));
  const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
  await new Promise((resolve) => {
    child.on('close', resolve);
    child.stdout.on('data', (bytes) => {
      text += bytes;
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, random() * MAX_DELAY_MS));
  child.kill('SIGKILL');
  if ((await ended) !== 'SIGKILL' || stderr !== '')
    throw new Error(`${writer} ended by itself: ${stderr.slice(0, 600)}`);
  const lines = text.split('\n');
  return Number(lines[lines.length - 2]);
}

function leftovers(directory) {
  return fs.readdirSync(directory, { recursive: true }).filter((file) => /\.atc-tmp$/.test(file));
}

/** Each location outlives its kills; a check returns where its writer goes on. */
const CHECKS = {
  candles(directory, acknowledged) {
    const store = openCandleStore(directory, { sealRows: 16 });
    const series = store.series(name);
    const rows = [...series.candles()];
    if (rows.length < acknowledged) throw new Error(`${acknowledged} rows were acknowledged, ${rows.length} are there`);
    rows.forEach((row, k) => {
      if (JSON.stringify(row) !== JSON.stringify(candle(k))) throw new Error(`row ${k} is ${JSON.stringify(row)}`);
    });
    series.seal();
    store.close();
    return rows.length;
  },
  async entries(directory, acknowledged) {
    const cache = new EntryDirectory({ directory });
    let newest = acknowledged;
    for (let key = 0; key < 9; key++) {
      const found = (await cache.get(`k${key}`))?.value;
      const wanted = acknowledged - ((acknowledged - key + 9) % 9);
      if (wanted < 0 && found === undefined) continue;
      if (!isValue(found) || found.n < wanted) throw new Error(`k${key} is ${found?.n} after ${wanted}`);
      newest = Math.max(newest, found.n);
    }
    if (cache.damaged > 0) throw new Error(`${cache.damaged} files are damaged`);
    await cache.prune();
    return newest + 1;
  },
  async migrate(directory) {
    const cache = new EntryDirectory({ directory });
    for (let n = 0; n < MIGRATED; n++) {
      const found = (await cache.get(`k${n}`))?.value;
      if (found?.n !== n) throw new Error(`entry ${n} is lost`);
    }
    await migrateDirectory(directory);
    return 0;
  },
};

async function campaign() {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'atc-kill-'));
  let state = SEED >>> 0;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const writers = Object.keys(WRITERS);
  const next = Object.fromEntries(writers.map((writer) => [writer, 0]));
  const counts = Object.fromEntries(writers.map((writer) => [writer, 0]));
  const problems = [];
  for (const writer of writers) fs.mkdirSync(path.join(root, writer));
  const cache = Array.from({ length: MIGRATED }, (_, n) => [
    `k${n}`,
    { value: JSON.stringify({ value: { n, text: 'x'.repeat(300) } }) },
  ]);
  fs.writeFileSync(path.join(root, 'migrate/cache.json'), JSON.stringify({ cache, lastExpire: 1 }));
  for (let round = 0; round < KILLS && problems.length < 10; round++) {
    const writer = writers[round % writers.length];
    const directory = path.join(root, writer);
    try {
      const acknowledged = await killOne(writer, directory, next[writer], random);
      counts[writer] += 1;
      next[writer] = await CHECKS[writer](directory, acknowledged);
      const left = leftovers(directory);
      if (left.length > 0) throw new Error(`left unfinished: ${left.join(', ')}`);
    } catch (error) {
      problems.push({ writer, round, problem: String(error.stack).slice(0, 600) });
    }
  }
  fs.rmSync(root, { recursive: true, force: true });
  const kills = Object.values(counts).reduce((sum, n) => sum + n, 0);
  console.log(JSON.stringify({ seed: SEED, kills, counts, seconds: Math.round(performance.now() / 1000), problems }));
}

if (process.argv[2] === undefined) await campaign();
