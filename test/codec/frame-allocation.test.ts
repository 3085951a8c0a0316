import { getHeapStatistics } from 'node:v8';
import { BLOCK_ROWS, type CompressionAlgorithm } from '../../src/codec/codec.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { candles } from './frame-samples.js';

const BLOCKS = 4;
const ROWS = BLOCKS * BLOCK_ROWS;
const table = candles(ROWS);
const COLUMNS = [0, 1, 2, 3, 4, 5];

// Pako makes its tables and a window of 32 KiB for every chunk, whatever the chunk's rows.
const PAKO_BYTES = 48 << 10;
const algorithms: ReadonlyArray<[string, CompressionAlgorithm, number, bytesPerChunk: number]> = [
  ['stored', 'auto', 0, 0],
  ['LZ4', 'lz4', 1, 0],
  ['deflate', 'zlib', 1, PAKO_BYTES],
];
const RUNS = 5;

test.each(algorithms)('%s: decoding block by block allocates nothing per row', (_, algorithm, level, bytesPerChunk) => {
  provideNativeCompression(undefined);
  const frame = new FrameReader(memorySource(compressDataFrame(table, { algorithm, level })));
  const out = COLUMNS.map(() => new Float64Array(BLOCK_ROWS));
  const decodeAll = () => {
    for (let block = 0; block < frame.blocks; block++) frame.decodeBlock(block, COLUMNS, out);
  };
  decodeAll();
  const buffers = process.memoryUsage().arrayBuffers;
  // A collection in between would hide allocations, so the largest of several runs is what counts.
  const growth = Array.from({ length: RUNS }, () => {
    const before = getHeapStatistics().used_heap_size;
    decodeAll();
    return getHeapStatistics().used_heap_size - before;
  });
  // One boxed number per row would be 12 bytes x 6 columns x 65,536 rows = 4.7 MB.
  expect(Math.max(...growth)).toBeLessThan(ROWS * COLUMNS.length * 2);
  expect(process.memoryUsage().arrayBuffers - buffers).toBeLessThan(
    2 * BLOCK_ROWS * 8 + RUNS * BLOCKS * COLUMNS.length * bytesPerChunk,
  );
});

test('rows into arrays of the caller: no buffers beyond one partial block', () => {
  provideNativeCompression(undefined);
  const frame = new FrameReader(memorySource(compressDataFrame(table, { algorithm: 'lz4' })));
  const out = COLUMNS.map(() => new Float64Array(ROWS));
  frame.decodeRows(COLUMNS, 1, ROWS - 1, out);
  const before = process.memoryUsage().arrayBuffers;
  frame.decodeRows(COLUMNS, 1, ROWS - 1, out);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * BLOCK_ROWS * 8);
});
