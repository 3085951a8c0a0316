/** Sources that fail, and what is stored all the same. */
import type { FetchProgress } from '../../src/fetching/options.js';
import type { PageRequest } from '../../src/fetching/requests.js';
import { openDataset } from '../../src/index.js';
import { candles, fakeSource, rowsOf } from './fake-source.js';
import { directory, fetched } from './fetch-fixture.js';

describe('failures', () => {
  const busy = (more: object) => Object.assign(new Error('busy'), more);

  test('Retry-After holds all requests back', async () => {
    const { fetchPage } = fakeSource(candles(1000));
    const sent: number[] = [];
    const headers = new Headers({ 'Retry-After': '0.3' });
    const source = (request: PageRequest) => {
      sent.push(performance.now());
      if (sent.length === 2) throw busy({ status: 429, headers });
      return fetchPage(request);
    };
    const waits: unknown[] = [];
    const onProgress = ({ waitingUntil }: FetchProgress) => waits.push(waitingUntil);
    const { requests, rows } = await fetched(1000, { fetchPage: source, concurrency: 2, onProgress });
    expect([requests, rows.length]).toEqual([11, 1000]);
    // One more may be under way already.
    const gaps = sent.slice(1).map((at, i) => at - sent[i]);
    expect(Math.max(...gaps)).toBeGreaterThan(250);
    expect(waits.some((until) => typeof until === 'number')).toBe(true);
  });

  test('lasting failures are not repeated, passing ones as often as allowed', async () => {
    let calls = 0;
    const failing = (error: unknown) => () => {
      calls++;
      throw error;
    };
    for (const error of [
      busy({ status: 404 }),
      busy({ response: { status: 401 } }),
      new TypeError('x is not a function'),
    ]) {
      calls = 0;
      const promise = fetched(10, { fetchPage: failing(error) });
      await expect(promise).rejects.toMatchObject({
        code: 'IO',
        cause: error,
        message: expect.stringContaining('run again'),
      });
      expect(calls).toBe(1);
    }
    for (const error of [
      busy({ statusCode: 503 }),
      busy({ code: 'ECONNRESET' }),
      new TypeError('fetch failed'),
      new SyntaxError('JSON'),
    ]) {
      calls = 0;
      await expect(fetched(10, { fetchPage: failing(error), retries: 3 })).rejects.toMatchObject({
        code: 'IO',
        cause: error,
      });
      expect(calls).toBe(4);
    }
  });

  test('a source that wants to be left alone for too long ends the work', async () => {
    const fetchPage = () => {
      throw busy({ status: 418, retryAfterMs: 120_000 });
    };
    const promise = fetched(10, { fetchPage, maxWaitMs: 1000 });
    await expect(promise).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('120 s') });
  });

  test('a request without an answer is given up and repeated', async () => {
    const { fetchPage } = fakeSource(candles(10));
    let calls = 0;
    const source = (request: PageRequest) => (calls++ === 0 ? new Promise<never>(() => undefined) : fetchPage(request));
    expect((await fetched(10, { fetchPage: source, timeoutMs: 50 })).rows).toHaveLength(10);
    expect(calls).toBe(2);
  });

  test('a stop stores the fetched candles', async () => {
    const truth = candles(1000);
    const { fetchPage, asked } = fakeSource(truth);
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = ({ rows }: FetchProgress) => rows >= 300 && stop.abort(reason);
    await expect(fetched(1000, { fetchPage, signal: stop.signal, onProgress })).rejects.toBe(reason);
    const dataset = await openDataset(directory);
    // The page that was under way may have arrived.
    const rows = rowsOf(dataset.table('BTC/USDT'));
    expect([300, 400]).toContain(rows.length);
    expect(rows).toEqual(truth.slice(0, rows.length));
    dataset.close();
    expect((await fetched(1000, { fetchPage })).rows).toEqual(truth);
    expect(new Set(asked.map(({ since }) => since)).size).toBe(10);
  });

  test('a rate is not exceeded', async () => {
    const { fetchPage } = fakeSource(candles(500));
    const sent: number[] = [];
    const source = (request: PageRequest) => {
      sent.push(performance.now());
      return fetchPage(request);
    };
    await fetched(500, { fetchPage: source, rate: 20, concurrency: 5 });
    expect(sent[4] - sent[0]).toBeGreaterThan(4 * 50 - 25);
  });
});
