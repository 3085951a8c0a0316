/** What a frame claims behind right checksums: read to the last byte that can be, refused with what and where. */
import { ByteWriter } from '../../src/codec/byte-stream.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { END_MAGIC } from '../../src/codec/frame-format.js';
import { PREFIX_BYTES } from '../../src/codec/frame-header.js';
import { mostBlocksIn, rowBytesOf, timestampDtype, writeFooter } from '../../src/codec/frame-index.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { compressDataFrame, compressPrices } from '../../src/index.js';
import { thrownBy } from '../io/workspace.js';
import { type ForgedFrame, forgeFrame, headerOf } from './forged-frame.js';
import { countingSource } from './frame-samples.js';

const opened = (bytes: Uint8Array) => new FrameReader(memorySource(bytes, 'some.atc'));
const array: ForgedFrame = { dtypes: ['uint8'], blocks: [{ columns: [Uint8Array.of(1, 2, 3)] }] };
const pair: ForgedFrame = {
  names: ['a', 'b'],
  dtypes: ['uint8', 'uint8'],
  blocks: [{ columns: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)] }],
};
const times = (...values: number[]) => ({ columns: [Float64Array.from(values)] });
const timed: ForgedFrame = { names: ['timestamp'], dtypes: ['float64'], blocks: [times(1, 2), times(2, 5)] };

test('a frame of these fields is what the writer writes', () => {
  expect([...forgeFrame(array).bytes]).toEqual([...compressPrices(Uint8Array.of(1, 2, 3), { level: 0 })]);
  const { a, b } = { a: Uint8Array.of(1, 2), b: Uint8Array.of(3, 4) };
  expect([...forgeFrame(pair).bytes]).toEqual([...compressDataFrame({ a, b }, { level: 0 })]);
  for (const frame of [array, pair, timed]) verifyFrame(memorySource(forgeFrame(frame).bytes));
  const { minTimestamps, maxTimestamps, ascending, firstRow } = opened(forgeFrame(timed).bytes).index;
  expect([minTimestamps, maxTimestamps, ascending]).toEqual([Float64Array.of(1, 2), Float64Array.of(2, 5), true]);
  expect([...firstRow]).toEqual([0, 2, 4]);
  expect(opened(forgeFrame({ ...timed, ascending: 0 }).bytes).index.ascending).toBe(false);
});

