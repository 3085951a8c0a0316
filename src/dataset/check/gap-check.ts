/** Candles that are due and not there: missing, known to be empty at the source, or outside the hours of the market. */
import type { TimeSpan } from '../catalogue.js';
import type { Tally } from './findings.js';
import { learnMarketHours, type MarketHours } from './market-hours.js';
import type { TimeRuns } from './time-runs.js';

/** What was learned about the times of a symbol. */
export interface TimeFacts {
  /** The usual distance of candles in ms; undefined for rows on no grid. */
  readonly stepMs?: number;
  /** Zone in which the market keeps its hours; undefined for one that never closes. */
  readonly timezone?: string;
  /** Candles that are due and not there, for no known reason. */
  readonly missing: number;
  /** Candles that are known not to exist at the source. */
  readonly knownEmpty: number;
  /** Candles that would be outside the hours of the market. */
  readonly closed: number;
  /** Spans without candles outside the market's hours: what `markEmpty` may note. */
  readonly closedSpans: readonly TimeSpan[];
}

const DAY_MS = 86_400_000;
/** Working days a year on which markets rest, and some more. */
const ABSENT_DAYS_PER_YEAR = 16;
const YEAR_MS = 365.25 * DAY_MS;
/** Closed spans remembered. */
const MAX_SPANS = 100_000;

export function checkGaps(
  times: TimeRuns,
  empty: readonly TimeSpan[],
  tally: Tally,
  { stepMs, timezone }: { readonly stepMs?: number; readonly timezone?: string } = {},
): TimeFacts {
  const step = stepMs ?? times.usualStep();
  if (step === undefined) return { missing: 0, knownEmpty: 0, closed: 0, closedSpans: [] };
  const hours = learnMarketHours(times, step, timezone);
  const count = { missing: 0, knownEmpty: 0, closed: 0 };
  const closedSpans: TimeSpan[] = [];
  const absent: { from: number; candles: number; to: number }[] = [];
  let span = 0;
  for (const run of times) {
    if (run.step <= step) continue;
    for (let k = 0; k < run.count; k += 1) {
      const before = run.start + k * run.step;
      const after = before + run.step;
      while (span < empty.length && empty[span][1] <= before) span += 1;
      const gap = lookInto(before, after, step, hours, empty, span);
      count.missing += gap.missing;
      count.knownEmpty += gap.knownEmpty;
      count.closed += gap.closed;
      if (gap.closed > 0 && gap.missing === 0 && closedSpans.length < MAX_SPANS)
        closedSpans.push([before + step, after]);
      if (gap.missing === 0) continue;
      const candles = gap.missing;
      // A day of which nothing is there may be a holiday; part of a day may not.
      if (hours.timezone !== undefined && coversDay(gap.firstMissing, after, step, hours)) {
        absent.push({ from: gap.firstMissing, candles, to: after });
      } else {
        tally.add('missing-candles', () => exampleOf(gap.firstMissing, candles, after), candles);
      }
    }
  }
  noteAbsentDays(absent, (times.lastMs - times.firstMs) / YEAR_MS, tally);
  return { stepMs: step, timezone: hours.timezone, ...count, closedSpans };
}

function lookInto(
  before: number,
  after: number,
  step: number,
  hours: MarketHours,
  empty: readonly TimeSpan[],
  first: number,
): { missing: number; knownEmpty: number; closed: number; firstMissing: number } {
  const found = { missing: 0, knownEmpty: 0, closed: 0, firstMissing: Number.NaN };
  let span = first;
  for (let k = 1, ms = before + step; ms < after; k += 1, ms = before + k * step) {
    while (span < empty.length && empty[span][1] <= ms) span += 1;
    if (span < empty.length && empty[span][0] <= ms) found.knownEmpty += 1;
    else if (!hours.isOpen(ms)) found.closed += 1;
    else {
      if (found.missing === 0) found.firstMissing = ms;
      found.missing += 1;
    }
  }
  return found;
}

/** From the first missing candle to the next one that is there, the market opens anew at least once. */
function coversDay(from: number, to: number, step: number, hours: MarketHours): boolean {
  if (step >= DAY_MS) return true;
  // The first missing candle opens a session, and so does the candle that ends the gap.
  return !hours.isOpen(from - step) && (!hours.isOpen(to - step) || to - from >= DAY_MS - step);
}

function noteAbsentDays(
  absent: readonly { from: number; candles: number; to: number }[],
  years: number,
  tally: Tally,
): void {
  const isUsual = absent.length <= Math.max(2, Math.ceil(years * ABSENT_DAYS_PER_YEAR));
  for (const { from, candles, to } of absent) {
    // Six days and more are no holiday.
    const kind = isUsual && to - from < 6 * DAY_MS ? 'absent-days' : 'missing-candles';
    tally.add(kind, () => exampleOf(from, candles, to), kind === 'absent-days' ? 1 : candles);
  }
}

function exampleOf(ms: number, candles: number, after: number) {
  return { ms, text: `${candles} candle${candles === 1 ? '' : 's'} until ${new Date(after).toISOString()}` };
}
