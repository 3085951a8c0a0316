/** Between a directory of JSON candles, as backtest-kit keeps them, and a store: all series at once, both ways. */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { entryNames } from '../../io/directory-entries.js';
import { isPresent } from '../../io/json-file.js';
import { isJsonCandleName, JsonCandles } from './json-candles.js';
import type { StoredCandle } from './row-shape.js';
import type { SeriesName } from './series-path.js';
import type { CandleStore } from './store.js';

export interface JsonMigrationOptions {
  /** Only count. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onCandles?: (count: number) => void;
}

export interface JsonMigrationResult {
  readonly series: number;
  /** Looked at. */
  readonly candles: number;
  /** New where they went to (with `dryRun`: that would be). */
  readonly written: number;
  /** Import: files that are no JSON object; they stay where they are. */
  readonly damaged: readonly string[];
  /** Export: candles with values that JSON has no word for (NaN, infinities, -0); they are written as JSON writes them. */
  readonly inexact: number;
}

const BATCH = 4096;

/** Reads every candle below `directory` into the store; the JSON files stay. What the store has already wins. */
export async function importJsonCandles(
  directory: string,
  store: CandleStore,
  { dryRun = false, signal, onCandles }: JsonMigrationOptions = {},
): Promise<JsonMigrationResult> {
  const damaged: string[] = [];
  let [series, candles, written] = [0, 0, 0];
  for (const { name, path: source } of jsonSeries(directory)) {
    series++;
    const from = new JsonCandles(source, (_error, file) => damaged.push(file));
    const target = store.series(name);
    const times = from.timestamps();
    for (let at = 0; at < times.length; at += BATCH) {
      // A turn of the event loop, so that Ctrl-C is heard.
      await nextTurn();
      signal?.throwIfAborted();
      const entries = times.slice(at, at + BATCH).flatMap((timestamp) => {
        const candle = from.read(timestamp);
        return candle === undefined ? [] : [{ timestamp, candle }];
      });
      candles += entries.length;
      written += dryRun ? entries.filter(({ timestamp }) => !target.has(timestamp)).length : target.keep(entries);
      onCandles?.(candles);
    }
    if (!dryRun) target.seal();
  }
  return { series, candles, written, damaged, inexact: 0 };
}

/** Writes every candle of the store as one JSON file; the store stays, and so does every file that is there already. */
export async function exportJsonCandles(
  store: CandleStore,
  directory: string,
  { dryRun = false, signal, onCandles }: JsonMigrationOptions = {},
): Promise<JsonMigrationResult> {
  let [candles, written, inexact] = [0, 0, 0];
  const names = store.list();
  for (const name of names) {
    const target = path.join(directory, `${name.exchange}/${name.symbol}/${name.interval}`);
    for (const [timestamp, candle] of store.series(name).entries()) {
      if (candles++ % BATCH === 0) {
        await nextTurn();
        signal?.throwIfAborted();
        onCandles?.(candles);
      }
      const file = path.join(target, `${timestamp}.json`);
      if (isPresent(file)) continue;
      written++;
      if (!isExactInJson(candle)) inexact++;
      if (!dryRun) writeFileAtomicSync(file, JSON.stringify(candle), { durability: 'process' });
    }
  }
  onCandles?.(candles);
  return { series: names.length, candles, written, damaged: [], inexact };
}

function isExactInJson(candle: StoredCandle): boolean {
  return Object.values(candle).every(
    (value) => typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0)),
  );
}

/** Directories with candles: the first name below the root is the exchange, the last the interval, the symbol may be several. */
function* jsonSeries(root: string, below: readonly string[] = []): Generator<{ name: SeriesName; path: string }> {
  const here = path.join(root, ...below);
  const { files, directories } = entryNames(here);
  if (below.length >= 3 && files.some(isJsonCandleName)) {
    const [exchange, interval] = [below[0], below[below.length - 1]];
    yield { name: { exchange, symbol: below.slice(1, -1).join('/'), interval }, path: here };
  }
  for (const directory of directories.sort()) yield* jsonSeries(root, [...below, directory]);
}
