import { memoryTable } from '../../src/dataset/memory.js';
import { type ResampleOptions, resample } from '../../src/dataset/resample.js';
import { thrownBy } from '../io/workspace.js';

/** Rows at these times, each with volume 1 -> `begin of the bucket, rows` in the way of ISO. */
function buckets(times: readonly (string | number)[], interval: number | string, options: ResampleOptions = {}) {
  const timestamp = Float64Array.from(times, (time) => (typeof time === 'number' ? time : Date.parse(time)));
  const table = memoryTable('A', { timestamp, volume: new Float64Array(times.length).fill(1) });
  return [...resample(table, interval, options)].flatMap(({ columns }) =>
    [...columns.timestamp].map((ms, row) => {
      const mark = columns.complete === undefined ? '' : columns.complete[row] === 1 ? ' complete' : ' partial';
      return `${new Date(Number(ms)).toISOString().replace(/:00\.000Z$/, 'Z')} ${columns.volume[row]}${mark}`;
    }),
  );
}
const hours = (from: string, count: number) =>
  Array.from({ length: count }, (_, k) => Date.parse(from) + k * 3_600_000);
const days = (from: string, count: number) =>
  Array.from({ length: count }, (_, k) => Date.parse(from) + k * 86_400_000);

test('weeks begin on Monday, before and after 1970', () => {
  expect(buckets(days('2024-01-05', 5), '1w')).toEqual(['2024-01-01T00:00Z 3', '2024-01-08T00:00Z 2']);
  expect(buckets(days('1969-12-27', 4), '1w')).toEqual(['1969-12-22T00:00Z 2', '1969-12-29T00:00Z 2']);
});

test('months, quarters and years follow the calendar, leap years included', () => {
  expect(buckets(days('2024-01-31', 31), '1M')).toEqual([
    '2024-01-01T00:00Z 1',
    '2024-02-01T00:00Z 29',
    '2024-03-01T00:00Z 1',
  ]);
  expect(buckets(days('2023-12-31', 93), '1q')).toEqual([
    '2023-10-01T00:00Z 1',
    '2024-01-01T00:00Z 91',
    '2024-04-01T00:00Z 1',
  ]);
  expect(buckets(days('2023-01-01', 800), '1y')).toEqual([
    '2023-01-01T00:00Z 365',
    '2024-01-01T00:00Z 366',
    '2025-01-01T00:00Z 69',
  ]);
  expect(buckets(days('2023-01-01', 365), '6M')).toEqual(['2023-01-01T00:00Z 181', '2023-07-01T00:00Z 184']);
});

test('days of a zone have 23 and 25 hours when its clock changes', () => {
  const timezone = 'America/New_York';
  expect(buckets(hours('2024-03-09T05:00Z', 71), '1d', { timezone })).toEqual([
    '2024-03-09T05:00Z 24',
    '2024-03-10T05:00Z 23',
    '2024-03-11T04:00Z 24',
  ]);
  expect(buckets(hours('2024-11-02T04:00Z', 73), '1d', { timezone })).toEqual([
    '2024-11-02T04:00Z 24',
    '2024-11-03T04:00Z 25',
    '2024-11-04T05:00Z 24',
  ]);
  expect(buckets(hours('2024-03-01T00:00Z', 24 * 31), '1M', { timezone: 'Europe/Berlin' })).toEqual([
    '2024-02-29T23:00Z 742',
    '2024-03-31T22:00Z 2',
  ]);
});

test('a day whose midnight the clock jumps over begins with the first moment after the jump', () => {
  expect(buckets(hours('2018-11-03T03:00Z', 48), '1d', { timezone: 'America/Sao_Paulo' })).toEqual([
    '2018-11-03T03:00Z 24',
    '2018-11-04T03:00Z 23',
    '2018-11-05T02:00Z 1',
  ]);
});

