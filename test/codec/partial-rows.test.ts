/** Some rows of a block: the same bits as cut out of all of them, decoding only the vectors they depend on. */

import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { NumericDecoder } from '../../src/codec/numeric/decoder.js';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import type { Columns, TypedArray } from '../../src/dtype.js';
import { createArray } from '../../src/dtype.js';
import type { Kernels } from '../../src/kernels/kernels.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { candles, countingSource, expectSameBits, noise } from './frame-samples.js';
import { MARKET_KINDS, marketTable } from './market-kinds.js';
import { encodeBlock, readerOf } from './numeric-block.js';

const ROWS = 5500;
const wasm = createWasmKernels()!;
const reference = createReferenceKernels();

/**
 * Candles with columns of every other shape beside them: integers, single precision, NaNs in between, a constant, runs.
 */
function everyShape(): Columns {
  const rows = ROWS;
  const table = candles(rows);
  const draw = noise(5);
  const price = table.close;
  return {
    ...table,
    count: BigInt64Array.from({ length: rows }, () => BigInt(draw()) << 21n),
    small: Int16Array.from({ length: rows }, () => draw() % 300),
    single: Float32Array.from(price, (value) => Math.fround(value / 3)),
    holes: Float64Array.from(price, (value, i) => (i % 97 === 0 ? Number.NaN : i % 89 === 0 ? -0 : value)),
    full: Float64Array.from({ length: rows }, () => draw() / 3),
    constant: new Float64Array(rows).fill(1.5),
    runs: Float64Array.from({ length: rows }, (_, i) => Math.floor(i / 700)),
    later: Float64Array.from(price, (_, i) => price[Math.max(0, i - 1)]),
    bits: Uint8Array.from({ length: rows }, () => draw() % 2),
  };
}

const SPANS = [
  [0, 1],
  [0, 1024],
  [1023, 1025],
  [1024, 1025],
  [1700, 3140],
  [2048, 4096],
  [ROWS - 1, ROWS],
  [ROWS - 400, ROWS],
  [1, ROWS],
];

const SOURCES: ReadonlyArray<readonly [string, () => Columns]> = [
  ['every shape of column', everyShape],
  ...MARKET_KINDS.map((kind, seed) => [kind, () => marketTable(kind, ROWS, seed + 1)] as const),
];

describe.each(SOURCES)('%s', (_, make) => {
  const table = make();
  const columns = Object.values(table);

  test.each([0, 2, 5, 9])('level %i: any rows, columns in any order, from a frame', (level) => {
    const bytes = compressDataFrame(table, { level: level as 5 });
    const draw = noise(level + 1);
    for (const [from, to] of SPANS) {
      // A new one each time: what it has decoded before must not be what is looked at.
      const frame = new FrameReader(level % 2 === 0 ? countingSource(bytes) : memorySource(bytes));
      const order = [...columns.keys()].toSorted(() => (draw() % 2) - 0.5);
      for (const column of order) {
        const out = createArray(frame.columns[column].dtype, to - from);
        frame.decodeRows([column], from, to, [out]);
        expectSameBits(out, columns[column].slice(from, to));
      }
    }
  });

  test.each(make === everyShape ? [2, 5, 9] : [5])(
    'level %i: by both kernel sets, and again and again from one block',
    (level) => {
      for (const kernels of [wasm, reference]) {
        const block = encodeBlock(kernels, columns, level);
        const decoder = new NumericDecoder(() => kernels);
        const reader = readerOf(block);
        for (const [from, to] of SPANS) {
          block.chunks.forEach((chunk, column) => {
            if (chunk === undefined) return;
            const out = createArray(reader.schema[column].dtype, to - from);
            decoder.decodeRows(reader, column, from, out);
            expectSameBits(out, columns[column].slice(from, to));
          });
        }
      }
    },
  );
});

/** Rows that kernels were asked for while some rows of a column of a full block were decoded. */
function rowsOfWork(columns: readonly TypedArray[], level: number, column: number, from: number, to: number): number {
  let rows = 0;
  const counting: Kernels = {
    ...wasm,
    unpack: (src, end, dst, n, wide) => {
      rows += n;
      return wasm.unpack(src, end, dst, n, wide);
    },
    untans: (src, end, dst, n, wide, isPart) => {
      rows += n;
      return wasm.untans(src, end, dst, n, wide, isPart);
    },
    packedDeltaDoubles: (src, end, dst, n, ...rest) => {
      rows += n;
      return wasm.packedDeltaDoubles(src, end, dst, n, ...rest);
    },
  };
  const block = encodeBlock(wasm, columns, level);
  const out = createArray('float64', to - from);
  new NumericDecoder(() => counting).decodeRows(readerOf(block), column, from, out);
  expectSameBits(out, columns[column].slice(from, to));
  return rows;
}

describe('the work for a day of minutes in the middle of a block', () => {
  const { timestamp, open, high, low, close } = candles(16_384);
  const draw = noise(3);
  const volume = Float64Array.from(close, () => Math.floor(Math.exp(14 + (6 * draw()) / 2 ** 32)) / 1e8);
  const columns = [timestamp, open, high, low, close, volume];
  const [from, to] = [8000, 9440];
  const upTo = 10_240;
  const touched = 10_240 - 7168;

  test('timestamps at one distance: none', () => {
    expect(rowsOfWork(columns, 2, 0, from, to)).toBe(0);
  });

  test('closes are a chain: from the beginning of the block, not to its end', () => {
    expect(rowsOfWork(columns, 2, 4, from, to)).toBe(upTo);
    expect(rowsOfWork(columns, 5, 4, from, to)).toBe(upTo);
  });

  test('volumes that stand for themselves: the vectors they lie in', () => {
    expect(rowsOfWork(columns, 2, 5, from, to)).toBe(touched);
  });

  test('highs by opens and closes: their own vectors, those of the opens, and the closes', () => {
    expect(rowsOfWork(columns, 2, 2, from, to)).toBe(upTo + 2 * touched);
  });
});

test('a source that copies is read into memory that is used again from block to block', () => {
  const bytes = compressDataFrame(candles(16_384 * 5), { level: 5 });
  const buffers = new Set<ArrayBufferLike>();
  const frame = new FrameReader({
    ...memorySource(bytes),
    readInto(offset: number, target: Uint8Array) {
      buffers.add(target.buffer);
      target.set(bytes.subarray(offset, offset + target.length));
    },
  });
  const columns = Object.values(candles(frame.rows));
  const readAll = () => {
    columns.forEach((values, column) => {
      const out = new Float64Array(frame.rows);
      frame.decodeRows([column], 0, frame.rows, [out]);
      expectSameBits(out, values);
    });
    return buffers.size;
  };
  const first = readAll();
  expect(first).toBeGreaterThan(0);
  // Two rooms, each of which may meet its largest block only now.
  expect(readAll() - first).toBeLessThanOrEqual(2);
  // A block is a fifth of the file, its room a quarter larger; a room that is never emptied grows with every block.
  readAll();
  expect(Math.max(...Array.from(buffers, ({ byteLength }) => byteLength))).toBeLessThan(bytes.length / 2);
});
