/** Where candles are missing: the times at which one is due by the grid of a table and none is there. */
import { requireKnownOptions, requireMethodsOf } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import type { CandleTable } from '../table.js';
import type { TimeSpan } from './catalogue.js';
import { normaliseSpans } from './time-spans.js';

/** A stretch of time in which candles are due and not there. */
export interface Gap {
  /** First time at which a candle is due, UTC ms. */
  readonly fromMs: number;
  /** Time of the next candle, or the end of the known-empty span. */
  readonly toMs: number;
  /** Candles that are due in between. */
  readonly candles: number;
  /**
   * `missing`: not there and nobody knows why. `empty`: known to have no candles at the source (no trade, market
   * closed, outage).
   */
  readonly kind: 'missing' | 'empty';
}

/** Result of `findGaps`. */
export interface GapReport {
  /** The distance at which candles are due. */
  readonly stepMs: number;
  /** Candles that are due and not there, for no known reason. */
  readonly missing: number;
  /** Candles that are due and known not to exist at the source. */
  readonly empty: number;
  /** In order of time. */
  readonly gaps: readonly Gap[];
}

/** Options of `findGaps`. */
export interface GapOptions {
  /** Default: the most frequent distance of neighbouring candles. */
  readonly stepMs?: number;
  /** Spans without candles at the source. */
  readonly empty?: readonly TimeSpan[];
}

/** Distances counted one by one; tick data have more different ones, and no grid. */
const MAX_DISTANCES = 4096;

/** Reads the timestamps only, block by block. ARGUMENT for a step that is not a positive number. */
export function findGaps(table: CandleTable, options: GapOptions = {}): GapReport {
  requireMethodsOf(table, ['blocks'], 'a table of candles');
  requireKnownOptions(options, ['stepMs', 'empty'], 'findGaps');
  const { stepMs = usualStep(table), empty = [] } = options;
  if (typeof stepMs !== 'number' || !(stepMs > 0 && Number.isFinite(stepMs))) {
    throw new AtcError('ARGUMENT', `stepMs must be a positive number of ms, got ${shown(stepMs)}`);
  }
  const spans = normaliseSpans(empty);
  const gaps: Gap[] = [];
  let span = 0;
  for (const [before, after] of distances(table)) {
    if (after - before <= stepMs) continue;
    while (span < spans.length && spans[span][1] <= before) span += 1;
    addGaps(gaps, before, after, stepMs, spans, span);
  }
  const count = (kind: Gap['kind']) => gaps.reduce((sum, gap) => sum + (gap.kind === kind ? gap.candles : 0), 0);
  return { stepMs, missing: count('missing'), empty: count('empty'), gaps };
}

/** Neighbouring timestamps. */
function* distances(table: CandleTable): Generator<readonly [number, number]> {
  let before = Number.NaN;
  for (const { columns } of table.blocks(['timestamp'])) {
    for (let row = 0; row < columns.timestamp.length; row += 1) {
      const ms = Number(columns.timestamp[row]);
      if (!Number.isNaN(before)) yield [before, ms];
      before = ms;
    }
  }
}

/** Cuts the time between two candles at the borders of the known-empty spans. */
function addGaps(
  gaps: Gap[],
  before: number,
  after: number,
  stepMs: number,
  spans: readonly TimeSpan[],
  first: number,
): void {
  const add = (from: number, to: number, kind: Gap['kind']) => {
    // Candles are due at before + k * stepMs, k = 1, 2, …, as long as that is before the next one.
    const due = (until: number) => Math.ceil((until - before) / stepMs) - 1;
    const candles = due(Math.min(to, after)) - Math.max(0, due(from));
    if (candles > 0) gaps.push({ fromMs: before + (Math.max(0, due(from)) + 1) * stepMs, toMs: to, candles, kind });
  };
  let at = before;
  for (let k = first; k < spans.length && spans[k][0] < after; k += 1) {
    const from = Math.max(at, spans[k][0]);
    const to = Math.min(after, spans[k][1]);
    if (from > at) add(at, from, 'missing');
    if (to > from) add(from, to, 'empty');
    at = Math.max(at, to);
  }
  if (at < after) add(at, after, 'missing');
}

/** ARGUMENT for a table that is too short or too irregular to have a usual distance. */
function usualStep(table: CandleTable): number {
  const counts = new Map<number, number>();
  for (const [before, after] of distances(table)) {
    const count = counts.get(after - before);
    if (count !== undefined || counts.size < MAX_DISTANCES) counts.set(after - before, (count ?? 0) + 1);
  }
  let usual = Number.NaN;
  for (const [distance, count] of counts) if (!(count <= (counts.get(usual) ?? 0))) usual = distance;
  if (!Number.isNaN(usual)) return usual;
  throw new AtcError('ARGUMENT', `${table.symbol} has fewer than two candles: say the distance in stepMs`);
}
