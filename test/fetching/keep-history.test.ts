import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keepHistory } from '../../src/fetching/keep-history.js';
import type { KeepHistoryOptions } from '../../src/fetching/options.js';
import { type Behaviour, candles, fakeSource, MINUTE, type Row, rowsOf, START } from './fake-source.js';

let directory: string;
beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'keeper-')), 'history');
});
afterEach(() => rmSync(path.dirname(directory), { recursive: true, force: true }));

/** Fetches `minutes` from START on. */
function options(minutes: number, more: Partial<KeepHistoryOptions>): KeepHistoryOptions {
  const range = { since: START, until: START + minutes * MINUTE };
  return {
    directory,
    symbol: 'BTC/USDT',
    interval: '1m',
    pageSize: 100,
    backoffMs: 1,
    ...range,
    ...more,
  } as KeepHistoryOptions;
}

async function fetched(minutes: number, more: Partial<KeepHistoryOptions>): Promise<{ rows: Row[]; requests: number }> {
  const history = await keepHistory(options(minutes, more));
  const rows = rowsOf(history.table());
  const { requests } = history;
  history.close();
  return { rows, requests };
}

const BEHAVIOURS: Record<string, Behaviour> = {
  plain: {},
  'end of the page given': { counts: 'end' },
  'spans of time': { counts: 'span' },
  'pages of 30 whatever is asked for': { cap: 30 },
  'pages of 30 from the end': { cap: 30, counts: 'end' },
  'spans of time, cut': { cap: 30, counts: 'span' },
  'since rounded down to the hour': { roundsTo: 60 * MINUTE },
  'the last row again': { repeatsLast: true },
  'newest first': { order: 'descending' },
  'out of order, each row twice': { order: 'mixed', doubles: true },
  'no end looked at': { ignoresUntil: true },
};

describe('sources of every kind give the same history', () => {
  const holes = [
    [0, 7],
    [95, 130],
    [310, 311],
    [400, 750],
    [960, 1000],
  ] as const;
  const truth = candles(1000, holes);
  for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
    for (const concurrency of [1, 3]) {
      test(`${name}, ${concurrency} at once`, async () => {
        const { fetchPage, asked } = fakeSource(truth, behaviour);
        const { rows } = await fetched(1000, { fetchPage, concurrency });
        expect(rows).toEqual(truth);
        const before = asked.length;
        const again = await fetched(1000, { fetchPage, concurrency });
        expect(again.rows).toEqual(truth);
        expect(asked.length).toBe(before);
      });
    }
  }
});
