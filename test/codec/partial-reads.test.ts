/**
 * How many bytes a part of a packed table costs: the index, and the chunks of the blocks and columns asked for, with
 * what they refer to.
 */
import { FrameReader } from '../../src/codec/frame-reader.js';
import { withRefs } from '../../src/codec/refs.js';
import { candles, countingSource, expectSameBits, inBlocks } from './frame-samples.js';

const BLOCK = 1000;
const columns = candles(20 * BLOCK);
const bytes = inBlocks(columns, { level: 5, blockRows: BLOCK });
const names = Object.keys(columns);

/** Reads of a part, those of opening the frame left out, and what they may take by the index. */
function readPart(name: string, from: number, to: number) {
  const source = countingSource(bytes);
  const frame = new FrameReader(source);
  source.reads.length = 0;
  const out = new Float64Array(to - from);
  const column = names.indexOf(name);
  frame.decodeRows([column], from, to, [out]);
  expectSameBits(out, columns[name as 'close'].slice(from, to));
  const { index } = frame;
  let allowed = 0;
  for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) {
    for (const needed of withRefs(index.refs, block * names.length, column)) {
      allowed += frame.chunk(block, needed).bytes.length;
    }
  }
  return { read: source.reads, allowed };
}

const total = (reads: ReadonlyArray<readonly [number, number]>) => reads.reduce((sum, [, length]) => sum + length, 0);

test.each(names)('%s of some rows: its chunks and their refs, each once', (name) => {
  for (const [from, to] of [
    [0, 1],
    [BLOCK - 1, BLOCK + 1],
    [4 * BLOCK, 7 * BLOCK],
    [0, 20 * BLOCK],
  ]) {
    const source = countingSource(bytes);
    const frame = new FrameReader(source);
    const opened = total(source.reads);
    frame.decodeRows([names.indexOf(name)], from, to, [new Float64Array(to - from)]);
    const { allowed } = readPart(name, from, to);
    expect(total(source.reads) - opened).toBe(allowed);
  }
});

test('a column that predicts itself is read alone, one row of a table in a few kilobytes', () => {
  const { read, allowed } = readPart('timestamp', 10 * BLOCK, 10 * BLOCK + 1);
  expect(total(read.slice(0, 1))).toBe(allowed);
  expect(allowed).toBeLessThan(bytes.length / 100);
});
