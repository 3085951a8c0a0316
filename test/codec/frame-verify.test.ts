/** What verification finds behind right checksums, what it counts, and in which steps. */
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame, verifyFrameSteps } from '../../src/codec/frame-verify.js';
import { thrownBy } from '../io/workspace.js';
import { type ForgedFrame, forgeFrame } from './forged-frame.js';
import { candles, inBlocks } from './frame-samples.js';

const array: ForgedFrame = { dtypes: ['uint8'], blocks: [{ columns: [Uint8Array.of(1, 2, 3)] }] };
const times = (...values: number[]) => ({ columns: [Float64Array.from(values)] });
const timed: ForgedFrame = { names: ['timestamp'], dtypes: ['float64'], blocks: [times(1, 2), times(2, 5)] };
const verified = (frame: ForgedFrame) => verifyFrame(memorySource(forgeFrame(frame).bytes, 'some.atc'));
const block = (min: number, max: number) => ({ ...times(3, 7), times: [min, max] as const });

test.each<[string, ForgedFrame, number]>([
  ['another first time', { ...timed, blocks: [block(2, 7)] }, 0],
  ['another last time', { ...timed, blocks: [times(1, 2), block(3, 8)] }, 1],
  ['times that go back inside a block', { ...timed, blocks: [times(1, 2), times(9, 5)] }, 1],
  ['times that go back between blocks', { ...timed, blocks: [times(1, 3), times(2, 5)] }, 1],
])('finds %s than the index says', (_, frame, at) => {
  const { indexOffset } = forgeFrame(frame);
  expect(thrownBy(() => verified(frame))).toMatchObject({
    code: 'CORRUPT',
    path: 'some.atc',
    offset: indexOffset,
    message: expect.stringContaining(`timestamps of block ${at} differ from the index`),
  });
});

test('times that go back are whole where the index does not claim that they ascend', () => {
  const blocks = [times(4, 3), times(1, 2)];
  expect(verified({ ...timed, ascending: 0, blocks })).toMatchObject({ rows: 4, blocks: 2 });
  expect(verified({ ...timed, blocks: [times(-5, -5), times(-5, 1)] })).toMatchObject({ rows: 4 });
});

test('finds content that was changed together with its chunk', () => {
  const { bytes, headerLength } = forgeFrame(array);
  bytes[headerLength] ^= 1;
  expect(thrownBy(() => verifyFrame(memorySource(bytes, 'some.atc')))).toMatchObject({
    code: 'CORRUPT',
    path: 'some.atc',
    offset: 0,
    message: expect.stringContaining('content does not match its checksum'),
  });
});

test('reports rows, blocks, bytes and chunks by codec', () => {
  const blocks = [times(1, 2), times(3), times(4, 5, 6, 7)];
  const { bytes } = forgeFrame({ ...timed, blocks });
  expect(verifyFrame(memorySource(bytes))).toEqual({
    rows: 7,
    blocks: 3,
    byteLength: bytes.length,
    decodedBytes: 56,
    codecs: { stored: 3 },
  });
  const mixed = inBlocks(candles(60), { blockRows: 20, level: 1 });
  const { codecs, blocks: count } = verifyFrame(memorySource(mixed));
  expect([count, Object.values(codecs).reduce((sum, chunks) => sum + chunks, 0)]).toEqual([3, 18]);
  expect(Object.keys(codecs).every((name) => /^[a-z]/.test(name))).toBe(true);
});

test('takes a step for each MiB of content and each block, and a frame of more than one', () => {
  const chunk = new Uint8Array(2 ** 20).map((_, k) => k * 7);
  const { bytes } = forgeFrame({ dtypes: ['uint8'], blocks: [{ columns: [chunk] }, { columns: [chunk] }] });
  const steps = [...verifyFrameSteps(memorySource(bytes))];
  expect(steps).toHaveLength(3 + 2);
  expect(verifyFrame(memorySource(bytes)).rows).toBe(2 ** 21);
  bytes[2 ** 20 + 100] ^= 1;
  expect(thrownBy(() => verifyFrame(memorySource(bytes))).message).toContain('content does not match its checksum');
});
