/** The bounds `from`, `to`, `since`, `until`: UTC ms, dates and ISO text, and what is none of them. */
import { timeBound } from '../../src/formats/options.js';
import { thrownBy } from '../io/workspace.js';

test.each([
  [1_706_690_000_000, 1_706_690_000_000],
  [new Date(60_000), 60_000],
  [0, 0],
  [-86_400_000, -86_400_000],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['1706690000000', 1_706_690_000_000],
  ['2024-01-31', Date.UTC(2024, 0, 31)],
  ['2024-01-31 09:30', Date.UTC(2024, 0, 31, 9, 30)],
  ['2024-01-31T09:30:00.250', Date.UTC(2024, 0, 31, 9, 30, 0, 250)],
  ['2024-01-31T09:30Z', Date.UTC(2024, 0, 31, 9, 30)],
  ['2024-01-31T09:30:00+05:30', Date.UTC(2024, 0, 31, 4, 0)],
  ['2024-01-31T09:30:00-0330', Date.UTC(2024, 0, 31, 13, 0)],
])('%p is the bound %p', (value, ms) => {
  expect(timeBound('from', value)).toBe(ms);
});

test.each([
  ['2024-02-30', /must be UTC ms, a Date, or an ISO time/],
  ['2023-02-29T00:00Z', /must be UTC ms/],
  ['2024-13-01', /must be UTC ms/],
  ['2024-01-31T24:30Z', /must be UTC ms/],
  ['2024-01-31T09:30 EST', /must be UTC ms/],
  ['2024-01-31T09:30:00.000001', /must be UTC ms/],
  ['31.01.2024', /must be UTC ms/],
  ['20240131', /must be UTC ms/],
  [Number.NaN, /must be UTC ms/],
  [1_706_690_000, /which looks like seconds: times are UTC ms/],
  ['1706690000', /must be UTC ms/],
  [1_706_690_000_000_000, /looks like microseconds/],
  ['1706690000000000', /looks like microseconds/],
  [1.70669e18, /looks like nanoseconds/],
])('%p is no bound', (value, message) => {
  expect(thrownBy(() => timeBound('to', value))).toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringMatching(message),
  });
});
