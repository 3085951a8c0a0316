import { ByteWriter } from '../../src/codec/byte-stream.js';
import { BLOCK_ROWS } from '../../src/codec/codec.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { FrameWriter, type FrameWriterOptions } from '../../src/codec/frame-writer.js';
import { type Columns, createArray, type Dtype, dtypeOf, type TypedArray } from '../../src/dtype.js';
import { compressPrices } from '../../src/index.js';
import { candles, countingSource, expectSameBits } from './frame-samples.js';

/** The frame of `columns`, handed to the writer in batches of the given sizes, over and over. */
function written(columns: Columns, options: FrameWriterOptions, batches: readonly number[]): Uint8Array {
  const out = new ByteWriter();
  const schema = Object.entries(columns).map(([name, values]) => ({ name, dtype: dtypeOf(values) as Dtype }));
  const writer = new FrameWriter((bytes) => out.bytes(bytes), { kind: 'table', columns: schema }, options);
  const arrays = Object.values(columns);
  for (let from = 0, turn = 0; from < arrays[0].length; turn++) {
    const to = from + batches[turn % batches.length];
    writer.write(arrays.map((values) => values.subarray(from, to)));
    from = to;
  }
  expect(writer.finish()).toBe(out.length);
  return out.toBytes();
}

const columns = candles(1000);
const blocked = written(columns, { blockRows: 64, level: 1 }, [1000]);

describe('streaming', () => {
  test('the same bytes for any batches of rows', () => {
    for (const batches of [[1], [63], [64], [65], [7, 200, 1], [128, 3]]) {
      expect(Buffer.compare(written(columns, { blockRows: 64, level: 1 }, batches), blocked)).toBe(0);
    }
  });

  test('nothing waits for the end: each block leaves when it is full', () => {
    const sizes: number[] = [];
    const writer = new FrameWriter(
      (bytes) => sizes.push(bytes.length),
      {
        kind: 'array',
        columns: [{ name: '', dtype: 'uint8' }],
      },
      { blockRows: 10, level: 0 },
    );
    expect(sizes).toHaveLength(1);
    writer.write([new Uint8Array(25)]);
    expect(sizes.slice(1)).toEqual([10, 10]);
    writer.finish();
    expect(sizes.slice(1, 4)).toEqual([10, 10, 5]);
  });

  test('blocks written as given keep their borders', () => {
    const out = new ByteWriter();
    const writer = new FrameWriter((bytes) => out.bytes(bytes), {
      kind: 'array',
      columns: [{ name: '', dtype: 'uint8' }],
    });
    const all = Uint8Array.from({ length: 30 }, (_, i) => i);
    writer.write([all.subarray(0, 4)]);
    writer.writeBlock([all.subarray(4, 20)]);
    writer.writeBlock([all.subarray(20, 20)]);
    writer.writeBlock([all.subarray(20)]);
    writer.finish();
    const frame = new FrameReader(memorySource(out.toBytes()));
    expect([...frame.index.firstRow]).toEqual([0, 4, 20, 30]);
    const back = new Uint8Array(30);
    frame.decodeRows([0], 0, 30, [back]);
    expectSameBits(back, all);
  });
});

