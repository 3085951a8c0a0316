import fc from 'fast-check';
import { BLOCK_ROWS, type CompressionAlgorithm } from '../../src/codec/codec.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { DTYPES, viewAs } from '../../src/dtype.js';
import {
  compressDataFrame,
  compressPrices,
  decompressDataFrame,
  decompressPrices,
  getCompressionRatio,
  isFrame,
} from '../../src/index.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';
import { marketFiles, readMarketFile, testEachShared } from '../shared-data.js';
import {
  candles,
  everyDtype,
  expectSameBits,
  expectSameColumns,
  HOSTILE_DOUBLES,
  inBlocks,
  randomBits,
} from './frame-samples.js';

const ALGORITHMS: readonly CompressionAlgorithm[] = ['auto', 'lz4', 'zlib'];
const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const backends = { native: loadNativeCompression, typescript: undefined };

afterAll(() => provideNativeCompression(loadNativeCompression));

describe.each(Object.entries(backends))('decoded by %s', (_, loader) => {
  beforeAll(() => provideNativeCompression(loader));

  describe.each(ALGORITHMS)('%s', (algorithm) => {
    test.each(LEVELS)('level %i: hostile doubles, alone and repeated, bit for bit', (level) => {
      const repeated = new Float64Array(1000);
      for (let i = 0; i < repeated.length; i += HOSTILE_DOUBLES.length) {
        repeated.set(HOSTILE_DOUBLES.subarray(0, repeated.length - i), i);
      }
      for (const values of [HOSTILE_DOUBLES, repeated]) {
        expectSameBits(decompressPrices(compressPrices(values, { algorithm, level })), values);
      }
    });

    test.each(LEVELS)('level %i: candles', (level) => {
      const columns = candles(3000);
      expectSameColumns(decompressDataFrame(compressDataFrame(columns, { algorithm, level })), columns);
    });

    test('every dtype: empty, a few rows, a block and a row either side', () => {
      for (const rows of [0, 1, 2, 3, 4, 5, 63, 64, 65]) {
        const columns = everyDtype(rows);
        expectSameColumns(decompressDataFrame(inBlocks(columns, { algorithm, level: 4, blockRows: 64 })), columns);
      }
    });
  });
});

test.each(ALGORITHMS)('%s: every dtype around the default block', (algorithm) => {
  for (const rows of [BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1]) {
    const columns = everyDtype(rows);
    expectSameColumns(decompressDataFrame(compressDataFrame(columns, { algorithm, level: 1 })), columns);
  }
});

describe('arrays', () => {
  test('any bits of any dtype are restored', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DTYPES),
        fc.uint8Array({ maxLength: 800 }),
        fc.constantFrom(...ALGORITHMS),
        fc.constantFrom(...LEVELS),
        (dtype, raw, algorithm, level) => {
          const bytes = raw.slice(0, raw.length - (raw.length % 8));
          const values = viewAs(dtype, bytes.buffer);
          expectSameBits(decompressPrices(compressPrices(values, { algorithm, level })), values);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('any doubles are restored', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (list) => {
        const values = Float64Array.from(list);
        expectSameBits(decompressPrices(compressPrices(values)), values);
      }),
    );
  });

  test('a view that begins in the middle of its buffer is encoded alone', () => {
    const values = new Float64Array([1, 2, 3, 4, 5]).subarray(1, 4);
    expectSameBits(decompressPrices(compressPrices(values)), new Float64Array([2, 3, 4]));
  });

  test('a Buffer is bytes', () => {
    expectSameBits(decompressPrices(compressPrices(Buffer.from([1, 2, 3]))), Uint8Array.of(1, 2, 3));
  });

  test('small arrays cost little: ten numbers, at most 45 bytes beside them', () => {
    for (const algorithm of ALGORITHMS) {
      const frame = compressPrices(randomBits('float64', 10) as Float64Array, { algorithm });
      expect(frame.length).toBeLessThanOrEqual(80 + 45);
    }
  });

  test('noise is stored: never larger than raw by more than the index', () => {
    for (const algorithm of ALGORITHMS) {
      const frame = compressPrices(randomBits('int32', 40_000), { algorithm });
      expect(frame.length).toBeLessThan(160_000 + 100);
    }
  });

  test('the input is not touched', () => {
    const values = candles(2000).close;
    const copy = values.slice();
    compressPrices(values);
    compressPrices(values, { algorithm: 'zlib' });
    expectSameBits(values, copy);
  });
});

