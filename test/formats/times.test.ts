/** Times of source files: units, dates as they are written, zones, hours that come twice or not at all. */
import { parseCsv } from '../../src/formats/csv/parse-csv.js';
import type { ImportOptions } from '../../src/formats/options.js';
import { readWholeTime } from '../../src/formats/time/whole-number.js';
import { readWrittenTime } from '../../src/formats/time/written-date.js';
import { zoneOf } from '../../src/formats/time/zones.js';
import { contextOf, fileOf, joined } from './source-files.js';

async function times(cells: readonly string[], options: ImportOptions = {}, title = 'date'): Promise<string[]> {
  const file = fileOf(`${title},close\n${cells.map((cell) => `"${cell}",1\n`).join('')}`);
  const { columns } = await joined(parseCsv(file, contextOf(file, options)));
  return columns[0].map((ms) => new Date(ms).toISOString().replace(/:00\.000Z$/, 'Z'));
}

describe('whole numbers', () => {
  test.each([
    ['1706655600', 1_706_655_600_000, 's'],
    ['1706655600.0', 1_706_655_600_000, 's'],
    ['1706655600.250', 1_706_655_600_250, 's'],
    ['1706655600000', 1_706_655_600_000, 'ms'],
    ['1706655600000000', 1_706_655_600_000, 'us'],
    ['1706655600000000000', 1_706_655_600_000, 'ns'],
    ['-252322200', -252_322_200_000, 's'],
    ['20240131', Date.UTC(2024, 0, 31), 'date'],
    ['19991110.0', Date.UTC(1999, 10, 10), 'date'],
    ['202401310930', Date.UTC(2024, 0, 31, 9, 30), 'date'],
    ['20240131093015', Date.UTC(2024, 0, 31, 9, 30, 15), 'date'],
    ['20240131093015250', Date.UTC(2024, 0, 31, 9, 30, 15, 250), 'date'],
  ])('%s is a time', (text, ms, unit) => {
    expect({ ...readWholeTime(text, false, undefined) }).toEqual({ ms, unit, problem: '' });
  });

  test.each([
    ['45322', /no unit/],
    ['20240231', /as a date \(YYYYMMDD\) there is no such day/],
    ['2024013109', /the hour 2024-01-31T09 and as seconds since 1970 \(2034-02-/],
    ['1.70666e+12', /digits were lost/],
    ['1706655600000001', /whole number of ms/],
    ['99999999999999999999', /no unit/],
  ])('%s is none', (text, problem) => {
    expect(readWholeTime(text, false, undefined).problem).toMatch(problem);
  });

  test('ten digits that read as an hour are refused in a file, and seconds of the same years are read', async () => {
    await expect(times(['2024013109', '2024013110'])).rejects.toThrow(/2024013109.*reads as the hour/);
    expect(await times(['1900010159', '2024013109'], {}, 'timestamp')).toEqual([
      new Date(1_900_010_159_000).toISOString(),
      new Date(2_024_013_109_000).toISOString(),
    ]);
  });

  test('a file of ms goes through 1976, whose numbers read as dates of this century', async () => {
    expect(await times(['201916800000', '202003200000', '202089600000'], {}, 'timestamp')).toEqual([
      '1976-05-26T00:00Z',
      '1976-05-27T00:00Z',
      '1976-05-28T00:00Z',
    ]);
  });

  test('a day that is none is refused among dates of digits, and is no time in 1976', async () => {
    await expect(times(['202401310930', '202402300930'])).rejects.toThrow(/202402300930.*no such day/);
  });

  test.each([
    [
      ['0', '60', '120'],
      ['1970-01-01T00:00Z', '1970-01-01T00:01Z', '1970-01-01T00:02Z'],
    ],
    [
      ['0', '60000', '120000'],
      ['1970-01-01T00:00Z', '1970-01-01T00:01Z', '1970-01-01T00:02Z'],
    ],
    [
      ['60000', '120000'],
      ['1970-01-01T00:01Z', '1970-01-01T00:02Z'],
    ],
    [
      ['36000', '36060'],
      ['1970-01-01T10:00Z', '1970-01-01T10:01Z'],
    ],
    [
      ['31536000', '31622400'],
      ['1971-01-01T00:00Z', '1971-01-02T00:00Z'],
    ],
    [
      ['31536000000', '31539600000'],
      ['1971-01-01T00:00Z', '1971-01-01T01:00Z'],
    ],
    [
      ['-120000', '-60000', '0'],
      ['1969-12-31T23:58Z', '1969-12-31T23:59Z', '1970-01-01T00:00Z'],
    ],
  ])('the steps of a column that counts since 1970 show the unit of its small times: %j', async (cells, iso) => {
    expect(await times(cells, {}, 'timestamp')).toEqual(iso);
  });

  test.each([
    ['days of a spreadsheet', '45322', '45323'],
    ['years', '2023', '2024'],
    ['a year and a month', '202301', '202302'],
    ['a year and a day of it', '2024031', '2024032'],
    ['weeks of a spreadsheet', '45322', '45329'],
    ['no day of the calendar', '20240231', '20240301'],
    ['steps of no candle', '0', '7777'],
  ])('%s are refused as times instead of being seconds of 1970', async (_, ...cells) => {
    await expect(times(cells, {}, 'timestamp')).rejects.toMatchObject({
      code: 'CORRUPT',
      line: 2,
      column: 'timestamp',
      message: expect.stringContaining(`"${cells[0]}" is not a time: no unit`),
    });
  });

  test('a file that begins in ms keeps them through 1970', async () => {
    const cells = ['-86400000000', '-86400000', '0', '86400000', '31536000000'];
    expect(await times(['-631152000000', ...cells], {}, 'timestamp')).toEqual([
      '1950-01-01T00:00Z',
      '1967-04-07T00:00Z',
      '1969-12-31T00:00Z',
      '1970-01-01T00:00Z',
      '1970-01-02T00:00Z',
      '1971-01-01T00:00Z',
    ]);
  });
});

describe('written dates', () => {
  test.each([
    ['Jan 14, 2020', '2020-01-14T00:00Z'],
    ['January 14, 2020', '2020-01-14T00:00Z'],
    ['5-Jan-10', '2010-01-05T00:00Z'],
    ['05-JAN-1999', '1999-01-05T00:00Z'],
    ['14 Jan 2020', '2020-01-14T00:00Z'],
    ['14 octobre 2020', '2020-10-14T00:00Z'],
    ['1 Sept 2020', '2020-09-01T00:00Z'],
    ['1 Juli 2020', '2020-07-01T00:00Z'],
    ['Wed, 14 Jan 2020 16:00:00 GMT', '2020-01-14T16:00Z'],
    ['31.01.2024', '2024-01-31T00:00Z'],
    ['31.01.2024 09:30', '2024-01-31T09:30Z'],
    ['2024.01.31 09:30:00', '2024-01-31T09:30Z'],
    ['2024/1/3', '2024-01-03T00:00Z'],
    ['2024-01-31T09:30:00.000000000Z', '2024-01-31T09:30Z'],
    ['2024-01-31 09:30:00-05:00', '2024-01-31T14:30Z'],
    ['2024-01-31 09:30:00 GMT+0100', '2024-01-31T08:30Z'],
    ['20240131 093000', '2024-01-31T09:30Z'],
    ['20240131T0930', '2024-01-31T09:30Z'],
    ['2019-07-01 12-AM', '2019-07-01T00:00Z'],
    ['2019-07-01 12-PM', '2019-07-01T12:00Z'],
    ['2019-07-01 03:15 PM', '2019-07-01T15:15Z'],
  ])('%s is understood', async (cell, iso) => {
    expect(await times([cell])).toEqual([iso]);
  });

  test.each([
    [['1/31/24', '2/1/24'], '2024-01-31T00:00Z'],
    [['31/1/24', '1/2/24'], '2024-01-31T00:00Z'],
    [['02/01/2024', '13/01/2024'], '2024-01-02T00:00Z'],
    [['1/5/2024 9:30', '1/5/2024 9:31', '1/8/2024 9:30'], '2024-01-05T09:30Z'],
  ])('the order of day and month in %j is proved by the rows', async (cells, first) => {
    expect((await times(cells))[0]).toBe(first);
  });

  test('dates that may be read either way need an option', async () => {
    const cells = ['01/02/2024', '01/03/2024'];
    await expect(times(cells)).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(/--dates/) });
    expect(await times(cells, { dates: 'dmy' })).toEqual(['2024-02-01T00:00Z', '2024-03-01T00:00Z']);
    expect(await times(cells, { dates: 'mdy' })).toEqual(['2024-01-02T00:00Z', '2024-01-03T00:00Z']);
  });

  test.each([
    ['0001-01-01', /the year 1 is no year that has prices/],
    ['2024-02-30', /no such day in the calendar/],
    ['2024-01-31 25:00', /no such time of day/],
    ['2024-01-31 09:30 EST', /the zone "EST" has more than one meaning/],
    ['soon', /neither a date nor a number/],
    ['5 marraskuu 2024', /the name of the month is not understood/],
    ['martes 5 2024', /the name of the month is not understood/],
    ['2024-00-05', /no such day in the calendar/],
  ])('%s is refused with the reason', (text, problem) => {
    expect(readWrittenTime(text, undefined).problem).toMatch(problem);
  });
});

