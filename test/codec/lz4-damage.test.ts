/** LZ4 blocks byte by byte: each rule of the format, kept to the last byte and broken by one. */
import { lz4Decode } from '../../src/codec/lz4-decode.js';
import { thrownBy } from '../io/workspace.js';

const decoded = (block: readonly number[], length: number): number[] => {
  const target = new Uint8Array(length);
  lz4Decode(Uint8Array.from(block), target);
  return [...target];
};
/** One literal, then four times the same again: five bytes of output, four of block. */
const RUN = [0x10, 65, 1, 0];
/** The last sequence: no literals, no match. */
const END = 0x00;
const many = (byte: number, count: number) => new Array(count).fill(byte);

test.each<[string, readonly number[], number[]]>([
  ['a block of no bytes', [], []],
  ['one sequence of no literals', [END], []],
  ['literals alone', [0x30, 1, 2, 3], [1, 2, 3]],
  ['fifteen literals, whose count has a second byte', [0xf0, 0, ...many(7, 15)], many(7, 15)],
  ['270 literals, whose count has a third byte', [0xf0, 255, 0, ...many(7, 270)], many(7, 270)],
  ['a match that fills the output to its end', [...RUN, END], many(65, 5)],
  ['a match as far back as there is output', [0x20, 65, 66, 2, 0, END], [65, 66, 65, 66, 65, 66]],
  ['a match of 19 bytes, whose length has a second byte', [0x1f, 65, 1, 0, 0, END], many(65, 20)],
  ['a match of 274 bytes, whose length has a third byte', [0x1f, 65, 1, 0, 255, 0, END], many(65, 275)],
  ['a distance of two bytes', [0xf0, 242, ...many(8, 257), 1, 1, END], many(8, 261)],
  ['a long match of a short period', [0x3f, 1, 2, 3, 3, 0, 40, END], Array.from({ length: 62 }, (_, i) => 1 + (i % 3))],
  ['a match, then literals', [...RUN, 0x20, 1, 2], [65, 65, 65, 65, 65, 1, 2]],
])('%s is read', (_, block, bytes) => {
  expect(decoded(block, bytes.length)).toEqual(bytes);
});

test.each<[string, readonly number[], number, number, string]>([
  ['a count of literals that never ends', [0xf0, 255, 255], 600, 0, 'literal length runs past the end of its chunk'],
  ['a count of literals that is missing', [...RUN, 0xf0], 20, 4, 'literal length runs past the end of its chunk'],
  ['more literals than the block has', [0x30, 1, 2], 9, 0, 'sequence of 3 literals does not fit'],
  ['more literals than the output has room for', [0x20, 1, 2], 1, 0, 'sequence of 2 literals does not fit'],
  ['one literal too many behind a match', [...RUN, 0x20, 1, 2], 6, 4, 'sequence of 2 literals does not fit'],
  ['literals that do not fill the output', [0x10, 65], 9, 2, 'block holds 1 bytes, 9 expected'],
  ['half an offset', [0x10, 65, 1], 9, 0, 'match without an offset'],
  ['half an offset behind a match', [...RUN, 0x10, 65, 1], 19, 4, 'match without an offset'],
  ['a length of a match that never ends', [0x1f, 65, 1, 0, 255, 255], 900, 0, 'match length runs past the end'],
  ['a length of a match that is missing', [...RUN, 0x1f, 65, 1, 0], 90, 4, 'match length runs past the end'],
  ['a distance of zero', [0x10, 65, 0, 0, END], 5, 0, 'match of 4 bytes, 0 back, does not fit'],
  ['a distance beyond the start', [0x10, 65, 2, 0, END], 5, 0, 'match of 4 bytes, 2 back, does not fit'],
  ['a match longer than the output', [...RUN, END], 4, 0, 'match of 4 bytes, 1 back, does not fit'],
  ['a second match longer than the output', [...RUN, ...RUN, END], 9, 4, 'match of 4 bytes, 1 back, does not fit'],
  ['a match at the end of a block', RUN, 5, 0, 'block ends in a match'],
  ['a second match at the end of a block', [...RUN, ...RUN], 10, 4, 'block ends in a match'],
  ['too few bytes', [...RUN, 0x10, 9], 7, 6, 'block holds 6 bytes, 7 expected'],
])('%s is refused where it is', (_, block, length, offset, says) => {
  expect(thrownBy(() => decoded(block, length))).toMatchObject({
    offset,
    message: expect.stringContaining(`LZ4 ${says}`),
  });
});