describe('reads only the bytes of the wanted columns and rows', () => {
  const whole = new FrameReader(memorySource(blocked));
  const chunkOf = (block: number, column: number): [number, number] => {
    const i = block * whole.columns.length + column;
    return [whole.index.offsets[i], whole.index.lengths[i]];
  };

  test('opening touches head, footer and index, not the chunks', () => {
    const source = countingSource(blocked);
    new FrameReader(source);
    expect(source.reads).toEqual([
      [0, 512],
      [blocked.length - 16, 16],
      [whole.index.offset, blocked.length - whole.index.offset],
    ]);
  });

  test('two columns of one block: two chunks, each read once', () => {
    const source = countingSource(blocked);
    const frame = new FrameReader(source);
    source.reads.length = 0;
    const out = [new Float64Array(64), new Float64Array(100)];
    expect(frame.decodeBlock(3, [4, 1], out)).toBe(64);
    expect(source.reads).toEqual([chunkOf(3, 4), chunkOf(3, 1)]);
    expectSameBits(out[0], columns.close.slice(192, 256));
    expectSameBits(out[1].slice(0, 64), columns.open.slice(192, 256));
  });

  test('a range of rows: the blocks it overlaps, no others', () => {
    for (const [from, to, blocks] of [
      [64, 128, [1]],
      [63, 65, [0, 1]],
      [100, 100, []],
      [130, 140, [2]],
      [960, 1000, [15]],
      [0, 1000, Array.from({ length: 16 }, (_, i) => i)],
    ] as const) {
      const source = countingSource(blocked);
      const frame = new FrameReader(source);
      source.reads.length = 0;
      const out = new Float64Array(to - from);
      frame.decodeRows([5], from, to, [out]);
      expect(source.reads).toEqual(blocks.map((block) => chunkOf(block, 5)));
      expectSameBits(out, columns.volume.slice(from, to));
    }
  });

  test('the columns of some rows asked for one after the other: each chunk read once', () => {
    const source = countingSource(blocked);
    const frame = new FrameReader(source);
    source.reads.length = 0;
    for (const column of [2, 3, 1, 4, 5, 0, 2]) {
      const out = new Float64Array(64);
      frame.decodeRows([column], 100, 164, [out]);
      expectSameBits(out, Object.values(columns)[column].slice(100, 164));
    }
    const chunks = [1, 2].flatMap((block) => [0, 1, 2, 3, 4, 5].map((column) => chunkOf(block, column)));
    expect(source.reads.toSorted()).toEqual(chunks.toSorted());
  });

  test('a reader at rest has released its blocks: they are read again', () => {
    const source = countingSource(blocked);
    const frame = new FrameReader(source);
    const out = new Float64Array(4);
    const readsOf = (column: number) => {
      source.reads.length = 0;
      frame.decodeRows([column], 100, 104, [out]);
      expectSameBits(out, Object.values(columns)[column].slice(100, 104));
      return source.reads.length;
    };
    expect([readsOf(4), readsOf(4)]).toEqual([1, 0]);
    frame.rest();
    expect([readsOf(4), readsOf(4)]).toEqual([1, 0]);
  });

  test('a time is found by reading at most one chunk', () => {
    const start = columns.timestamp[0];
    for (const row of [0, 1, 63, 64, 65, 500, 999]) {
      for (const [at, expected] of [
        [columns.timestamp[row], row],
        [columns.timestamp[row] - 1, row],
        [columns.timestamp[row] + 1, row + 1],
      ]) {
        const source = countingSource(blocked);
        const frame = new FrameReader(source);
        source.reads.length = 0;
        expect(frame.rowAt(at)).toBe(expected);
        expect(source.reads.length).toBeLessThanOrEqual(1);
      }
    }
    const frame = new FrameReader(memorySource(blocked));
    expect(frame.rowAt(start - 1e9)).toBe(0);
    expect(frame.rowAt(start + 1e9)).toBe(1000);
    expect(frame.rowAt(BigInt(columns.timestamp[70]))).toBe(70);
  });

  test('the index is negligible: under 0.2 % of what it describes', () => {
    const large = written(candles(4 * BLOCK_ROWS), { level: 1 }, [4 * BLOCK_ROWS]);
    const frame = new FrameReader(memorySource(large));
    expect(large.length - frame.index.offset).toBeLessThan(large.length / 500);
  });
});

