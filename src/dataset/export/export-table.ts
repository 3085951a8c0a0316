/** One symbol as it is exported: its range, columns and interval, and what its times are. */
import type { ColumnSchema } from '../../codec/codec.js';
import { type Columns, dtypeOf } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { fixedLengthMs } from '../../formats/buckets.js';
import type { ExportSpec } from '../../formats/export/export-format.js';
import { nearestHint } from '../../nearest.js';
import type { CandleTable } from '../../table.js';
import { matchName } from '../aggregates.js';
import { TimeRuns } from '../check/time-runs.js';
import { resample } from '../resample.js';

export interface ExportTable {
  readonly symbol: string;
  /** `timestamp` first. */
  readonly schema: readonly ColumnSchema[];
  readonly times: ExportSpec['times'];
  /** The distance of its candles in ms: of the interval, else the usual one. */
  readonly stepMs?: number;
  /** The interval that was asked for. */
  readonly interval?: string | number;
  /** Rows of the source, more than are written where they are resampled. */
  readonly sourceRows: number;
  batches(): Iterable<{ readonly length: number; readonly columns: Columns }>;
}

interface TableOptions {
  readonly columns?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly interval?: string | number;
  readonly partial?: 'include' | 'omit';
}

/** Reads the timestamps first, to know what they are; those of longer candles are whole ms. */
export function tableToExport(whole: CandleTable, options: TableOptions): ExportTable {
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY, interval, partial } = options;
  const table =
    fromMs === Number.NEGATIVE_INFINITY && toMs === Number.POSITIVE_INFINITY ? whole : whole.range(fromMs, toMs);
  const names = pickNames(table, options.columns);
  const batches = () => (interval === undefined ? table.blocks(names) : resampled(table, names, interval, partial));
  const { times, stepMs } =
    interval === undefined ? timesOf(table, whole) : { times: 'ms' as const, stepMs: fixedLengthMs(interval) };
  return {
    symbol: table.symbol,
    schema: names.map((name) => ({
      name,
      dtype: interval === undefined ? dtypeOf(table.range(0, 0).column(name))! : 'float64',
    })),
    times,
    stepMs,
    interval,
    sourceRows: table.length,
    batches,
  };
}

function* resampled(
  table: CandleTable,
  names: readonly string[],
  interval: string | number,
  partial: TableOptions['partial'],
) {
  for (const { columns } of resample(table, interval, { columns: names, partial }))
    yield { length: columns.timestamp.length, columns };
}

function pickNames(table: CandleTable, wanted: readonly string[] | undefined): string[] {
  const others = table.columns.filter((name) => name !== 'timestamp');
  if (wanted === undefined) return ['timestamp', ...others];
  const picked = wanted
    .filter((name) => name !== 'timestamp')
    .map((name) => {
      const found = matchName(name, others);
      if (found !== undefined) return found;
      throw new AtcError('ARGUMENT', `${table.symbol} has no column "${name}"${nearestHint(name, others)}`, {
        column: name,
      });
    });
  return ['timestamp', ...new Set(picked)];
}

function timesOf(table: CandleTable, whole: CandleTable): Pick<ExportTable, 'times' | 'stepMs'> {
  const runs = new TimeRuns();
  let times: ExportSpec['times'] = 'ms';
  for (const { length, columns } of table.blocks(['timestamp'])) {
    for (let row = 0; row < length; row += 1) {
      const ms = Number(columns.timestamp[row]);
      runs.add(ms);
      if (times !== 'numbers' && !Number.isInteger(ms)) times = isMicros(ms) ? 'us' : 'numbers';
    }
  }
  return { times, stepMs: table.length === 1 ? usualStep(whole) : runs.usualStep() };
}

/** Of one row in a range: the distance of the others. */
function usualStep(table: CandleTable): number | undefined {
  const runs = new TimeRuns();
  for (const { length, columns } of table.blocks(['timestamp'])) {
    for (let row = 0; row < length; row += 1) runs.add(Number(columns.timestamp[row]));
  }
  return runs.usualStep();
}

/** The double nearest to a whole number of µs. */
function isMicros(ms: number): boolean {
  const whole = Math.floor(ms);
  const micros = Math.round((ms - whole) * 1000);
  return whole + micros / 1000 === ms;
}