describe('zones', () => {
  test('the clock of New York is read on both sides of each change', async () => {
    const cells = ['2024-03-08 09:30', '2024-03-11 09:30', '2024-11-01 09:30', '2024-11-04 09:30'];
    expect(await times(cells, { timezone: 'America/New_York' })).toEqual([
      '2024-03-08T14:30Z',
      '2024-03-11T13:30Z',
      '2024-11-01T13:30Z',
      '2024-11-04T14:30Z',
    ]);
  });

  const AUTUMN = [
    '2024-11-03 00:30',
    '2024-11-03 01:00',
    '2024-11-03 01:30',
    '2024-11-03 01:00',
    '2024-11-03 01:30',
    '2024-11-03 02:00',
  ];
  const UTC = ['04:30', '05:00', '05:30', '06:00', '06:30', '07:00'].map((clock) => `2024-11-03T${clock}Z`);

  test('an hour that occurs twice is resolved by the order of the rows', async () => {
    expect(await times(AUTUMN, { timezone: 'America/New_York' })).toEqual(UTC);
  });

  test('newest first, the later of the two hours stands first', async () => {
    expect(await times([...AUTUMN].reverse(), { timezone: 'America/New_York' })).toEqual([...UTC].reverse());
  });

  test('the two hours are distinguished for each symbol, wherever the file is cut', async () => {
    const rows = AUTUMN.flatMap((time) => [`A,${time},1\n`, `B,${time},2\n`]);
    for (const size of [7, 40, 1000]) {
      const file = fileOf(`symbol,time,close\n${rows.join('')}`, { size });
      const { columns } = await joined(parseCsv(file, contextOf(file, { timezone: 'America/New_York' })));
      expect(columns[0].filter((_, k) => k % 2 === 1)).toEqual(UTC.map((iso) => Date.parse(iso)));
    }
  });

  test('an hour that does not exist is refused with its line and zone', async () => {
    await expect(
      times(['2024-03-10 01:30', '2024-03-10 02:30'], { timezone: 'America/New_York' }),
    ).rejects.toMatchObject({
      code: 'CORRUPT',
      line: 3,
      message: expect.stringMatching(/does not exist in America\/New_York.*daylight saving/),
    });
  });

  test.each([
    ['2024-01-31T09:30:00', '2024-01-31T09:31:00+02:00'],
    ['2024-01-31T09:30:00+02:00', '2024-01-31T09:31:00'],
    ['20240131 09:30:00 Europe/Paris', '20240131 09:31:00'],
  ])('times with and without a zone in one column need one for the others: %s, %s', async (...cells) => {
    await expect(times(cells)).rejects.toMatchObject({
      code: 'ARGUMENT',
      line: 3,
      message: expect.stringContaining('--timezone'),
    });
    expect(await times(cells, { timezone: 'UTC' })).toHaveLength(2);
  });

  test('a Z beside times without a zone is the zone that they are read in', async () => {
    const cells = ['2024-01-31T09:30:00', '2024-01-31T09:31:00Z', '2024-01-31T09:32:00+00:00'];
    expect(await times(cells)).toEqual(['2024-01-31T09:30Z', '2024-01-31T09:31Z', '2024-01-31T09:32Z']);
  });

  test('UTC-5 all year has no daylight saving', async () => {
    expect(await times(['2024-01-31 17:00', '2024-07-01 17:00'], { timezone: '-05:00' })).toEqual([
      '2024-01-31T22:00Z',
      '2024-07-01T22:00Z',
    ]);
  });

  test('dates without a time of day are midnight UTC in every zone', async () => {
    expect(await times(['2024-01-31', '2024-02-01'], { timezone: 'Asia/Tokyo' })).toEqual([
      '2024-01-31T00:00Z',
      '2024-02-01T00:00Z',
    ]);
  });

  test('every local time of ten years in four zones is the inverse of what Intl shows', () => {
    for (const name of ['America/New_York', 'Europe/Athens', 'Australia/Lord_Howe', 'Asia/Kolkata']) {
      const zone = zoneOf(name);
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' });
      for (let ms = Date.UTC(2015, 0, 1); ms < Date.UTC(2025, 0, 1); ms += 41 * 3_600_000 + 1_800_000) {
        const local = Date.parse(`${format.format(ms).replace(' ', 'T')}Z`);
        expect(zone.candidates(local)).toContain(ms);
      }
    }
  });

  test('an unknown zone is refused with the nearest name', () => {
    expect(() => zoneOf('America/New_Yrok')).toThrow(/did you mean "America\/New_York"/);
  });
});
