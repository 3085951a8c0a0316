/** A project of its own for each test, with a stand-in for backtest-kit. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type StoredCandle } from 'atc-memory';
import * as plugin from 'atc-memory/backtest-kit';
import { useWorkspace } from '../io/workspace.js';
import { MINUTE, START } from './candles.js';
import { createStandIn, type Host } from './stand-in.js';

export const { setup, install, uninstall } = plugin;
const { at } = useWorkspace();
const home = process.cwd();
const stored = (rows: object[]) => rows as StoredCandle[];
export const DAY_BEFORE = START - 1440 * MINUTE;
let folder = 0;
export let kit: Host;

export const read = (from: number, limit: number, symbol = 'BTCUSDT') =>
  kit.PersistCandleAdapter.readCandlesData(symbol, '1m', 'binance', limit, from, from + limit * MINUTE);

export const write = (rows: object[], symbol = 'BTCUSDT') =>
  kit.PersistCandleAdapter.writeCandlesData(stored(rows), symbol, '1m', 'binance');

export const JSON_FILES = 'dump/data/candle/binance/BTCUSDT/1m';
export const OUR_FILES = 'dump/data/candle-atc/binance/BTCUSDT/1m';
export const jsonFiles = () => (existsSync(JSON_FILES) ? readdirSync(JSON_FILES).length : 0);

beforeEach(() => {
  const here = at(`project-${folder++}`);
  mkdirSync(here, { recursive: true });
  // The search for a configuration ends at a manifest.
  writeFileSync(path.join(here, 'package.json'), '{}');
  process.chdir(here);
  kit = createStandIn();
});

afterEach(() => {
  uninstall();
  process.chdir(home);
});
