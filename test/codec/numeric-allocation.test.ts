/** Decoding a block allocates a few small objects, nothing per row, and never a buffer. */
import v8 from 'node:v8';
import vm from 'node:vm';
import type { ChunkDecoder } from '../../src/codec/codec.js';
import { NumericDecoder } from '../../src/codec/numeric/decoder.js';
import { createArray } from '../../src/dtype.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { candles } from './frame-samples.js';
import { type CodedBlock, encodeBlock, readerOf } from './numeric-block.js';
import { compounded, wordsThatReturn } from './word-arrays.js';
import { encodeWords, wordDecoder } from './word-chunks.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const kernels = createWasmKernels()!;
const numeric = new NumericDecoder(() => kernels);
const ROUNDS = 40;
/** Readers, claims, headers, views: what one column of a block may take, whatever its rows. */
const MOST_BYTES = 12_000;

const ATTEMPTS = 10;

/**
 * Heap bytes one decode of a column takes, and bytes of array buffers that all of them took together. Code that is not
 * compiled yet holds every double in an object of its own, and when the engine compiles is not ours to choose: the
 * least of some attempts counts.
 */
function allocated(decoder: ChunkDecoder, block: CodedBlock, column: number): { heap: number; buffers: number } {
  const out = createArray('float64', block.columns[0].length);
  const least = { heap: Number.POSITIVE_INFINITY, buffers: Number.POSITIVE_INFINITY };
  for (let attempt = 0; attempt < ATTEMPTS && !(least.heap < MOST_BYTES && least.buffers <= 0); attempt++) {
    for (let i = 0; i < 300; i++) decoder.decode(readerOf(block), column, out);
    const readers = Array.from({ length: ROUNDS }, () => readerOf(block));
    collect();
    const before = process.memoryUsage();
    for (const reader of readers) decoder.decode(reader, column, out);
    const after = process.memoryUsage();
    least.heap = Math.min(least.heap, (after.heapUsed - before.heapUsed) / ROUNDS);
    least.buffers = Math.min(least.buffers, after.arrayBuffers - before.arrayBuffers);
  }
  return least;
}

test.each([2, 5, 6])('level %i', (level) => {
  const { timestamp, open, high, low, close, volume } = candles(16_384);
  const columns = [timestamp, open, high, low, close, volume];
  for (const column of [0, 2, 4, 5]) {
    const { heap, buffers } = allocated(numeric, encodeBlock(kernels, columns, level), column);
    expect(heap).toBeLessThan(MOST_BYTES);
    expect(buffers).toBeLessThanOrEqual(0);
  }
});

test.each(['growth', 'repeats'] as const)('%s', (codec) => {
  const values = codec === 'growth' ? compounded(candles(16_384).close) : wordsThatReturn(16_384);
  const decoder = wordDecoder(kernels, codec);
  const chunk = { wireId: decoder.wireId, refs: [], bytes: encodeWords(kernels, codec, values, 5)! };
  const { heap, buffers } = allocated(decoder, { columns: [values], chunks: [chunk] }, 0);
  expect(heap).toBeLessThan(MOST_BYTES);
  expect(buffers).toBeLessThanOrEqual(0);
});
