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

test('fields follow one another, in bytes that grow, and are read back in their order', () => {
  const out = new ByteWriter();
  const long = Uint8Array.from({ length: 300 }, (_, i) => i);
  out.u8(7);
  out.u32(0x01020304);
  out.bytes(long);
  out.varint(300);
  out.u8(9);
  expect(out.length).toBe(308);
  const bytes = out.toBytes();
  expect([...bytes]).toEqual([7, 4, 3, 2, 1, ...long, 0xac, 2, 9]);
  expect([...out.view()]).toEqual([...bytes]);
  out.u8(10);
  expect([out.length, out.view().at(-1), bytes.length]).toEqual([309, 10, 308]);
  const reader = new ByteReader(bytes, 50);
  expect([reader.u8(), reader.u32(), reader.offset, reader.remaining]).toEqual([7, 0x01020304, 55, 303]);
  expect([...reader.bytes(300)]).toEqual([...long]);
  expect([reader.varint(300, 'n'), reader.offset, reader.u8(), reader.remaining]).toEqual([300, 357, 9, 0]);
});

test.each([
  ['padded', [0x80, 0], 1000, 'n is padded with zero bits'],
  ['padded later on', [0x80, 0x81, 0], 1000, 'n is padded with zero bits'],
  ['endless', new Array(9).fill(0xff), Number.MAX_SAFE_INTEGER, 'n is longer than 8 bytes'],
  ['above 2^53', [...new Array(7).fill(0xff), 0x7f], Number.MAX_SAFE_INTEGER, 'n is 72057594037927940, at most'],
  ['above the bound', [0x64], 99, 'n is 100, at most 99 can be'],
  ['above the bound, with bytes behind it', [0x64, 1, 1], 99, 'n is 100, at most 99 can be'],
  ['of two bytes and above the bound', [0xac, 2, 1], 299, 'n is 300, at most 299 can be'],
  ['cut short', [0x80], 1000, '1 bytes expected, 0 left'],
])('a varint that is %s is CORRUPT', (_, bytes, max, says) => {
  const error = thrownBy(() => new ByteReader(Uint8Array.from(bytes), 70, 'some.atc').varint(max, 'n'));
  expect(isAtcError(error, 'CORRUPT')).toBe(true);
  expect(error).toMatchObject({ path: 'some.atc', message: expect.stringContaining(says) });
  expect(error.offset).toBe(says.includes('left') ? 71 : 70);
});

test('a reader of a part never looks behind its end', () => {
  const source = Uint8Array.of(0x80, 1, 0x80, 1);
  expect(new ByteReader(source, 0, undefined, 2, 4).varint(1000, 'n')).toBe(128);
  for (const [position, end] of [
    [0, 1],
    [2, 3],
    [4, 4],
  ]) {
    const reader = new ByteReader(source, 10, undefined, position, end);
    expect(thrownBy(() => reader.varint(1000, 'n'))).toMatchObject({ code: 'CORRUPT', offset: 10 + end });
  }
});

test('reading past the end names the offset in the frame', () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3), 40);
  reader.u8();
  expect(thrownBy(() => reader.u32())).toMatchObject({
    code: 'CORRUPT',
    offset: 41,
    message: expect.stringContaining('4 bytes expected, 2 left'),
  });
  expect(thrownBy(() => reader.bytes(3))).toMatchObject({ code: 'CORRUPT', offset: 41 });
  expect([...reader.bytes(2)]).toEqual([2, 3]);
});
