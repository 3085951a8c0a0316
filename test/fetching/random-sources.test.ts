/**
 * Sources of random behaviour against the truth: whatever pages look like, failures and stops included, the history is
 * what the source has, and nothing that is known is asked for again. ATC_RUNS sets how many, ATC_SEED where they begin.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { isAtcError } from '../../src/errors.js';
import { keepHistory } from '../../src/fetching/keep-history.js';
import type { FetchPage, PageRequest } from '../../src/fetching/requests.js';
import { answer, type Behaviour, candles, MINUTE, rowsOf, START } from './fake-source.js';

const RUNS = Number(process.env.ATC_RUNS ?? 40);
const SEED = process.env.ATC_SEED === undefined ? undefined : Number(process.env.ATC_SEED);
const MINUTES = 400;

const behaviours: fc.Arbitrary<Behaviour> = fc.record(
  {
    cap: fc.integer({ min: 8, max: 60 }),
    counts: fc.constantFrom('start', 'end', 'span'),
    repeatsLast: fc.boolean(),
    order: fc.constantFrom('ascending', 'descending', 'mixed'),
    doubles: fc.boolean(),
    roundsTo: fc.integer({ min: 1, max: 4 }).map((minutes) => minutes * MINUTE),
  },
  { requiredKeys: ['counts'] },
);
const holes = fc.array(
  fc.tuple(fc.nat(MINUTES), fc.nat(150)).map(([from, length]) => [from, from + length] as const),
  { maxLength: 5 },
);
const plans = fc.record({
  behaviour: behaviours,
  ignoresUntil: fc.boolean(),
  holes,
  pageSize: fc.integer({ min: 10, max: 80 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  ranges: fc.array(fc.tuple(fc.nat(MINUTES), fc.integer({ min: 1, max: MINUTES })), { minLength: 1, maxLength: 3 }),
  failEvery: fc.option(fc.integer({ min: 2, max: 7 })),
  stopAfter: fc.option(fc.integer({ min: 1, max: 12 })),
});

/** Nothing is there from the end of the second hole on: two rows that lie before it are the answer. */
const REPEATS_AND_ROUNDS = {
  behaviour: { counts: 'start', repeatsLast: true, roundsTo: 2 * MINUTE } as Behaviour,
  ignoresUntil: false,
  holes: [
    [295, 296],
    [256, 294],
  ] as (readonly [number, number])[],
  pageSize: 10,
  concurrency: 1,
  ranges: [[9, 287]] as [number, number][],
  failEvery: null,
  stopAfter: null,
};

test('a source of any behaviour gives its candles, each asked for once', async () => {
  const property = fc.asyncProperty(plans, async (plan) => {
    const { pageSize, concurrency, failEvery, stopAfter } = plan;
    // What counts from the end cannot be asked for older candles unless it looks at the end.
    const behaviour = { ...plan.behaviour, ignoresUntil: plan.ignoresUntil && plan.behaviour.counts === 'start' };
    const truth = candles(MINUTES, plan.holes);
    const folder = mkdtempSync(path.join(tmpdir(), 'keeper-random-'));
    const directory = path.join(folder, 'history');
    try {
      let calls = 0;
      let stop: AbortController | undefined;
      const asked: PageRequest[] = [];
      const fetchPage: FetchPage = async (request) => {
        calls++;
        if (failEvery !== null && calls % failEvery === 0) throw Object.assign(new Error('busy'), { status: 503 });
        if (calls === stopAfter) stop?.abort(new Error('stopped'));
        asked.push(request);
        return answer(truth, request, behaviour);
      };
      const known = new Set<number>();
      for (const [from, length] of [...plan.ranges, ...plan.ranges]) {
        const [since, until] = [START + from * MINUTE, START + (from + length) * MINUTE];
        const options = {
          directory,
          fetchPage,
          symbol: 'A',
          interval: '1m',
          since,
          until,
          pageSize,
          concurrency,
          backoffMs: 0,
        };
        const before = asked.length;
        stop = new AbortController();
        const history = await keepHistory({ ...options, signal: stop.signal }).catch((error) => {
          if (error.message !== 'stopped') throw error;
          return keepHistory(options);
        });
        expect(rowsOf(history.table())).toEqual(truth.filter(([ms]) => ms >= since && ms < until));
        history.close();
        const isAllKnown = Array.from({ length }, (_, i) => from + i).every((i) => known.has(i));
        if (isAllKnown) expect(asked.length).toBe(before);
        for (let i = from; i < from + length; i++) known.add(i);
      }
      // Each answer makes at least one minute known, and two questions about a hole are the most.
      expect(asked.length).toBeLessThan(4 * MINUTES);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  const parameters = { numRuns: RUNS, seed: SEED, endOnFailure: SEED !== undefined };
  await fc.assert(property, { ...parameters, examples: [[REPEATS_AND_ROUNDS]] });
});

test('a source that gives whatever it likes ends with an error or a history, never without an end', async () => {
  const row = fc.tuple(
    fc.integer({ min: -5, max: 90 }).map((minute) => START + minute * MINUTE),
    ...Array.from({ length: 4 }, () => fc.constantFrom<unknown>(1, 2.5, Number.NaN, null, '3')),
    fc.constantFrom<unknown>(1, null, undefined),
  );
  const numbers = fc.integer({ min: -5, max: 90 }).map((minute) => [START + minute * MINUTE, 1, 2, 0.5, 1, 3]);
  const page = fc.oneof(
    fc.array(fc.oneof({ weight: 12, arbitrary: numbers }, { weight: 1, arbitrary: row }), { maxLength: 12 }),
    fc.constant([]),
    fc.constant(undefined),
  );
  const property = fc.asyncProperty(fc.infiniteStream(page), async (pages) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'keeper-random-'));
    let calls = 0;
    const fetchPage = () => {
      calls++;
      return pages.next().value as unknown[];
    };
    try {
      const range = { since: START, until: START + 80 * MINUTE };
      const options = {
        directory: path.join(folder, 'h'),
        fetchPage,
        symbol: 'A',
        interval: '1m',
        pageSize: 10,
        ...range,
      };
      const history = await keepHistory(options).catch((error) => {
        if (!isAtcError(error)) throw error;
        return undefined;
      });
      history?.close();
      expect(calls).toBeLessThan(400);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: SEED !== undefined });
});