test('a session leaves out rows outside it, and counts intervals from its start', () => {
  const session = { start: '09:30', end: '16:00' };
  const timezone = 'America/New_York';
  const halfHours = Array.from({ length: 96 }, (_, k) => Date.parse('2024-03-08T05:00Z') + k * 1_800_000);
  expect(buckets(halfHours, '1d', { session, timezone })).toEqual(['2024-03-08T14:30Z 13', '2024-03-09T14:30Z 13']);
  expect(buckets(halfHours.slice(0, 48), '4h', { session, timezone })).toEqual([
    '2024-03-08T14:30Z 8',
    '2024-03-08T18:30Z 5',
  ]);
  expect(buckets(halfHours.slice(0, 48), '1h', { session, timezone }).at(-1)).toBe('2024-03-08T20:30Z 1');
});

test('a day is complete once its session is over, not before', () => {
  const options = { session: { start: '09:30', end: '16:00' }, timezone: 'America/New_York', partial: 'mark' } as const;
  const minutes = Array.from({ length: 390 }, (_, k) => Date.parse('2024-03-08T14:30Z') + k * 60_000);
  expect(buckets(minutes, '1d', options)).toEqual(['2024-03-08T14:30Z 390 complete']);
  expect(buckets(minutes.slice(0, 389), '1d', options)).toEqual(['2024-03-08T14:30Z 389 partial']);
});

test('a session from the evening on belongs to the next date, so that Sunday evening is Monday', () => {
  const session = { start: '18:00', end: '17:00' };
  const timezone = 'America/New_York';
  // Friday 2024-03-01 12:00 to Monday 2024-03-04 12:00 in New York.
  const week = hours('2024-03-01T17:00Z', 73).filter(
    (ms) => ms < Date.parse('2024-03-01T22:00Z') || ms >= Date.parse('2024-03-03T23:00Z'),
  );
  expect(buckets(week, '1d', { session, timezone })).toEqual(['2024-02-29T23:00Z 5', '2024-03-03T23:00Z 19']);
  expect(buckets(week, '1w', { session, timezone })).toEqual(['2024-02-25T23:00Z 5', '2024-03-03T23:00Z 19']);
  // Thursday's evening in February is the first session of March.
  expect(buckets(['2024-02-29T22:59Z', '2024-02-29T23:00Z'].slice(1), '1M', { session, timezone })).toEqual([
    '2024-02-29T23:00Z 1',
  ]);
});

test('the last candle is marked or left out while its time is not over', () => {
  const minutes = Array.from({ length: 7 }, (_, k) => k * 60_000);
  expect(buckets(minutes, '5m', { partial: 'mark' })).toEqual([
    '1970-01-01T00:00Z 5 complete',
    '1970-01-01T00:05Z 2 partial',
  ]);
  expect(buckets(minutes, '5m', { partial: 'omit' })).toEqual(['1970-01-01T00:00Z 5']);
  expect(buckets(minutes.slice(0, 5), '5m', { partial: 'omit' })).toEqual(['1970-01-01T00:00Z 5']);
  expect(buckets(minutes.slice(0, 4), '5m', { partial: 'omit' })).toEqual([]);
  expect(buckets(minutes, '5m', { partial: 'omit', completeUntilMs: 600_000 })).toHaveLength(2);
  expect(buckets([0], '5m', { partial: 'mark' })).toEqual(['1970-01-01T00:00Z 1 partial']);
});

test.each([
  ['5', {}],
  ['0m', {}],
  ['1mo', {}],
  ['', {}],
  [1.5, {}],
  [-1, {}],
  ['1d', { timezone: 'Mars/Olympus' }],
  ['1d', { session: { start: '09:30' } }],
  ['1d', { session: { start: '9h' }, timezone: 'UTC' }],
  ['1d', { session: { start: '24:00' }, timezone: 'UTC' }],
  ['1d', { offsetMs: 5 }],
  ['48h', { timezone: 'UTC' }],
  ['1d', { partial: 'none' as 'omit' }],
])('refuses the interval %j with %j', (interval, options) => {
  expect(thrownBy(() => buckets([0], interval, options))).toMatchObject({ code: 'ARGUMENT' });
});