describe('headers', () => {
  test.each<[string, ForgedFrame, string, string, number]>([
    ['a later version', { ...array, version: 2 }, 'FORMAT_VERSION', 'frame format version 2 in some.atc is unknown', 4],
    ['a later kind', { ...array, kind: 2 }, 'FORMAT_VERSION', 'frame kind 2 in some.atc is unknown', 6],
    ['a later element type', { ...array, wireId: 99 }, 'FORMAT_VERSION', 'element type 99 in some.atc is unknown', 7],
    ['bytes behind it', { ...array, headerTail: 2 }, 'CORRUPT', '2 bytes too many in the header', 8],
    ['an empty name', { ...pair, names: ['a', ''] }, 'CORRUPT', 'column name "" is empty or used twice', 12],
    ['a name used twice', { ...pair, names: ['a', 'a'] }, 'CORRUPT', 'column name "a" is empty or used twice', 12],
    ['no text', { ...pair, names: ['a', Uint8Array.of(0xff)] }, 'CORRUPT', 'column name is not UTF-8', 12],
  ])('%s: what and where', (_, frame, code, message, offset) => {
    const error = thrownBy(() => opened(forgeFrame(frame).bytes));
    expect(error).toMatchObject({ code, path: 'some.atc', message: expect.stringContaining(message) });
    expect(error.offset).toBe(offset);
  });

  test('without a path the error names none', () => {
    const { bytes } = forgeFrame({ ...array, version: 2 });
    expect(thrownBy(() => new FrameReader(memorySource(bytes))).message).toMatch(
      /^frame format version 2 is unknown to this version of atc-memory; upgrade to read it/,
    );
  });

  test('a name that is no text says why', () => {
    const error = thrownBy(() => opened(forgeFrame({ ...pair, names: ['a', Uint8Array.of(0xff)] }).bytes));
    expect(error.cause).toMatchObject({ name: 'TypeError' });
  });

  test('a byte order mark is part of a name', () => {
    const { bytes } = forgeFrame({ ...pair, names: ['a', '\ufeffa'] });
    expect(opened(bytes).columns.map(({ name }) => name)).toEqual(['a', '\ufeffa']);
  });

  test('damage, length and cut are told apart', () => {
    const { bytes } = forgeFrame(array);
    const changed = (at: number, value: number) => bytes.map((byte, k) => (k === at ? value : byte));
    const none = { code: 'CORRUPT', offset: 0, message: expect.stringContaining('not an atc-memory frame, or its') };
    expect(thrownBy(() => opened(changed(0, 1)))).toMatchObject(none);
    expect(thrownBy(() => opened(new Uint8Array(0)))).toMatchObject(none);
    expect(thrownBy(() => opened(changed(6, 1)))).toMatchObject({
      offset: 0,
      message: expect.stringContaining('header does not match its checksum'),
    });
    expect(thrownBy(() => opened(headerOf(array).subarray(0, 10)))).toMatchObject({
      offset: 5,
      message: expect.stringContaining('header of 12 bytes in a frame of 10'),
    });
    expect(thrownBy(() => opened(headerOf(array)))).toMatchObject({
      offset: 12,
      message: expect.stringContaining('frame is cut short: there is no footer'),
    });
    const claims = Uint8Array.of(0x89, 0x41, 0x54, 0x43, 1, 0xff, 0xff, 0x7f, 0);
    expect(thrownBy(() => opened(claims)).message).toMatch(/header length is 2097151, at most 1048576 can be/);
  });

  test('more than 512 bytes take a second read, and no more do', () => {
    const columns = Object.fromEntries(Array.from({ length: 60 }, (_, k) => [`column ${k}`, new Uint8Array(900)]));
    const bytes = compressDataFrame(columns, { level: 0 });
    const source = countingSource(bytes);
    const { headerLength } = new FrameReader(source);
    expect(headerLength).toBeGreaterThan(512);
    expect(source.reads.slice(0, 2)).toEqual([
      [0, 512],
      [0, headerLength],
    ]);
    expect(PREFIX_BYTES).toBe(8);
    // Exactly the bytes of the first read.
    const name = 'x'.repeat(512 - 4 - 1 - 2 - 1 - 1 - 1 - 2 - 4);
    const exact = countingSource(compressDataFrame({ [name]: new Uint8Array(900) }, { level: 0 }));
    expect(new FrameReader(exact).headerLength).toBe(512);
    expect(exact.reads).toHaveLength(3);
  });
});

