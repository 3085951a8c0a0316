/** Options of keepHistory that cannot be right. */
import { keepHistory } from '../../src/fetching/keep-history.js';
import { candles, fakeSource, MINUTE, START } from './fake-source.js';
import { options } from './fetch-fixture.js';

describe('pages that cannot be right are refused', () => {
  const good = candles(50);
  const wrong: [string, () => unknown, string, RegExp][] = [
    ['no list', () => 'rows', 'ARGUMENT', /fetchPage must give a list of rows/],
    ['objects', () => [{ timestamp: START }], 'CORRUPT', /row 0 .* must be \[ms, open, high, low, close, volume\]/],
    ['seconds', () => good.map(([ms, ...row]) => [ms / 1000, ...row]), 'CORRUPT', /multiplied by 1000/],
    ['text', () => good.map(([ms, open, ...row]) => [ms, String(open), ...row]), 'CORRUPT', /convert text with Number/],
    ['a missing price', () => [[START, 1, 2, null, 1, 3]], 'CORRUPT', /low of 2023-01-01T00:00:00Z is null/],
    [
      'a price that is not finite',
      () => [[START, 1, Number.POSITIVE_INFINITY, 1, 1, 3]],
      'CORRUPT',
      /high .* Infinity/,
    ],
    ['a time that is no whole ms', () => [[START + 0.5, 1, 2, 1, 1, 3]], 'CORRUPT', /whole UTC ms/],
    ['times in microseconds', () => [[START * 1000, 1, 2, 1, 1, 3]], 'CORRUPT', /looks like microseconds/],
    ['two candles of one time', () => [...good, [START, 9, 9, 9, 9, 9]], 'CORRUPT', /two different candles/],
    ['candles of five minutes', () => candles(50, [], 5 * MINUTE), 'CORRUPT', /candles 5m apart/],
    ['candles of a second', () => candles(50, [], 1000), 'CORRUPT', /candles 1s apart/],
    ['off the grid', () => [good[0], [START + 90_000, 1, 2, 1, 1, 3]], 'CORRUPT', /grid/],
    ['the same page again', () => good, 'CORRUPT', /gives the same page again/],
  ];
  test.each(wrong)('%s', async (_name, fetchPage, code, message) => {
    const promise = keepHistory(options(1000, { fetchPage: fetchPage as never, pageSize: 50 }));
    await expect(promise).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a source that gives its newest candles whatever the end is', async () => {
    const { fetchPage } = fakeSource(candles(1000), { counts: 'end', ignoresUntil: true });
    const promise = keepHistory(options(1000, { fetchPage }));
    await expect(promise).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/hand `until` to it/),
    });
  });

  const badOptions: [string, object, RegExp][] = [
    ['an unknown option', { pagesize: 1 }, /no option "pagesize".*pageSize/],
    ['no function', { fetchPage: 1 }, /fetchPage is 1/],
    ['no interval', { interval: '1 minute' }, /interval is "1 minute"/],
    ['symbol and symbols', { symbols: ['A'] }, /not both/],
    ['an empty symbol', { symbol: '' }, /symbol is ""/],
    ['since behind until', { since: START, until: START }, /must be before until/],
    ['since in the future', { since: '2199-01-01', until: '2200-01-01' }, /in the future/],
    ['no time', { since: 'yesterday' }, /since must be UTC ms, .*got "yesterday"/],
    ['half a page', { pageSize: 0.5 }, /pageSize is 0.5/],
    ['a rate of nothing', { rate: 0 }, /rate is 0/],
    ['no signal', { signal: {} }, /signal is an object/],
  ];
  test.each(badOptions)('%s is ARGUMENT', async (_name, more, message) => {
    const promise = keepHistory(options(10, { fetchPage: () => [], ...more } as never));
    await expect(promise).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(message) });
  });
});
