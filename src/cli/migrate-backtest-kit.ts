/** `atc migrate --backtest-kit`: one JSON file per candle to a candle store, and back. */
import path from 'node:path';
import { exportJsonCandles, importJsonCandles, type JsonMigrationResult } from '../candle-store/json-migration.js';
import { openCandleStore } from '../candle-store/store.js';
import { AtcError } from '../errors.js';
import { diskUsage } from '../io/disk-usage.js';
import { isPresent } from '../io/json-file.js';
import { interruptSignal } from './interrupt.js';
import type { MigrateFlags } from './migrate-flags.js';
import { printError, printOut } from './output.js';
import { createProgress } from './progress.js';
import { formatBytes, formatCount, formatNumber } from './text.js';

/** Where backtest-kit stores its candles, below a project. */
const HOST_DIRECTORY = 'dump/data/candle';

export async function migrateBacktestKit(given: string, flags: MigrateFlags): Promise<void> {
  const { json, store: directory } = directoriesOf(given, flags.store);
  const [from, to] = flags.revert === true ? [directory, json] : [json, directory];
  if (!isPresent(from)) {
    throw new AtcError('IO', `there are no candles to migrate: ${from} does not exist`, { path: from });
  }
  const dryRun = flags.dryRun === true;
  const progress = createProgress('migrate', 'candles', { quiet: flags.json === true });
  const options = { dryRun, signal: interruptSignal(), onCandles: progress.update };
  const store = openCandleStore(directory, {
    service: 'backtest-kit',
    level: flags.level,
    algorithm: flags.algorithm,
  });
  let result: JsonMigrationResult;
  try {
    result = await (flags.revert === true
      ? exportJsonCandles(store, json, options)
      : importJsonCandles(json, store, options));
  } catch (error) {
    if (options.signal.aborted) printError('what is done stays: the same command goes on from there');
    throw error;
  } finally {
    progress.stop();
    store.close();
  }
  const outcome = { from, to, dryRun, ...result };
  printOut(flags.json === true ? JSON.stringify(outcome) : textOf(outcome));
}

/** A project, or its directory of JSON candles. */
function directoriesOf(given: string, store: string | undefined): { json: string; store: string } {
  const below = path.join(given, HOST_DIRECTORY);
  const isProject = isPresent(below) || isPresent(`${below}-atc`);
  const json = path.resolve(isProject ? below : given);
  return { json, store: path.resolve(store ?? `${json}-atc`) };
}

function othersStay({ candles, written }: JsonMigrationResult): string {
  return written < candles ? ', the others are there already' : '';
}

function textOf({ from, to, dryRun, ...result }: JsonMigrationResult & { from: string; to: string; dryRun: boolean }) {
  const lines = [
    `${from}: ${formatNumber(result.candles, 'candle')} in ${formatNumber(result.series, 'series', 'series')}`,
    `${to}: ${formatCount(result.written)} ${dryRun ? 'to be written' : 'written'}${othersStay(result)}`,
  ];
  if (!dryRun) {
    lines.push(`read back and found the same: ${formatCount(result.verified)}`);
    for (const directory of [from, to]) {
      const { allocatedBytes, files } = diskUsage(directory);
      lines.push(`${directory}: ${formatBytes(allocatedBytes)} on disk in ${formatNumber(files, 'file')}`);
    }
    lines.push(`${from} was left as it is; delete it when you are satisfied`);
  }
  for (const file of result.damaged) lines.push(`not read, it is no JSON object: ${file}`);
  if (result.differing > 0) {
    lines.push(`there already with other values, which stay: ${formatCount(result.differing)}`);
  }
  if (result.inexact > 0) {
    lines.push(`with NaN, an infinity or -0, which JSON cannot write: ${formatNumber(result.inexact, 'candle')}`);
  }
  return lines.join('\n');
}
