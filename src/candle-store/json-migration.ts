/** Between a directory of JSON candles, as backtest-kit stores them, and a store: all series at once, both ways. */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { entryNames } from '../io/directory-entries.js';
import { readText } from '../io/json-file.js';
import { isRealFile, refuseLinks } from '../io/own-path.js';
import { sweepTemporaries } from '../io/temporary.js';
import { CandleDigest, canonicalText } from './candle-digest.js';
import { isJsonCandleName, JsonCandles } from './json-candles.js';
import type { StoredCandle } from './row-shape.js';
import type { CandleSeries } from './series.js';
import type { SeriesName } from './series-path.js';
import type { CandleStore } from './store.js';

export interface JsonMigrationOptions {
  /** Only count. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Called now and then with the number of candles so far. */
  readonly onCandles?: (count: number) => void;
}

export interface JsonMigrationResult {
  readonly series: number;
  /** Looked at. */
  readonly candles: number;
  /** New where they went to (with `dryRun`: that would be). */
  readonly written: number;
  /** Read back from the disk afterwards and found to be the same; with `differing`, all of them. 0 with `dryRun`. */
  readonly verified: number;
  /** There already with other values: what was there first stays. */
  readonly differing: number;
  /** Import: files that are no JSON object; they stay where they are. */
  readonly damaged: readonly string[];
  /**
   * Export: candles with values that JSON cannot express (NaN, infinities, -0); they are written as JSON writes them.
   */
  readonly inexact: number;
}

const BATCH = 4096;

/**
 * Reads every candle below `directory` into the store; the JSON files stay. What the store has already wins. May stop
 * and resume anywhere: what is stored already is skipped. Every series is read back from the disk; IO when a candle is
 * missing then.
 */
export async function importJsonCandles(
  directory: string,
  store: CandleStore,
  { dryRun = false, signal, onCandles }: JsonMigrationOptions = {},
): Promise<JsonMigrationResult> {
  const damaged: string[] = [];
  let [series, candles, written, differing] = [0, 0, 0, 0];
  for (const { name, below } of jsonSeries(directory)) {
    series++;
    const damagedHere = new Set<string>();
    const from = new JsonCandles(directory, below, (_error, file) => damagedHere.add(file));
    const target = store.series(name);
    const times = from.timestamps();
    const given = new CandleDigest();
    for (let at = 0; at < times.length; at += BATCH) {
      // A turn of the event loop, so that Ctrl-C takes effect.
      await nextTurn();
      signal?.throwIfAborted();
      const entries = times.slice(at, at + BATCH).flatMap((timestamp) => {
        const candle = from.read(timestamp);
        return candle === undefined ? [] : [{ timestamp, candle }];
      });
      candles += entries.length;
      written += dryRun ? entries.filter(({ timestamp }) => !target.has(timestamp)).length : target.keep(entries);
      for (const { timestamp, candle } of entries) given.add(timestamp, candle);
      onCandles?.(candles);
    }
    damaged.push(...damagedHere);
    if (dryRun) continue;
    target.seal();
    if (!given.equals(digestOf(target, new Set(times)))) differing += compareOneByOne(from, times, target);
  }
  const verified = dryRun ? 0 : candles - differing;
  return { series, candles, written, verified, differing, damaged, inexact: 0 };
}

/** Of the candles at `times` as they are on the disk now. */
function digestOf(series: CandleSeries, times: ReadonlySet<number>): CandleDigest {
  series.close();
  const digest = new CandleDigest();
  for (const [timestamp, candle] of series.entries()) if (times.has(timestamp)) digest.add(timestamp, candle);
  return digest;
}

/** How many candles the store has with other values. IO when it has none at a time that it was given one for. */
function compareOneByOne(from: JsonCandles, times: readonly number[], series: CandleSeries): number {
  let differing = 0;
  for (const timestamp of times) {
    const candle = from.read(timestamp);
    if (candle === undefined) continue;
    const stored = series.read(timestamp, 1, 1)?.[0];
    if (stored === undefined) {
      const message = `${series.directory} lacks the candle written for ${timestamp}; run the migration again`;
      throw new AtcError('IO', message, { path: series.directory });
    }
    if (canonicalText(stored) !== canonicalText(candle)) differing++;
  }
  return differing;
}

/**
 * Writes every candle of the store as one JSON file, as backtest-kit writes it; the store stays, and so does every file
 * that is there already. Every file is read back.
 */
export async function exportJsonCandles(
  store: CandleStore,
  directory: string,
  { dryRun = false, signal, onCandles }: JsonMigrationOptions = {},
): Promise<JsonMigrationResult> {
  let [candles, written, differing, inexact] = [0, 0, 0, 0];
  const names = store.list();
  for (const name of names) {
    const target = insideOf(directory, name);
    refuseLinks(directory, path.relative(directory, target).split(path.sep).join('/'));
    for (const [timestamp, candle] of store.series(name).entries()) {
      if (candles++ % BATCH === 0) {
        await nextTurn();
        signal?.throwIfAborted();
        onCandles?.(candles);
      }
      const file = path.join(target, `${timestamp}.json`);
      const text = JSON.stringify(candle);
      const there = isRealFile(file) ? readText(file) : undefined;
      if (there !== undefined) {
        if (there !== text) differing++;
        continue;
      }
      written++;
      if (!isExactInJson(candle)) inexact++;
      if (dryRun) continue;
      writeFileAtomicSync(file, text, { durability: 'process' });
      if (readText(file) === text) continue;
      throw new AtcError('IO', `${file} does not hold what was written to it; is the disk full?`, { path: file });
    }
    // Of an export that was killed: the host would ignore it, and nobody else remove it.
    if (!dryRun) sweepTemporaries(target);
  }
  onCandles?.(candles);
  const verified = dryRun ? 0 : candles - differing;
  return { series: names.length, candles, written, verified, differing, damaged: [], inexact };
}

/** The host puts names into paths as they are; a name such as `..` must not lead out of the directory. */
function insideOf(directory: string, { exchange, symbol, interval }: SeriesName): string {
  const parts = `${exchange}/${symbol}/${interval}`.split(/[\\/]/);
  if (!parts.some((part) => part === '..' || part === '.' || part === '')) return path.join(directory, ...parts);
  const message =
    `series ${JSON.stringify(`${exchange} ${symbol} ${interval}`)} has no directory below ${directory} in the ` +
    "host's form";
  throw new AtcError('UNSUPPORTED', message, { path: directory });
}

function isExactInJson(candle: StoredCandle): boolean {
  return Object.values(candle).every(
    (value) => typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0)),
  );
}

/**
 * Directories with candles: the first name below the root is the exchange, the last the interval, the symbol may be
 * several.
 */
function* jsonSeries(
  root: string,
  below: readonly string[] = [],
): Generator<{ name: SeriesName; below: readonly string[] }> {
  const here = path.join(root, ...below);
  const { files, directories } = entryNames(here);
  if (below.length >= 3 && files.some(isJsonCandleName)) {
    const [exchange, interval] = [below[0], below[below.length - 1]];
    yield { name: { exchange, symbol: below.slice(1, -1).join('/'), interval }, below };
  }
  for (const directory of directories.sort()) yield* jsonSeries(root, [...below, directory]);
}
