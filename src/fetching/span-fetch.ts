/** Fetches one span of a symbol, page after page. Every page makes more of the span known, so it ends. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AtcError } from '../errors.js';
import { type Evidence, weigh } from './evidence.js';
import { isoTime } from './interval.js';
import { type Page, pageOf, rowsWithin, WIDTH } from './page.js';
import type { RowLane } from './pending-rows.js';
import type { Requests } from './requests.js';
import type { Span } from './span-set.js';
import type { SymbolHistory, SymbolPlace } from './symbol-history.js';

/** How much a source gives at once; learned where it gives less than it was asked for. */
export interface PageSizes {
  /** Most rows that are asked for. */
  limit: number;
  /** Most rows that came. */
  largest: number;
  /** How far before `since` pages have begun, in ms. */
  lead: number;
}

export interface SpanFetchContext {
  readonly requests: Requests;
  readonly sizes: PageSizes;
  readonly signal: AbortSignal;
  /** After every page that is stored. */
  readonly onPage: () => Promise<void>;
}

/** Rows that show whether a source counts from `since` on or from the end. */
const PROBE_ROWS = 2;

/**
 * How often the beginning of a page may be missing within one whose beginning was: the size is learned at the first.
 */
const MAX_DEPTH = 16;

/** A question and its answer to come. */
interface Asked {
  readonly since: number;
  readonly until: number;
  readonly limit: number;
  readonly page: Promise<Page>;
}

export class SpanFetch {
  readonly #place: SymbolPlace;
  readonly #history: SymbolHistory;
  readonly #context: SpanFetchContext;
  readonly #lane: RowLane;

  constructor(place: SymbolPlace, history: SymbolHistory, context: SpanFetchContext) {
    this.#place = place;
    this.#history = history;
    this.#context = context;
    this.#lane = history.openLane();
  }

  /** Asks for everything in the span that is not known. `depth`: within how many pages whose beginning was missing. */
  async fetch([from, to]: Span, depth = 0): Promise<void> {
    if (depth > MAX_DEPTH) throw contradiction(this.#place.symbol, from, to);
    for (let asked = this.#send(from, to); asked !== undefined; ) asked = await this.#receive(asked, to, depth);
  }

  /** The question about what is unknown first in [from, to), on its way; undefined when all is known. */
  #send(from: number, to: number): Asked | undefined {
    const since = this.#history.firstUnknown(from, to);
    if (since === undefined) return undefined;
    // Never fewer, however little is due: a source that begins earlier would spend them on rows that are known.
    const { limit } = this.#context.sizes;
    const until = Math.min(to, since + limit * this.#place.interval.longestMs);
    const page = this.#ask(since, until, limit);
    // Who waits for it may fail before: then nobody is left to hear of this failure.
    page.catch(() => undefined);
    return { since, until, limit, page };
  }

  /** Takes a page in. The next question goes out first: the source works on it meanwhile. */
  async #receive(asked: Asked, to: number, depth: number): Promise<Asked | undefined> {
    const { sizes, onPage } = this.#context;
    const { interval, symbol, settledMs } = this.#place;
    const { since, until, limit } = asked;
    const page = await asked.page;
    const { largest, lead } = sizes;
    const evidence = weigh(page, { symbol, since, until, limit, largest, lead, settledMs }, interval);
    sizes.largest = Math.max(largest, page.answered);
    if (evidence.proven !== undefined) sizes.lead = Math.max(lead, since - page.values[0]);
    const { holeEnd } = evidence;
    const proven = holeEnd === undefined ? evidence.proven : await this.#provenBehind(holeEnd, page, limit, evidence);
    const next = this.#send(evidence.next, to);
    if (next !== undefined) await nextTurn();
    this.#history.take(page, this.#lane, proven, evidence.doubtful);
    await onPage();
    if (proven !== undefined && proven[0] > since) await this.fetch([since, proven[0]], depth + 1);
    return next;
  }

  /** What the page proves: all from `since` on, or, where the hole at its beginning is none, what comes behind that. */
  async #provenBehind(holeEnd: number, page: Page, limit: number, { proven }: Evidence): Promise<Span> {
    const [since, end] = proven as Span;
    if (await this.#isHole(since, holeEnd)) return [since, end];
    // The source has cut its page and gives the end of it.
    if (page.answered < limit) this.#context.sizes.limit = Math.max(1, page.answered);
    return [holeEnd, end];
  }

  /**
   * Whether the source has nothing in [since, first), asked for that alone. UNSUPPORTED for one that cannot be asked.
   */
  async #isHole(since: number, first: number): Promise<boolean> {
    const { values } = await this.#ask(since, first, PROBE_ROWS);
    if (rowsWithin(values, since, first).length > 0) return false;
    const behind = rowsWithin(values, first, Number.POSITIVE_INFINITY);
    if (behind.length === 0 || behind[0] === first) return true;
    const { symbol } = this.#place;
    const newest = isoTime(values[values.length - WIDTH]);
    const message =
      `${symbol}: asked for candles from ${isoTime(since)} on, the source answers its newest ones (up to ` +
      `${newest}): it counts \`limit\` from the end, so older ones need the end of the page: hand \`until\` to it ` +
      `in fetchPage, or begin at ${isoTime(first)}`;
    throw new AtcError('UNSUPPORTED', message, { key: 'fetchPage' });
  }

  async #ask(since: number, until: number, limit: number): Promise<Page> {
    const { requests, signal } = this.#context;
    const { symbol, interval, range } = this.#place;
    const answer = await requests.page({ symbol, interval: interval.text, since, until, limit }, signal);
    return pageOf(answer, { symbol, since, end: range[1] });
  }
}

function contradiction(symbol: string, since: number, to: number): AtcError {
  const message =
    `${symbol}: the source has candles between ${isoTime(since)} and ${isoTime(to)} or none, depending on the limit ` +
    'it is asked with';
  return new AtcError('CORRUPT', message, { key: 'fetchPage' });
}
