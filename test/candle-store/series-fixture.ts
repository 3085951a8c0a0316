/** Candle stores in directories of their own. */
import { type StoredCandle } from 'atc-memory';
import { BlockCache } from '../../src/candle-store/block-cache.js';
import { type SeriesSettings } from '../../src/candle-store/series-files.js';
import { useWorkspace } from '../io/workspace.js';

const { at } = useWorkspace();
let made = 0;
export const directory = () => at(`store-${made++}`);
export const NAME = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };
export const stored = (rows: object[]) => rows as StoredCandle[];

export const SETTINGS: SeriesSettings = {
  cache: new BlockCache(0),
  layout: 'packed',
  compression: {},
  backend: 'auto',
  sealRows: 4,
  durability: 'process',
  service: 'test',
};
