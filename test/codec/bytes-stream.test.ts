import fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../src/codec/byte-stream.js';
import { isAtcError } from '../../src/errors.js';

function written(write: (bytes: ByteWriter) => void): Uint8Array {
  const bytes = new ByteWriter(1);
  write(bytes);
  return bytes.toBytes();
}

function thrownBy(action: () => unknown): { code?: string; offset?: number } {
  try {
    action();
  } catch (error) {
    return error as { code?: string; offset?: number };
  }
  throw new Error('nothing was thrown');
}

test.each([
  [0, [0]],
  [127, [127]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [16_384, [0x80, 0x80, 1]],
  [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
  [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
])('varint %i is spelled one way', (value, bytes) => {
  expect([...written((out) => out.varint(value))]).toEqual(bytes);
  expect(new ByteReader(Uint8Array.from(bytes), 0).varint(Number.MAX_SAFE_INTEGER, 'n')).toBe(value);
});

test('any number up to 2^53-1 is read back, with the reader at its end', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (values) => {
      const bytes = written((out) => {
        for (const value of values) out.varint(value);
      });
      const reader = new ByteReader(bytes, 0);
      expect(values.map(() => reader.varint(Number.MAX_SAFE_INTEGER, 'n'))).toEqual(values);
      expect(reader.remaining).toBe(0);
    }),
  );
});

test('u32 is little-endian and unsigned', () => {
  expect([...written((out) => out.u32(0x89abcdef))]).toEqual([0xef, 0xcd, 0xab, 0x89]);
  expect(new ByteReader(Uint8Array.of(0xef, 0xcd, 0xab, 0x89), 0).u32()).toBe(0x89abcdef);
});

test.each([
  ['padded', [0x80, 0], 1000],
  ['endless', new Array(9).fill(0xff), Number.MAX_SAFE_INTEGER],
  ['above 2^53', [...new Array(7).fill(0xff), 0x7f], Number.MAX_SAFE_INTEGER],
  ['above the bound', [0x64], 99],
  ['cut short', [0x80], 1000],
])('a varint that is %s is CORRUPT', (_, bytes, max) => {
  const error = thrownBy(() => new ByteReader(Uint8Array.from(bytes), 70).varint(max, 'n'));
  expect(isAtcError(error, 'CORRUPT')).toBe(true);
  expect(error.offset).toBeGreaterThanOrEqual(70);
});

test('reading past the end names the offset in the frame', () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3), 40);
  reader.u8();
  expect(thrownBy(() => reader.u32())).toMatchObject({ code: 'CORRUPT', offset: 41 });
  expect(thrownBy(() => reader.bytes(3))).toMatchObject({ code: 'CORRUPT', offset: 41 });
});
