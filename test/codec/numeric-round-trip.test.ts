/** Losslessness on bits, over everything doubles and integers can do, with both kernel sets, at every kind of level. */
import fc from 'fast-check';
import type { CompressionLevel } from '../../src/codec/codec.js';
import { NUMERIC } from '../../src/codec/numeric/decoder.js';
import { compressPrices, decompressPrices } from '../../src/codec/prices.js';
import { compressDataFrame, decompressDataFrame } from '../../src/codec/table-frame.js';
import type { TypedArray } from '../../src/dtype.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { doubles, others, tables } from './numeric-arrays.js';
import { decodeColumn, encodeBlock, hexOf, readerOf } from './numeric-block.js';

const reference = createReferenceKernels();
const wasm = createWasmKernels()!;
const LEVELS = [1, 2, 5, 6, 9];
/** More by hand: NUMERIC_RUNS=5000. */
const RUNS = Number(process.env.NUMERIC_RUNS ?? 120);
const level = fc.constantFrom(...LEVELS);

/** Both kernel sets make the same bytes, and both read them back to the same bits. */
function expectSame(columns: readonly TypedArray[], atLevel: number): number {
  const block = encodeBlock(wasm, columns, atLevel);
  const slow = encodeBlock(reference, columns, atLevel);
  let coded = 0;
  block.chunks.forEach((chunk, column) => {
    const hex = chunk && Buffer.from(chunk.bytes).toString('hex');
    const slowChunk = slow.chunks[column];
    expect(slowChunk && Buffer.from(slowChunk.bytes).toString('hex')).toBe(hex);
    expect(slowChunk?.refs).toEqual(chunk?.refs);
    if (chunk === undefined) return;
    coded++;
    expect(chunk.wireId).toBe(NUMERIC.wireId);
    expect(chunk.bytes.length).toBeLessThan(Math.max(columns[column].byteLength, 1));
    for (const kernels of [wasm, reference]) {
      expect(hexOf(decodeColumn(kernels, readerOf(block), column))).toBe(hexOf(block.columns[column]));
    }
  });
  return coded;
}

test('the WASM kernels load here, so that both sets are compared', () => expect(wasm?.name).toBe('wasm'));

test('any doubles keep their bits, alike in both kernel sets', () => {
  fc.assert(
    fc.property(doubles, level, (values, atLevel) => {
      expectSame([values], atLevel);
    }),
    { numRuns: RUNS },
  );
});

test('tables of candles and other columns keep their bits, alike in both kernel sets', () => {
  let coded = 0;
  fc.assert(
    fc.property(tables, level, (columns, atLevel) => {
      coded += expectSame(Object.values(columns), atLevel);
    }),
    { numRuns: RUNS / 4 },
  );
  expect(coded).toBeGreaterThan(RUNS);
});

test('integers and float32 keep their bits, alike in both kernel sets', () => {
  fc.assert(
    fc.property(others, level, (values, atLevel) => {
      expectSame([values], atLevel);
    }),
    { numRuns: RUNS },
  );
});

test('tables keep their bits at every level with every algorithm', () => {
  fc.assert(
    fc.property(tables, fc.nat(9), fc.constantFrom('auto', 'lz4', 'zlib'), (columns, atLevel, algorithm) => {
      const options = { level: atLevel as CompressionLevel, algorithm: algorithm as 'auto' };
      const back = decompressDataFrame(compressDataFrame(columns, options));
      for (const [name, values] of Object.entries(columns)) expect(hexOf(back[name])).toBe(hexOf(values));
    }),
    { numRuns: RUNS / 5 },
  );
});

test('arrays keep their bits at every level with every algorithm, and never grow by more than 64 bytes', () => {
  fc.assert(
    fc.property(
      fc.oneof(doubles, others),
      fc.nat(9),
      fc.constantFrom('auto', 'lz4', 'zlib'),
      (values, atLevel, algorithm) => {
        const options = { level: atLevel as CompressionLevel, algorithm: algorithm as 'auto' };
        const bytes = compressPrices(values, options);
        expect(hexOf(decompressPrices(bytes))).toBe(hexOf(values));
        expect(bytes.length).toBeLessThan(values.byteLength + 64);
      },
    ),
    { numRuns: RUNS },
  );
});

test('several blocks, the last of one row, keep their bits in a quarter of the bytes', () => {
  const values = Float64Array.from(
    { length: 16_384 * 2 + 1 },
    (_, i) => Math.round(1e4 + 100 * Math.sin(i / 50)) / 100,
  );
  for (const atLevel of LEVELS) {
    const bytes = compressPrices(values, { level: atLevel as CompressionLevel });
    expect(bytes.length).toBeLessThan(values.byteLength / 4);
    expect(hexOf(decompressPrices(bytes))).toBe(hexOf(values));
  }
});
