import { requireLittleEndian } from '../../src/codec/frame-format.js';
import { FrameWriter } from '../../src/codec/frame-writer.js';
import type { Columns, TypedArray } from '../../src/dtype.js';
import { compressDataFrame, compressPrices, decompressDataFrame, decompressPrices } from '../../src/index.js';
import { candles } from './frame-samples.js';

const prices = new Float64Array(6);
const table = compressDataFrame(candles(10));

const mistakes: Record<string, [action: () => unknown, says: RegExp]> = {
  'level 12': [() => compressPrices(prices, { level: 12 }), /level.*0.*9.*12/],
  'level 2.5': [() => compressDataFrame({ a: prices }, { level: 2.5 }), /level.*2\.5/],
  'level "5"': [() => compressPrices(prices, { level: '5' as never }), /level/],
  'an unknown algorithm': [() => compressPrices(prices, { algorithm: 'zstd' as never }), /auto, lz4, zlib.*zstd/],
  'no typed array': [() => compressPrices([1, 2] as never), /typed array/],
  'a DataView': [() => compressPrices(new DataView(new ArrayBuffer(8)) as never), /typed array/],
  'a shape that does not fit': [() => compressPrices(prices, { shape: [4, 2] }), /\[4,2\].*6/],
  'a negative side': [() => compressPrices(prices, { shape: [-2, -3] }), /shape/],
  'unequal lengths': [
    () => compressDataFrame({ open: prices, high: new Float64Array(20_000) }),
    /"open" has 6 rows, "high" has 20000/,
  ],
  'an empty name': [() => compressDataFrame({ '': prices }), /name/],
  'a name that is not Unicode': [() => compressDataFrame({ '\ud800': prices }), /Unicode/],
  'a name of 2000 bytes': [() => compressDataFrame({ ['x'.repeat(2000)]: prices }), /1024/],
  'a column that is a list': [() => compressDataFrame({ a: [1] as never }), /"a".*typed array/],
  'columns that are null': [() => compressDataFrame(null as never), /columns/],
  'an unknown column': [() => decompressDataFrame(table, { columns: ['clse'] }), /no column "clse".*"close"/],
  'an unknown column near none': [() => decompressDataFrame(table, { columns: ['spread'] }), /timestamp, open, high/],
  'rows outside': [() => decompressDataFrame(table, { from: 2, to: 11 }), /\[2, 11\).*\[0, 10\)/],
  'rows backwards': [() => decompressDataFrame(table, { from: 5, to: 2 }), /\[5, 2\)/],
  'half a row': [() => decompressDataFrame(table, { from: 0.5 }), /0\.5/],
  'a table as an array': [() => decompressPrices(table), /decompressDataFrame/],
  'an array as a table': [() => decompressDataFrame(compressPrices(prices)), /decompressPrices/],
  'text instead of bytes': [() => decompressPrices('frame' as never), /Uint8Array/],
  'doubles instead of bytes': [() => decompressPrices(prices as never), /Uint8Array/],
  'more than maxBytes': [() => decompressPrices(compressPrices(prices), { maxBytes: 47 }), /48 bytes.*47/],
  'more than maxBytes in a table': [() => decompressDataFrame(table, { maxBytes: 479 }), /480 bytes.*479/],
  'a maxBytes that is no number': [
    () => decompressPrices(compressPrices(prices), { maxBytes: Number.NaN }),
    /maxBytes/,
  ],
  'blocks of no rows': [() => arrayWriter({ blockRows: 0 }), /blockRows/],
  'too many columns': [() => compressDataFrame(manyColumns(5000)), /4096.*5000/],
  'the wrong dtype': [() => arrayWriter().write([new Float32Array(1) as TypedArray]), /float64.*float32/],
  'the wrong number of columns': [() => arrayWriter().write([]), /1 columns/],
  'a block that is too long': [() => arrayWriter({ blockRows: 4 }).writeBlock([prices]), /at most 4.*6/],
};

function arrayWriter(options = {}) {
  return new FrameWriter(() => {}, { kind: 'array', columns: [{ name: '', dtype: 'float64' }] }, options);
}

function manyColumns(count: number): Columns {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, prices]));
}

test.each(Object.entries(mistakes))('%s is ARGUMENT with what is allowed', (_, [action, says]) => {
  expect(action).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(says) }));
});

test('maxBytes bounds the columns that are decoded, not those that could be', () => {
  expect(decompressDataFrame(table, { maxBytes: 80, columns: ['close'] }).close).toHaveLength(10);
  expect(decompressDataFrame(table, { maxBytes: 96, from: 3, to: 5 }).close).toHaveLength(2);
});

test('a finished writer is CLOSED', () => {
  const writer = arrayWriter();
  writer.finish();
  for (const action of [() => writer.write([prices]), () => writer.finish()]) {
    expect(action).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  }
});

test('a big-endian machine is UNSUPPORTED, not wrong', () => {
  expect(() => requireLittleEndian(Uint16Array.of(0x0100))).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  requireLittleEndian();
});
