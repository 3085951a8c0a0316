/**
 * Decoding into arrays of the caller's: the same bits, no array where one was given, and nothing that would overwrite
 * something.
 */
import { compressPrices, decompressPrices } from '../../src/codec/prices.js';
import { compressDataFrame, decompressDataFrame } from '../../src/codec/table-frame.js';
import { createArray, DTYPES } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { candles, everyDtype, expectSameBits, expectSameColumns, randomBits } from './frame-samples.js';

const table = candles(40_000);
const frame = compressDataFrame(table);
const rows = table.close.length;

function errorOf(work: () => unknown): { code: string; message: string; column?: unknown } {
  try {
    work();
  } catch (error) {
    if (isAtcError(error)) return { code: error.code, message: error.message, column: error.column };
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('an array of every dtype is filled and returned, a longer one to its beginning', () => {
  for (const dtype of DTYPES) {
    const values = randomBits(dtype, 300);
    const bytes = compressPrices(values);
    const exact = createArray(dtype, 300);
    expect(decompressPrices(bytes, { into: exact })).toBe(exact);
    expectSameBits(exact, values);
    const longer = randomBits(dtype, 310, 5);
    const rest = longer.slice(300);
    const decoded = decompressPrices(bytes, { into: longer });
    expect([decoded.buffer === longer.buffer, decoded.byteOffset, decoded.length]).toEqual([true, 0, 300]);
    expectSameBits(decoded, values);
    expectSameBits(longer.slice(300), rest);
  }
});

test('columns of a table: the given ones are filled, the others are new', () => {
  const close = new Float64Array(rows);
  const high = new Float64Array(rows + 5);
  const decoded = decompressDataFrame(frame, { into: { close, high } });
  expect(decoded.close).toBe(close);
  expect(decoded.high.buffer).toBe(high.buffer);
  expectSameColumns(decoded, table);
  const mixed = everyDtype(50);
  const into = Object.fromEntries(DTYPES.map((dtype) => [dtype, createArray(dtype, 50)]));
  expectSameColumns(decompressDataFrame(compressDataFrame(mixed), { into }), mixed);
});

test('some rows of some columns, into a view in the middle of a buffer', () => {
  const buffer = new Float64Array(1000);
  const [from, to] = [16_000, 16_500];
  const into = { low: buffer.subarray(100, 600), close: new Float64Array(500) };
  const decoded = decompressDataFrame(frame, { columns: ['close', 'low'], from, to, into });
  expect(Object.keys(decoded)).toEqual(['close', 'low']);
  expectSameBits(buffer.slice(100, 600), table.low.slice(from, to));
});

test('arrays of another dtype, too short, of unknown columns or over the same memory are refused', () => {
  const buffer = new Float64Array(2 * rows);
  const bytes = compressPrices(table.close);
  const cases: [() => unknown, RegExp, unknown][] = [
    [
      () => decompressPrices(bytes, { into: new Float32Array(rows) }),
      /float64 of at least 40000 elements, got float32/,
      undefined,
    ],
    [() => decompressPrices(bytes, { into: new Float64Array(rows - 1) }), /got float64 of 39999/, undefined],
    [() => decompressPrices(bytes, { into: [] as never }), /got no typed array/, undefined],
    [() => decompressPrices(bytes, { into: null as never }), /got no typed array/, undefined],
    [() => decompressDataFrame(frame, { into: null as never }), /into must be an object/, undefined],
    [
      () => decompressPrices(bytes, { into: new Float64Array(bytes.buffer, 0, 8) }),
      /shares memory with the compressed bytes/,
      undefined,
    ],
    [
      () => decompressDataFrame(frame, { into: { clsoe: new Float64Array(rows) } as never }),
      /did you mean "close"/,
      'clsoe',
    ],
    [
      () => decompressDataFrame(frame, { columns: ['open'], into: { close: buffer } as never }),
      /"close", which is not decoded/,
      'close',
    ],
    [
      () => decompressDataFrame(frame, { into: { close: new Int32Array(rows) } }),
      /column "close" decodes into float64/,
      'close',
    ],
    [
      () => decompressDataFrame(frame, { into: { close: buffer, open: buffer } }),
      /shares memory with another/,
      undefined,
    ],
    [
      () => decompressDataFrame(frame, { into: { close: buffer.subarray(0, rows), open: buffer.subarray(rows - 1) } }),
      /shares memory/,
      undefined,
    ],
  ];
  for (const [work, message, column] of cases) {
    expect(errorOf(work)).toEqual({ code: 'ARGUMENT', message: expect.stringMatching(message), column });
  }
  const side = { close: buffer.subarray(0, rows), open: buffer.subarray(rows) };
  expectSameBits(decompressDataFrame(frame, { into: side }).open, table.open);
});

test('maxBytes bounds the memory that is allocated, not the arrays that are given', () => {
  const into = Object.fromEntries(Object.keys(table).map((name) => [name, new Float64Array(rows)]));
  expectSameColumns(decompressDataFrame(frame, { into, maxBytes: 0 }), table);
  const { close, ...others } = into;
  expect(close.length).toBe(rows);
  expect(errorOf(() => decompressDataFrame(frame, { into: others, maxBytes: 8 * rows - 1 })).code).toBe('ARGUMENT');
});

test('damage is CORRUPT, whatever it left in the array', () => {
  const bytes = compressPrices(table.close);
  bytes[bytes.length >> 1] ^= 1;
  expect(errorOf(() => decompressPrices(bytes, { into: new Float64Array(rows) })).code).toBe('CORRUPT');
});
