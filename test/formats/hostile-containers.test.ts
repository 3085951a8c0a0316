/**
 * Damaged and surprising archives and encodings, in files as users have them: each has one outcome, and nothing is read
 * wrongly.
 */
import { gzipSync } from 'node:zlib';
import { gunzip, unzstd } from '../../src/io/source-bytes.js';
import { zipMembers } from '../../src/io/zip-file.js';
import { CSV, closes, refusal, write, zip } from './hostile-fixture.js';

/** `head -c 1M /dev/zero | zstd -19 -c` */
const ZSTD_OF_A_MEBIBYTE = Buffer.from(
  'KLUv/QRoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAwAQAPE+FuE=',
  'base64',
);

describe('containers', () => {
  test('gzip and zip are recognised by their bytes, not by their names; members are files of their own', async () => {
    expect(await closes(write('A.csv', gzipSync(CSV)))).toEqual({ A: [1, 2] });
    expect(await closes(write('b.dat', zip({ 'X.csv': CSV, 'sub/Y.csv': CSV, '__MACOSX/._X.csv': 'junk' })))).toEqual({
      X: [1, 2],
      Y: [1, 2],
    });
  });

  test.each([
    ['an Excel workbook', () => zip({ 'xl/workbook.xml': '<x/>' }), /Excel workbook/],
    ['a PDF', () => Buffer.from('%PDF-1.7\n...'), /PDF/],
    ['a pickle', () => Buffer.from([0x80, 0x04, 0x95, 1, 2, 3]), /pickle, which is a program: it is never loaded/],
    ['HDF5', () => Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5/],
    ['SQLite', () => Buffer.from('SQLite format 3\0'), /SQLite/],
    [
      'random bytes',
      () => Buffer.from(Array.from({ length: 600 }, (_, k) => (k * 37) % 251)),
      /neither text nor a format/,
    ],
    [
      'a tar archive',
      () => Buffer.concat([Buffer.from('a.csv'), Buffer.alloc(252), Buffer.from('ustar'), Buffer.alloc(300)]),
      /tar archive/,
    ],
    ['an empty zip', () => Buffer.from([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]), /zip archive is empty/],
    ['a zip in gzip', () => gzipSync(zip({ 'X.csv': CSV })), /unpack it first/],
  ])('%s is named and refused, and never advised to be converted to UTF-8', async (_, bytes, message) => {
    const error = await refusal(write('A.csv', bytes()));
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/UTF-8/);
  });

  test('a gzip file cut short anywhere is refused', async () => {
    const whole = gzipSync(CSV.repeat(1));
    for (const length of [5, 12, whole.length - 9, whole.length - 1]) {
      expect(await refusal(write('A.csv.gz', whole.subarray(0, length)))).toMatchObject({ code: 'CORRUPT' });
    }
  });

  test('a zip with wrong lengths, sums or offsets is refused', async () => {
    const changes: ((entry: Buffer, data: Buffer) => void)[] = [
      (entry) => entry.writeUInt32LE(0xfffffff0, 24),
      (entry) => entry.writeUInt32LE(3, 24),
      (entry) => entry.writeUInt32LE(0xfffffff0, 20),
      (entry) => entry.writeUInt32LE(12345, 16),
      (entry) => entry.writeUInt32LE(0x7fffffff, 42),
      (_, data) => data.fill(0xff),
    ];
    for (const change of changes) {
      expect(await refusal(write('A.zip', zip({ 'A.csv': CSV }, change)))).toMatchObject({ code: 'CORRUPT' });
    }
    const whole = zip({ 'A.csv': CSV });
    expect(await refusal(write('B.zip', whole.subarray(0, whole.length - 30)))).toMatchObject({ code: 'CORRUPT' });
  });

  test('an encrypted member is unsupported', async () => {
    const bytes = zip({ 'A.csv': CSV }, (entry) => entry.writeUInt16LE(1, 8));
    expect(await refusal(write('A.zip', bytes))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/encrypted/),
    });
  });

  // A hundred mebibytes as members and frames of one, which follow one another: nothing large has to be packed here.
  // Rows of one form that would be read, so that only the growth tells.
  const rows = Buffer.from(`1706655600000,1${' '.repeat((1 << 18) - 16)}\n`.repeat(4));
  const bombs = {
    gzip: Buffer.concat([gzipSync('timestamp,close\n'), ...new Array<Buffer>(100).fill(gzipSync(rows))]),
    Zstandard: Buffer.concat(new Array<Buffer>(100).fill(ZSTD_OF_A_MEBIBYTE)),
  };

  test('a bomb is refused while it is unpacked, not stored', async () => {
    const error = await refusal(write('A.csv.gz', bombs.gzip));
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(/more than 400 times its size/);
  });

  test.each([
    ['gzip', gunzip],
    ['Zstandard', unzstd],
  ] as const)('no more than 64 of the hundred mebibytes of a bomb come out: %s', async (kind, unpack) => {
    const input = async function* () {
      yield bombs[kind];
    };
    let bytes = 0;
    const all = async () => {
      for await (const chunk of unpack(input(), 'A')) bytes += chunk.length;
    };
    await expect(all()).rejects.toThrow(/A: it unpacks to more than 400 times its size/);
    expect([bytes > 60 << 20, bytes <= 64 << 20]).toEqual([true, true]);
  });

  test('no more than 64 mebibytes of a bomb in a zip come out', async () => {
    const file = write('A.zip', zip({ 'A.csv': Buffer.alloc(65 << 20) }));
    const [{ bytes }] = await zipMembers(file);
    let count = 0;
    const all = async () => {
      for await (const chunk of bytes()) count += chunk.length;
    };
    await expect(all()).rejects.toThrow(/A\.zip:A\.csv: it unpacks to more than 400 times its size/);
    expect([count > 60 << 20, count <= 64 << 20]).toEqual([true, true]);
  });

  test('checksums are compared when that is asked for', async () => {
    const file = write('A.zip', zip({ 'A.csv': CSV }));
    write('A.zip.CHECKSUM', `${'0'.repeat(64)}  A.zip\n`);
    expect(await closes(file)).toEqual({ A: [1, 2] });
    expect(await refusal(file, { checksums: true })).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/SHA-256/),
    });
  });
});

describe('encodings', () => {
  const bytes = (encoding: 'utf16le' | 'latin1', mark: string) => Buffer.from(mark + CSV, encoding);
  test('UTF-16 with and without a mark, and Latin-1 by option', async () => {
    expect(await closes(write('A.csv', bytes('utf16le', '\ufeff')))).toEqual({ A: [1, 2] });
    expect(await closes(write('A.csv', bytes('utf16le', '')))).toEqual({ A: [1, 2] });
    expect(await closes(write('A.csv', bytes('utf16le', '\ufeff').swap16()))).toEqual({ A: [1, 2] });
    const latin = Buffer.from('timestamp,close,größe\n1706655600000,1,2\n', 'latin1');
    expect(await refusal(write('A.csv', latin))).toMatchObject({ message: expect.stringMatching(/--encoding/) });
    expect(await closes(write('A.csv', latin), { encoding: 'latin1' })).toEqual({ A: [1] });
  });
});
