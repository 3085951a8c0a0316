/**
 * The real ccxt against a loopback server that fails in every way, in processes that are killed at random moments:
 * nothing that was reported as stored is asked for again, and the history is the server's, bit by bit. ATC_KILLS sets
 * how many kills, ATC_SEED which; by hand: ATC_KILLS=100.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset } from '../../src/dataset/open.js';
import { rowsOf } from './fake-source.js';
import { type Behaviour, candleAt, MINUTE, START } from './kline-server.mjs';

const KILLS = Number(process.env.ATC_KILLS ?? 6);
const SEED = Number(process.env.ATC_SEED ?? 20_230_101);
const DIST = path.resolve('dist/esm/history.js');
const MINUTES = 9000;
const HOLES: [number, number][] = [
  [100, 120],
  [2000, 3700],
  [7990, 8000],
];
const WORST = { busyEvery: 7, cutEvery: 5, failEvery: 11, retryAfter: 0.02 };
const EXCHANGES: Record<string, Omit<Behaviour, 'rows'>> = {
  binance: { holes: HOLES, cap: 200, repeats: true, rounds: 3, ...WORST },
  bybit: { holes: HOLES, cap: 200, ...WORST },
};

/** Numbers in [0, 1) that the seed decides. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function withServer(behaviour: Behaviour, use: (port: number) => Promise<void>): Promise<void> {
  const program = path.resolve('test/fetching/kline-server.mjs');
  const server = spawn(process.execPath, [program, JSON.stringify(behaviour)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [text] = await once(server.stdout, 'data');
    await use(Number(String(text)));
  } finally {
    server.kill();
  }
}

interface Run {
  readonly child: ChildProcess;
  /** Time of the last candle that was reported as stored, 0 for none. */
  stored: number;
  lines: string[];
  readonly ended: Promise<unknown>;
}

function start(config: object, onLine: (line: string, run: Run) => void = () => undefined): Run {
  const program = path.resolve('test/fetching/keeper-child.mjs');
  const child = spawn(process.execPath, [program, DIST, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const run: Run = { child, stored: 0, lines: [], ended: once(child, 'close') };
  let rest = '';
  child.stdout.on('data', (bytes) => {
    const lines = (rest + bytes).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      run.lines.push(line);
      if (line.startsWith('stored ')) run.stored = Math.max(run.stored, Number(line.slice(7)));
      onLine(line, run);
    }
  });
  return run;
}

const logOf = async (port: number): Promise<{ since: number; status: number }[]> =>
  (await (await fetch(`http://127.0.0.1:${port}/control/log`)).json()) as { since: number; status: number }[];

const isBuilt = existsSync(DIST);
if (!isBuilt) console.warn('ccxt-kill.test.ts: dist is not built, nothing is killed');

(isBuilt ? test : test.skip).each(Object.entries(EXCHANGES))(
  '%s through ccxt: killed at random moments, nothing stored is asked for again',
  async (exchange, behaviour) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'keeper-kill-'));
    const directory = path.join(folder, 'history');
    const random = randomNumbers(SEED);
    try {
      await withServer({ rows: MINUTES + 500, ...behaviour }, async (port) => {
        const config = { port, exchange, directory, minutes: MINUTES };
        let stored = 0;
        let asked = 0;
        for (let kill = 0; kill < KILLS; kill++) {
          // Some in the middle of pages, some while the process begins, ends, or moves pages into the dataset.
          const pages = Math.floor(random() * Math.max(2, (3 * 60) / KILLS));
          const delayMs = random() * 20;
          let count = 0;
          const run = start(config, (line, { child }) => {
            if (count++ === pages || line.startsWith('done')) setTimeout(() => child.kill('SIGKILL'), delayMs);
          });
          await run.ended;
          const log = await logOf(port);
          for (const { since } of log.slice(asked)) expect(since).toBeGreaterThan(stored);
          asked = log.length;
          stored = Math.max(stored, run.stored);
        }
        const last = start(config);
        await last.ended;
        expect(last.lines.at(-1)).toMatch(/^done /);
        const again = start(config);
        await again.ended;
        expect(again.lines.at(-1)).toContain('"requests":0,"repeated":0');
        const log = await logOf(port);
        for (const { since } of log.slice(asked)) expect(since).toBeGreaterThan(stored);
        console.log(
          `${exchange}: ${KILLS} kills, ${log.length} requests, ${log.filter((one) => one.status !== 200).length} ` +
            'failed',
        );
      });
      const dataset = await openDataset(directory);
      const isThere = (i: number) => !HOLES.some(([from, to]) => i >= from && i < to);
      const truth = Array.from({ length: MINUTES }, (_, i) => i)
        .filter(isThere)
        .map(candleAt);
      expect(rowsOf(dataset.table('BTC/USDT'))).toEqual(truth);
      const missing = HOLES.reduce((sum, [from, to]) => sum + to - from, 0);
      expect(dataset.gaps('BTC/USDT', { stepMs: MINUTE })).toMatchObject({ missing: 0, empty: missing });
      expect(dataset.table('BTC/USDT').column('timestamp')[0]).toBe(START);
      dataset.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  3_600_000,
);
