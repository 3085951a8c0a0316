/**
 * What a page tells about the source: where it has candles, where it has none, and where that is not certain. Sources
 * differ: a page holds the first `limit` candles from `since` on, or the last `limit` before `until`, or those of a
 * span of time; it may be cut at fewer rows than were asked for, begin earlier, or repeat a row.
 */
import { AtcError } from '../errors.js';
import { type Interval, isoTime } from './interval.js';
import { type Page, WIDTH } from './page.js';
import type { Span } from './span-set.js';

/** What was asked, and what is known so far. */
export interface Question {
  readonly symbol: string;
  readonly since: number;
  readonly until: number;
  readonly limit: number;
  /** Most rows that any page before had: one with fewer was not cut. */
  readonly largest: number;
  /** How far before `since` pages with later rows have begun: the source rounds it down. In ms. */
  readonly lead: number;
  /** Before this moment a source that has nothing will not have anything later. */
  readonly settledMs: number;
}

export interface Evidence {
  /** Where to go on; later than `since`. */
  readonly next: number;
  /** What of it has no row has no candle: a later one is there. */
  readonly proven: Span | undefined;
  /** Nothing came for it, and nothing later either. */
  readonly doubtful: Span | undefined;
  /**
   * Time of the first row, when [since, holeEnd) may be missing for another reason than that there is nothing: a second
   * question has to decide before `proven` counts.
   */
  readonly holeEnd: number | undefined;
}

/** Candles before `since` that any source may begin with, whatever the size of its pages. */
const LEAST_LEAD = 8;

/** CORRUPT for a page that lies before `since`: the source would give the same one again, however often it is asked. */
export function weigh(page: Page, question: Question, { shortestMs }: Interval): Evidence {
  const { since, until, limit, largest } = question;
  const { values, answered } = page;
  let at = 0;
  while (at < values.length && values[at] < since) at += WIDTH;
  const rows = (values.length - at) / WIDTH;
  if (rows === 0) {
    if (answered > 0) requireTail(page, question, shortestMs);
    return { next: until, proven: undefined, doubtful: [since, until], holeEnd: undefined };
  }
  const first = values[at];
  const end = values[values.length - WIDTH] + shortestMs;
  const isCut = answered >= Math.min(limit, largest);
  const isBeyond = end - shortestMs >= until;
  const isDoubted = first - since >= shortestMs && (isBeyond ? rows > 2 : isCut);
  // What is behind the last row is asked for next, however few rows came: clients leave out rows before `since`, so
  // that their number does not tell whether the page was full.
  return { next: end, proven: [since, end], doubtful: undefined, holeEnd: isDoubted ? first : undefined };
}

/**
 * A source that has nothing from `since` on may repeat the row before it, begin as much earlier as it does elsewhere,
 * or do both; one that gives other earlier rows does not look at `since`.
 */
function requireTail({ answered, values }: Page, question: Question, shortestMs: number): void {
  const { symbol, since, until, limit, lead, settledMs } = question;
  const last = values[values.length - WIDTH];
  const usual = Math.max(limit / 10, Math.min(LEAST_LEAD, limit / 2)) * shortestMs;
  // Rounding alone brings few rows, also where few were asked for.
  const allowed = Math.max(lead, usual, values.length <= 2 * WIDTH ? LEAST_LEAD * shortestMs : 0);
  // The first row may be one that is repeated, however long ago it was.
  if (values.length === WIDTH || since - values[WIDTH] <= allowed || until > settledMs) return;
  const rows = answered === 1 ? 'one candle' : `${answered} candles`;
  const message =
    `${symbol}: asked for candles from ${isoTime(since)} on, the source answers ${rows} that end at ` +
    `${isoTime(last)}: it does not look at since, goes back further than a page holds, or gives the same page again`;
  throw new AtcError('CORRUPT', message, { key: 'since' });
}
