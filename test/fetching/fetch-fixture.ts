/** Fetching from a made-up exchange, in a directory of its own for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keepHistory } from '../../src/fetching/keep-history.js';
import type { KeepHistoryOptions } from '../../src/fetching/options.js';
import { type Behaviour, MINUTE, type Row, rowsOf, START } from './fake-source.js';

export let directory: string;

beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'keeper-')), 'history');
});

afterEach(() => rmSync(path.dirname(directory), { recursive: true, force: true }));

/** Fetches `minutes` from START on. */
export function options(minutes: number, more: Partial<KeepHistoryOptions>): KeepHistoryOptions {
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

export async function fetched(
  minutes: number,
  more: Partial<KeepHistoryOptions>,
): Promise<{ rows: Row[]; requests: number }> {
  const history = await keepHistory(options(minutes, more));
  const rows = rowsOf(history.table());
  const { requests } = history;
  history.close();
  return { rows, requests };
}

export const BEHAVIOURS: Record<string, Behaviour> = {
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