describe('timestamps', () => {
  const table = (timestamp: TypedArray) => written({ timestamp }, { blockRows: 4, level: 1 }, [5]);

  test('the index holds the smallest and largest timestamp of each block, for every dtype', () => {
    for (const dtype of ['float64', 'int64', 'uint32', 'int8', 'float32'] as const) {
      const values = createArray(dtype, 10);
      for (let i = 0; i < 10; i++) values[i] = dtype === 'int64' ? (BigInt(i * 3) as never) : i * 3;
      const bytes = table(values);
      const frame = new FrameReader(memorySource(bytes));
      expect(Array.from(frame.index.minTimestamps ?? [], Number)).toEqual([0, 12, 24]);
      expect(Array.from(frame.index.maxTimestamps ?? [], Number)).toEqual([9, 21, 27]);
      expect(frame.index.ascending).toBe(true);
      expect(frame.rowAt(13)).toBe(5);
      verifyFrame(memorySource(bytes));
    }
  });

  test.each([
    ['going back inside a block', [1, 3, 2, 4, 5]],
    ['going back between blocks', [1, 2, 3, 9, 8]],
    ['with a NaN', [1, 2, Number.NaN, 3, 4]],
  ])('%s: no bisection, UNSUPPORTED', (_, values) => {
    const bytes = table(Float64Array.from(values));
    verifyFrame(memorySource(bytes));
    const frame = new FrameReader(memorySource(bytes));
    expect(() => frame.rowAt(2)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('equal ones are ascending; the first of them is found', () => {
    const frame = new FrameReader(memorySource(table(Float64Array.of(1, 2, 2, 2, 2, 2, 3))));
    expect(frame.rowAt(2)).toBe(1);
    expect(frame.rowAt(2.5)).toBe(6);
  });

  test('a table without timestamps is UNSUPPORTED for a look-up by time', () => {
    const frame = new FrameReader(memorySource(written({ open: columns.open }, {}, [1000])));
    expect(() => frame.rowAt(2)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});

test('shape and dtype of an array are in its frame', () => {
  const frame = new FrameReader(memorySource(compressPrices(new Int16Array(24), { shape: [2, 3, 4] })));
  expect(frame.kind).toBe('array');
  expect(frame.index.shape).toEqual([2, 3, 4]);
  expect(frame.columns).toEqual([{ name: '', dtype: 'int16' }]);
  for (const shape of [[0, 7], [0]]) {
    expect(new FrameReader(memorySource(compressPrices(new Int16Array(0), { shape }))).index.shape).toEqual(shape);
  }
  expect(new FrameReader(memorySource(compressPrices(new Int16Array(1), { shape: [] }))).index.shape).toEqual([]);
});

test('verify reports what it walked', () => {
  const report = verifyFrame(memorySource(blocked));
  expect(report).toMatchObject({ rows: 1000, blocks: 16, byteLength: blocked.length, decodedBytes: 48_000 });
  expect(Object.values(report.codecs).reduce((sum, count) => sum + count, 0)).toBe(96);
});

test('wide tables get shorter blocks: one block never decodes to more than 256 MiB', () => {
  const shared = new Float64Array(10_000);
  const wide = Object.fromEntries(Array.from({ length: 4096 }, (_, i) => [`c${i}`, shared]));
  const schema = Object.keys(wide).map((name) => ({ name, dtype: 'float64' as const }));
  const writer = new FrameWriter(() => {}, { kind: 'table', columns: schema });
  expect(writer.blockRows).toBe(8192);
  expect(() => new FrameWriter(() => {}, { kind: 'table', columns: schema }, { blockRows: 8193 })).toThrow(/8192/);
});

test('a block or column that is not there is ARGUMENT', () => {
  const frame = new FrameReader(memorySource(blocked));
  for (const action of [
    () => frame.decodeBlock(16, [0], [new Float64Array(64)]),
    () => frame.decodeBlock(-1, [0], [new Float64Array(64)]),
    () => frame.columnIndexes(['Close']),
    () => frame.decodeRows([0], 0, 1001, [new Float64Array(1001)]),
    () => frame.decodeRows([0], 0, 1000, [new Float64Array(999)]),
    () => frame.decodeBlock(0, [0], [new Float64Array(63)]),
    () => frame.decodeBlock(0, [0], [new BigInt64Array(64)]),
    () => frame.decodeBlock(0, [0, 1], [new Float64Array(64)]),
    () => frame.decodeBlock(0, [6], [new Float64Array(64)]),
  ]) {
    expect(action).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
  }
  expect(() => frame.columnIndexes(['Close'])).toThrow(/"close"/);
});