describe('indexes', () => {
  const indexAt = (frame: ForgedFrame) => forgeFrame(frame).indexOffset;
  const huge = { ...array, blocks: [{ columns: [new Uint8Array(0)], rows: 2 ** 20 + 1 }] };

  test.each<[string, ForgedFrame, string, number]>([
    ['at another offset', { ...array, shift: 1 }, 'was written with its index at byte 16, here it begins', 0],
    ['with bytes behind it', { ...array, indexTail: 3 }, '3 bytes too many in the index', 13],
    ['of more rows than its blocks', { ...pair, rows: 3 }, 'blocks hold 2 rows, not 3', 1],
    ['of a shape of other elements', { ...array, shape: [2, 2] }, 'shape [2,2] does not hold 3 elements', 2],
    ['of 33 dimensions', { ...array, shape: new Array(33).fill(1) }, 'number of dimensions is 33, at most 32', 2],
    ['of a flag that is none', { ...timed, ascending: 2 }, 'ascending flag is 2, at most 1 can be', 2],
    ['of a block without rows', { ...array, blocks: [{ ...array.blocks[0], rows: 0 }] }, 'a block of 0 rows of 1', 6],
    ['of a block of more rows than any', huge, `rows of a block is ${2 ** 20 + 1}, at most ${2 ** 20}`, 5],
    [
      'of a chunk longer than its column',
      { ...array, blocks: [{ columns: [Uint8Array.of(1, 2, 3)], lengths: [4] }] },
      'length of a chunk is 4, at most 3',
      6,
    ],
    [
      'of chunks that do not end before it',
      { ...array, blocks: [{ columns: [Uint8Array.of(1, 2, 3)], lengths: [2] }] },
      'chunks end at 14, not before the index',
      -1,
    ],
    [
      'of a column that needs itself',
      { ...pair, blocks: [{ ...pair.blocks[0], refs: [[0]] }] },
      'refs of block 0: column 0 needs column 0, which needs it',
      19,
    ],
    [
      'of columns that need each other, in a later block',
      { ...pair, blocks: [pair.blocks[0], { ...pair.blocks[0], refs: [[1], [0]] }] },
      'refs of block 1: column 1 needs column 0, which needs it',
      35,
    ],
    [
      'of more refs than columns',
      { ...pair, blocks: [{ ...pair.blocks[0], refs: [[0, 1, 0]] }] },
      'count of refs is 3, at most 2',
      6,
    ],
    [
      'of a ref to no column',
      { ...pair, blocks: [{ ...pair.blocks[0], refs: [[2]] }] },
      'column of a ref is 2, at most 1',
      7,
    ],
  ])('%s', (name, frame, message, from) => {
    const { bytes, indexOffset } = forgeFrame(frame);
    const error = thrownBy(() => opened(bytes));
    expect(error).toMatchObject({ code: 'CORRUPT', path: 'some.atc', message: expect.stringContaining(message) });
    expect([name, error.offset]).toEqual([name, indexOffset + from]);
  });

  test('a block may decode to 256 MiB and to no row more', () => {
    const of = (rows: number, width = 33): ForgedFrame => {
      const names = Array.from({ length: width }, (_, k) => `c${k}`);
      const columns = names.map(() => new Float64Array(0));
      const blocks = [{ columns, lengths: names.map(() => 0), rows }];
      return { names, dtypes: names.map(() => 'float64'), blocks, rows };
    };
    expect(opened(forgeFrame(of(2 ** 20, 32)).bytes).rows).toBe(2 ** 20);
    const most = Math.floor(2 ** 28 / (33 * 8));
    expect(opened(forgeFrame(of(most)).bytes).rows).toBe(most);
    expect(thrownBy(() => opened(forgeFrame(of(most + 1)).bytes)).message).toContain(
      `a block of ${most + 1} rows of 264 bytes`,
    );
  });

  test('blocks with the refs of the block before share one list, others do not', () => {
    const block = { ...pair.blocks[0], refs: [[], [0]] };
    const other = { ...pair.blocks[0], refs: [[1], []] };
    const { refs } = opened(forgeFrame({ ...pair, blocks: [block, block, other] }).bytes).index;
    expect(refs).toEqual([[], [0], [], [0], [1], []]);
    expect([refs[2] === refs[0], refs[3] === refs[1], refs[5] === refs[3]]).toEqual([true, true, false]);
  });

  test('refs that differ in their last column only are others', () => {
    const column = Uint8Array.of(1, 2);
    const columns = [column, column, column, column];
    const block = (...last: number[]) => ({ columns, refs: [[], [0], [], last] });
    const blocks = [block(0, 1), block(0, 2), block(1, 2), block(2), block(1)];
    const frame = { names: ['a', 'b', 'c', 'd'], dtypes: new Array(4).fill('uint8'), blocks };
    const { refs } = opened(forgeFrame(frame).bytes).index;
    expect(blocks.map((_, k) => refs[4 * k + 3])).toEqual([[0, 1], [0, 2], [1, 2], [2], [1]]);
    expect(refs[5]).toBe(refs[1]);
  });

  test('an empty shape is one element, and a side of zero is none', () => {
    const one = { ...array, blocks: [{ columns: [Uint8Array.of(9)] }], shape: [] };
    expect(opened(forgeFrame(one).bytes).index.shape).toEqual([]);
    expect(opened(forgeFrame({ ...array, blocks: [], shape: [3, 0] }).bytes).index.shape).toEqual([3, 0]);
    expect(opened(forgeFrame({ ...array, shape: [1, 3, 1] }).bytes).index.shape).toEqual([1, 3, 1]);
  });

  test('a footer with another end, length or checksum', () => {
    const { bytes, headerLength, indexOffset } = forgeFrame(array);
    const footer = bytes.length - 16;
    for (let k = 0; k < END_MAGIC.length; k++) {
      const changed = bytes.slice();
      changed[bytes.length - 4 + k] ^= 1;
      expect(thrownBy(() => opened(changed))).toMatchObject({
        offset: bytes.length - 4,
        message: expect.stringContaining('frame is cut short or its end is damaged'),
      });
    }
    const longer = bytes.slice();
    longer[footer] = footer - headerLength + 1;
    expect(thrownBy(() => opened(longer))).toMatchObject({
      offset: footer,
      message: expect.stringContaining(`index of ${footer - headerLength + 1} bytes does not fit the frame`),
    });
    // As long as everything behind the header: a checksum that is wrong, not a length.
    longer[footer] = footer - headerLength;
    const wrong = 'index does not match its checksum';
    expect(thrownBy(() => opened(longer))).toMatchObject({
      offset: headerLength,
      message: expect.stringContaining(wrong),
    });
    const damaged = bytes.slice();
    damaged[footer + 4] ^= 1;
    expect(thrownBy(() => opened(damaged))).toMatchObject({
      offset: indexOffset,
      message: expect.stringContaining(wrong),
    });
  });

  test('an index of no byte, right behind the header, is too short and not missing', () => {
    const empty = new ByteWriter();
    const header = headerOf(array);
    writeFooter(empty, crc32c(header));
    const frame = Uint8Array.of(...header, ...empty.view());
    expect(thrownBy(() => opened(frame))).toMatchObject({
      code: 'CORRUPT',
      offset: header.length,
      message: expect.stringContaining('1 bytes expected, 0 left'),
    });
  });

  test('an index of more than 256 MiB is refused before it is read', () => {
    const header = headerOf(array);
    const footer = Uint8Array.of(1, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, ...END_MAGIC);
    const byteLength = 2 ** 29;
    const reads: number[] = [];
    const read = (offset: number, length: number) => {
      reads.push(length);
      return offset === 0 ? new Uint8Array(length).fill(0).map((_, k) => header[k] ?? 0) : footer;
    };
    expect(thrownBy(() => new FrameReader({ byteLength, read }))).toMatchObject({
      offset: byteLength - 16,
      message: expect.stringContaining(`index of ${2 ** 28 + 1} bytes does not fit the frame`),
    });
    expect(reads).toEqual([512, 16]);
  });

  test('the most blocks that so many bytes can describe, and the bytes of a row', () => {
    const one = { kind: 'array', columns: [{ name: '', dtype: 'uint8' }] } as const;
    const candle = {
      kind: 'table',
      columns: [
        { name: 'timestamp', dtype: 'float64' },
        { name: 'close', dtype: 'float32' },
      ],
    } as const;
    expect([0, 7, 8, 15, 80].map((bytes) => mostBlocksIn(bytes, one))).toEqual([0, 0, 1, 1, 10]);
    expect([30, 31, 61, 310].map((bytes) => mostBlocksIn(bytes, candle))).toEqual([0, 1, 1, 10]);
    expect(mostBlocksIn(1000, { kind: 'table', columns: [] })).toBe(0);
    expect([rowBytesOf(one), rowBytesOf(candle)]).toEqual([1, 12]);
    expect([timestampDtype(one), timestampDtype(candle)]).toEqual([undefined, 'float64']);
    const { bytes } = forgeFrame({ ...array, blocks: new Array(3).fill(array.blocks[0]) });
    expect(opened(bytes).blocks).toBe(3);
    expect(indexAt(array)).toBe(15);
  });
});
