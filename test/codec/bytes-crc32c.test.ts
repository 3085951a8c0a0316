import { crc32c, crc32cOfBytes, crc32cOfStart } from '../../src/codec/crc32c.js';
import { kernels } from '../../src/kernels/index.js';
import { INPUT } from '../../src/kernels/offsets.js';

const text = (value: string) => new TextEncoder().encode(value);

/** One bit at a time, straight from the polynomial: what the tables must agree with. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('known vectors: RFC 3720 B.4 and the usual check value', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
  expect(crc32c(text('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test('every length around the slices, at every alignment, agrees with the bitwise definition', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 197 + 31) & 255);
  for (let start = 0; start < 8; start++) {
    for (let end = start; end <= 40; end++) {
      const part = bytes.subarray(start, end);
      expect(crc32c(part)).toBe(bitwise(part));
    }
  }
});

test('a seed continues: the CRC of two parts is the CRC of the whole', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) & 255);
  for (const cut of [0, 1, 7, 8, 9, 500, 999, 1000]) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
  }
});

test('long inputs, at odd addresses and around the lengths where the way of computing changes', () => {
  const bytes = Uint8Array.from({ length: 700_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  for (const [start, length] of [
    [0, 447],
    [1, 448],
    [3, 511],
    [4, 512],
    [5, 513],
    [0, 2047],
    [1, 2048],
    [3, 2049],
    [2, 10_031],
    [0, 10_032],
    [6, 10_033],
    [1, 11_536],
    [9, 11_569],
    [0, 19_728],
    [3, 19_761],
    [5, 65_536],
    [7, 131_073],
    [2, 262_145],
    [1, 699_999],
  ]) {
    const part = bytes.subarray(start, start + length);
    expect(crc32c(part)).toBe(bitwise(part));
    expect(crc32c(part.subarray(100), crc32c(part.subarray(0, 100)))).toBe(bitwise(part));
  }
});

test('of the first bytes of a longer input', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  for (const length of [0, 1, 95, 96, 97, 100, 511, 512, 513, 4999, 5000]) {
    expect(crc32cOfStart(bytes, length)).toBe(bitwise(bytes.subarray(0, length)));
    expect(crc32cOfBytes(bytes, 0, length)).toBe(bitwise(bytes.subarray(0, length)));
  }
});

test('the message is left as it was where the kernel read it', () => {
  const { arena, crc32c: kernel } = kernels();
  const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => Math.imul(i, 2246822519) >>> 24);
  arena.u8.set(bytes, INPUT);
  expect(kernel!(bytes.length, 77)).toBe(crc32cOfBytes(bytes, 77));
  expect(Buffer.from(arena.u8.subarray(INPUT, INPUT + bytes.length)).equals(Buffer.from(bytes))).toBe(true);
});

test('every length of a message from the kernel agrees with TypeScript', () => {
  const { arena, crc32c: kernel } = kernels();
  const bytes = Uint8Array.from({ length: 12_000 }, (_, i) => Math.imul(i, 3266489917) >>> 24);
  arena.u8.set(bytes, INPUT);
  for (let length = 0; length < bytes.length; length += length < 1200 || length > 9990 ? 1 : 37) {
    if (kernel!(length, 1) !== crc32cOfBytes(bytes, 1, length)) throw new Error(`length ${length}`);
  }
});
