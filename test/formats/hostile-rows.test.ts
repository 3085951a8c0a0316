/**
 * Rows that are not as they should be, in files as users have them: each has one outcome, and nothing is read wrongly.
 */
import type { FileReport } from '../../src/formats/options.js';
import { CSV, closes, refusal, write } from './hostile-fixture.js';

describe('rows', () => {
  test('newest first is turned round, also a long file that is put aside on disk', async () => {
    const reports: FileReport[] = [];
    const rows = 60_000;
    const lines = Array.from(
      { length: rows },
      (_, k) => `${1_706_655_600_000 + (rows - k) * 1000},${rows - k}${',7'.repeat(120)}`,
    );
    const header = `timestamp,close,${Array.from({ length: 120 }, (_, k) => `x${k}`).join(',')}`;
    const found = await closes(write('A.csv', `${header}\n${lines.join('\n')}\n`), {
      onFile: (file) => reports.push(file),
    });
    expect(found.A.length).toBe(rows);
    expect(found.A.every((close, k) => close === k + 1)).toBe(true);
    expect(reports[0].notes.join()).toMatch(/newest first/);
  });

  test('mixed order is refused with its line', async () => {
    const error = await refusal(write('A.csv', 'timestamp,close\n1706655600000,1\n1706655720000,2\n1706655660000,3\n'));
    expect(error).toMatchObject({ code: 'CORRUPT', line: 4 });
  });

  test('equal rows are taken once and counted; of different ones an option decides, across chunks too', async () => {
    const reports: FileReport[] = [];
    const lead = Array.from({ length: 40_000 }, (_, k) => `${1_706_655_600_000 + k * 1000},${k}\n`);
    const doubled = lead.flatMap((line, k) => (k % 3 === 0 ? [line, line] : [line]));
    const equal = write('A.csv', `timestamp,close\n${doubled.join('')}`);
    expect((await closes(equal, { onFile: (file) => reports.push(file) })).A.length).toBe(40_000);
    expect(reports[0].notes.join()).toMatch(/13334 rows there twice/);
    const different = write(
      'B.csv',
      `timestamp,close\n${lead.flatMap((line) => [line, line.replace(',', ',9')]).join('')}`,
    );
    expect(await refusal(different)).toMatchObject({
      code: 'CORRUPT',
      line: 3,
      message: expect.stringMatching(/--duplicates/),
    });
    expect((await closes(different, { duplicates: 'first' })).B.every((close, k) => close === k)).toBe(true);
    expect((await closes(different, { duplicates: 'last' })).B.every((close, k) => close === Number(`9${k}`))).toBe(
      true,
    );
  });

  test('first and last are meant in the order of the file, also where it is turned round', async () => {
    const file = write(
      'A.csv',
      'timestamp,close\n1706655720000,3\n1706655660000,2\n1706655660000,9\n1706655600000,1\n',
    );
    expect(await closes(file, { duplicates: 'first' })).toEqual({ A: [1, 2, 3] });
    expect(await closes(file, { duplicates: 'last' })).toEqual({ A: [1, 9, 3] });
  });

  test('only the rows of a span', async () => {
    const file = write('A.csv', CSV);
    expect(await closes(file, { from: '2024-01-30T23:01:00Z' })).toEqual({ A: [2] });
    expect(await closes(file, { to: 1_706_655_660_000 })).toEqual({ A: [1] });
  });

  test.each([
    ['1,104', /decimal comma/],
    ['1,1045', /decimal commas: --decimal/],
    ['0x10', /is not a number/],
    ['Infinity', /is not a number/],
    ['1_000', /is not a number/],
  ])('a price of %s is refused with a hint', async (cell, message) => {
    const error = await refusal(write('A.csv', `timestamp,close\n1706655600000,"${cell}"\n`));
    expect(error).toMatchObject({ code: 'CORRUPT', line: 2, column: 'close' });
    expect(error.message).toMatch(message);
  });

  test.each([
    ['"8,746.6"', 8746.6],
    ['1.38M', 1_380_000],
    ['4.35K', 4350],
    ['7.83%', 7.83],
    ['$188.04', 188.04],
    ['"1,234,567"', 1_234_567],
    ['-', Number.NaN],
    ['None', Number.NaN],
    ['9223372036854775807', Number.NaN],
  ])('a price of %s is %d', async (cell, value) => {
    expect(await closes(write('A.csv', `timestamp,close\n1706655600000,${cell}\n`))).toEqual({ A: [value] });
  });
});