describe('tables', () => {
  test('any columns under any names are restored', () => {
    const name = fc.oneof(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), fc.constant('__proto__'));
    const names = fc.uniqueArray(name, { maxLength: 6 });
    fc.assert(
      fc.property(names, fc.nat(50), fc.constantFrom(...ALGORITHMS), (columnNames, rows, algorithm) => {
        const columns = Object.fromEntries(
          columnNames.map((column, i) => [column, randomBits(DTYPES[i % DTYPES.length], rows, i)]),
        );
        expectSameColumns(decompressDataFrame(compressDataFrame(columns, { algorithm })), columns);
      }),
    );
  });

  test('some columns in another order, and some rows, are read alone', () => {
    const columns = candles(2 * BLOCK_ROWS + 100);
    const frame = compressDataFrame(columns, { level: 1 });
    for (const [from, to] of [
      [0, 0],
      [5, 5],
      [0, 1],
      [BLOCK_ROWS - 1, BLOCK_ROWS + 1],
      [BLOCK_ROWS, 2 * BLOCK_ROWS],
      [100, 2 * BLOCK_ROWS + 100],
    ]) {
      const part = decompressDataFrame(frame, { columns: ['volume', 'open'], from, to });
      expect(Object.keys(part)).toEqual(['volume', 'open']);
      expectSameBits(part.volume, columns.volume.slice(from, to));
      expectSameBits(part.open, columns.open.slice(from, to));
    }
  });

  test('no columns at all is a table too', () => {
    expect(decompressDataFrame(compressDataFrame({}))).toEqual({});
  });
});

describe('same input, same bytes', () => {
  test('with natives and without, twice in one process', () => {
    const columns = candles(3000);
    for (const algorithm of ALGORITHMS) {
      const frames = [undefined, loadNativeCompression, undefined].map((loader) => {
        provideNativeCompression(loader);
        return compressDataFrame(columns, { algorithm });
      });
      expect(Buffer.compare(frames[0], frames[1])).toBe(0);
      expect(Buffer.compare(frames[0], frames[2])).toBe(0);
    }
  });
});

describe('real market history', () => {
  testEachShared(marketFiles(), 'bit for bit with lz4, zlib and auto', (file) => {
    const whole = readMarketFile(file);
    for (const algorithm of ALGORITHMS) {
      // Two blocks and a bit of the long ones are enough here; test/dataset takes them whole.
      const rows = 2 * BLOCK_ROWS + 1000;
      const columns = Object.fromEntries(Object.entries(whole).map(([key, values]) => [key, values.slice(0, rows)]));
      const frame = compressDataFrame(columns, { algorithm, level: 1 });
      expectSameColumns(decompressDataFrame(frame), columns);
      const raw = Object.values(columns).reduce((sum, column) => sum + column.byteLength, 0);
      expect(getCompressionRatio(raw, frame)).toBeGreaterThan(1);
    }
  });
});

test('isFrame knows frames by their first bytes', () => {
  expect(isFrame(compressPrices(new Float64Array(1)))).toBe(true);
  expect(isFrame(compressDataFrame({ a: new Float64Array(1) }))).toBe(true);
  for (const other of [undefined, null, 5, '\x89ATC', [0x89, 0x41, 0x54, 0x43]]) expect(isFrame(other)).toBe(false);
  for (const other of ['', '{"a":1}', 'ATC', '\x89ATC']) expect(isFrame(Buffer.from(other, 'utf8'))).toBe(false);
});

test('getCompressionRatio takes sizes or arrays', () => {
  expect(getCompressionRatio(800, 100)).toBe(8);
  expect(getCompressionRatio(new Float64Array(100), new Uint8Array(100))).toBe(8);
  expect(getCompressionRatio(0, 10)).toBe(0);
  for (const [from, to] of [
    [8, 0],
    [-1, 5],
    [Number.NaN, 5],
  ]) {
    expect(() => getCompressionRatio(from, to)).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
  }
});
