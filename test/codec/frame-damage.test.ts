import { crc32c } from '../../src/codec/crc32c.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { isAtcError } from '../../src/errors.js';
import { compressDataFrame, compressPrices, decompressDataFrame, decompressPrices } from '../../src/index.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';
import { candles, everyDtype, HOSTILE_DOUBLES, inBlocks } from './frame-samples.js';
import { compounded, wordsThatReturn } from './word-arrays.js';

const ramp = Float64Array.from({ length: 60 }, (_, i) => i >> 2);

/** Small frames of every kind and codec; `read` decodes everything in them. */
const frames: Record<string, { bytes: Uint8Array; read: (bytes: Uint8Array) => unknown }> = {
  'empty array': { bytes: compressPrices(new Float64Array(0)), read: decompressPrices },
  'stored array': { bytes: compressPrices(HOSTILE_DOUBLES, { level: 0 }), read: decompressPrices },
  'LZ4 array': { bytes: compressPrices(ramp, { algorithm: 'lz4' }), read: decompressPrices },
  'deflate array': { bytes: compressPrices(ramp, { algorithm: 'zlib' }), read: decompressPrices },
  'default array': { bytes: compressPrices(ramp, { shape: [5, 12] }), read: decompressPrices },
  'table of every dtype': { bytes: compressDataFrame(everyDtype(3)), read: decompressDataFrame },
  'compounded array': { bytes: compressPrices(compounded(candles(90).close)), read: decompressPrices },
  'array of words that recur': { bytes: compressPrices(wordsThatReturn(90)), read: decompressPrices },
  'table of candles': { bytes: compressDataFrame(candles(12)), read: decompressDataFrame },
  'table in blocks': { bytes: inBlocks(candles(20), { blockRows: 6, level: 1 }), read: decompressDataFrame },
};

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'nothing thrown';
  } catch (error) {
    if (!isAtcError(error)) throw error;
    return error.offset === undefined ? `${error.code} without offset` : error.code;
  }
}

afterAll(() => provideNativeCompression(loadNativeCompression));

describe.each(Object.entries(frames))('%s', (_, { bytes, read }) => {
  test('is whole to begin with', () => {
    read(bytes);
    verifyFrame(memorySource(bytes));
  });

  test('every single bit flipped is CORRUPT, to a reader and to verify', () => {
    const missed: unknown[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      const found = [codeOf(() => read(damaged)), codeOf(() => verifyFrame(memorySource(damaged)))];
      if (found.some((code) => code !== 'CORRUPT')) missed.push([bit, ...found]);
    }
    expect(missed).toEqual([]);
  });

  test('cut at any length is CORRUPT', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect([length, codeOf(() => read(bytes.subarray(0, length)))]).toEqual([length, 'CORRUPT']);
    }
  });

  test('bytes added in front or behind are CORRUPT', () => {
    for (const byte of [0, 0x89, 0x8a]) {
      expect(codeOf(() => read(Uint8Array.of(...bytes, byte)))).toBe('CORRUPT');
      expect(codeOf(() => read(Uint8Array.of(byte, ...bytes)))).toBe('CORRUPT');
    }
    expect(codeOf(() => read(Uint8Array.of(...bytes, ...bytes)))).toBe('CORRUPT');
  });
});

test('a frame inside a frame, cut at the end of the inner one, is not mistaken for either', () => {
  const inner = compressPrices(ramp);
  const outer = compressPrices(inner, { level: 0 });
  const end = Buffer.from(outer).indexOf(inner) + inner.length;
  expect(end).toBeGreaterThan(inner.length);
  expect(codeOf(() => decompressPrices(outer.subarray(0, end)))).toBe('CORRUPT');
});

describe('a later version', () => {
  /** Another byte at `offset` of the header, with the header's checksum made right again. */
  function withHeaderByte(bytes: Uint8Array, offset: number, value: number): Uint8Array {
    const changed = bytes.slice();
    changed[offset] = value;
    const end = 6 + changed[5];
    new DataView(changed.buffer).setUint32(end, crc32c(changed.subarray(0, end)), true);
    return changed;
  }
  const { bytes } = frames['LZ4 array'];

  test('of the format, the kind or the element type is FORMAT_VERSION, when the checksum is right', () => {
    for (const offset of [4, 6, 7]) {
      const later = withHeaderByte(bytes, offset, 99);
      expect(codeOf(() => decompressPrices(later))).toBe('FORMAT_VERSION');
      later[later.length >> 1] ^= 1;
      expect(codeOf(() => decompressPrices(later))).toBe('FORMAT_VERSION');
    }
  });

  test('with a wrong checksum is damage', () => {
    const damaged = bytes.slice();
    damaged[4] = 2;
    expect(codeOf(() => decompressPrices(damaged))).toBe('CORRUPT');
  });
});

describe('errors locate the damage', () => {
  test('path, column, absolute offset of the chunk', () => {
    const bytes = frames['table in blocks'].bytes.slice();
    const whole = new FrameReader(memorySource(bytes));
    const chunk = 2 * whole.columns.length + 4;
    bytes[whole.index.offsets[chunk] + 1] ^= 4;
    const frame = new FrameReader(memorySource(bytes, 'btc.atc'));
    const out = [new Float64Array(6)];
    frame.decodeBlock(1, [4], out);
    frame.decodeBlock(2, [3], out);
    let error: unknown;
    try {
      frame.decodeBlock(2, [4], out);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'CORRUPT', path: 'btc.atc', offset: whole.index.offsets[chunk] });
    expect((error as Error).message).toMatch(/btc\.atc.*/);
    expect((error as Error).message).toMatch(/"close"/);
  });

  test('a source that became shorter after it was opened', () => {
    const bytes = frames['table in blocks'].bytes;
    let length = bytes.length;
    const frame = new FrameReader({
      path: 'shrinking.atc',
      byteLength: bytes.length,
      read: (offset, count) => bytes.subarray(offset, Math.min(offset + count, length)),
    });
    length = 60;
    expect(codeOf(() => frame.decodeBlock(1, [0], [new Float64Array(6)]))).toBe('CORRUPT');
  });

  test.each(['native', 'typescript'])('%s: a wrong chunk behind a right checksum is located too', (backend) => {
    provideNativeCompression(backend === 'native' ? loadNativeCompression : undefined);
    for (const name of ['LZ4 array', 'deflate array']) {
      const bytes = frames[name].bytes.slice();
      const frame = new FrameReader(memorySource(bytes));
      const [offset] = frame.index.offsets;
      bytes[offset] = 0xff;
      frame.index.checksums[0] = crc32c(bytes.subarray(offset, offset + frame.index.lengths[0]));
      let error: unknown;
      try {
        frame.decodeBlock(0, [0], [new Float64Array(60)]);
      } catch (thrown) {
        error = thrown;
      }
      expect(isAtcError(error, 'CORRUPT')).toBe(true);
      expect((error as { offset: number }).offset).toBeGreaterThanOrEqual(offset);
      expect((error as { offset: number }).offset).toBeLessThanOrEqual(offset + frame.index.lengths[0]);
      expect((error as { cause?: unknown }).cause).toBeDefined();
    }
  });
});
