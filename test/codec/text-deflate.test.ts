import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { crc32c } from '../../src/codec/crc32c.js';
import { inflateRaw } from '../../src/codec/inflate.js';
import { deflateText } from '../../src/codec/text/deflate.js';
import { compressText } from '../../src/codec/text/frame.js';
import { huffmanCode, huffmanCodeOf } from '../../src/codec/text/huffman.js';
import { MatchFinder } from '../../src/codec/text/matches.js';
import { decompressPrices } from '../../src/index.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Numbers in [0, 1), the same ones in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function orders(count: number): Uint8Array {
  const next = random(count);
  const status = ['open', 'filled', 'cancelled'];
  return bytesOf(
    JSON.stringify(
      Array.from({ length: count }, (_, i) => ({
        id: `order-${i}`,
        status: status[Math.floor(next() * 3)],
        legs: next() < 0.4 ? [{ price: next() * 100, size: Math.floor(next() * 10) }] : [],
      })),
    ),
  );
}

function noise(length: number, symbols: number): Uint8Array {
  const next = random(length * symbols);
  return Uint8Array.from({ length }, () => Math.floor(next() * symbols));
}

/** Two copies of noise, `distance` bytes apart. */
function twice(distance: number): Uint8Array {
  const part = noise(400, 256);
  const bytes = noise(distance + part.length, 256);
  bytes.set(part);
  bytes.set(part, distance);
  return bytes;
}

/** Byte k about Fibonacci(k) times: the best code has a bit more for every byte. */
function skewed(kinds: number): Uint8Array {
  const bytes: number[] = [];
  for (let k = 0, a = 1, b = 1; k < kinds; k++, [a, b] = [b, a + b]) for (let i = 0; i < a; i++) bytes.push(k);
  const next = random(kinds);
  for (let i = bytes.length - 1; i > 0; i--) {
    const k = Math.floor(next() * (i + 1));
    [bytes[i], bytes[k]] = [bytes[k], bytes[i]];
  }
  return Uint8Array.from(bytes);
}

const TEXTS: readonly (readonly [string, Uint8Array])[] = [
  ['one byte', bytesOf('a')],
  ['the shortest match', bytesOf('abcdabcd')],
  ['a run', bytesOf('a'.repeat(1000))],
  ['a period of three', bytesOf('abc'.repeat(500))],
  ['the longest match and one byte', bytesOf(`${'x'.repeat(259)}y`)],
  ['orders', orders(1000)],
  ['more tokens than a block has', noise(100_000, 200)],
  ['many matches in many blocks', orders(20_000)],
  ['every byte', noise(5000, 256)],
  ['two symbols', noise(3000, 2)],
  ['a match from as far as deflate looks', twice(32_767)],
  ['a match from farther than deflate looks', twice(32_769)],
  ['codes that have to be shortened', skewed(24)],
  ['letters beyond ASCII', bytesOf('Überzeichnung – 注文 '.repeat(50))],
];

test.each(TEXTS)('%s: zlib and the own decoder give the text back', (_, text) => {
  const target = new Uint8Array(2 * text.length + 100);
  const length = deflateText(text, target);
  const deflated = target.slice(0, length);
  expect(Buffer.compare(inflateRawSync(deflated), text)).toBe(0);
  const own = new Uint8Array(text.length);
  expect(inflateRaw(deflated, own)).toEqual({ written: text.length, consumed: length });
  expect(Buffer.compare(own, text)).toBe(0);
});

test('every short length, whatever stood in the tables before', () => {
  const text = orders(30);
  for (let length = 1; length < 300; length++) {
    const part = text.subarray(length % 50, (length % 50) + length);
    const target = new Uint8Array(2 * length + 100);
    const deflated = target.subarray(0, deflateText(part, target));
    expect(Buffer.compare(inflateRawSync(deflated), part)).toBe(0);
  }
});

test('the same text gives the same bytes, whatever was deflated before it', () => {
  const text = orders(500);
  const target = new Uint8Array(text.length);
  const first = target.slice(0, deflateText(text, target));
  deflateText(orders(501), new Uint8Array(100_000));
  const second = target.slice(0, deflateText(text, target));
  expect(Buffer.compare(first, second)).toBe(0);
  // On every machine, and in every release without a reason to change it.
  expect(crc32c(first).toString(16)).toBe('1e1f0f74');
});

test('positions that no longer fit begin anew, with the same tokens', () => {
  const text = orders(100);
  const tokensOf = (finder: MatchFinder) => {
    finder.begin(text);
    finder.next(0);
    return finder.tokens.slice(0, finder.count);
  };
  const expected = tokensOf(new MatchFinder());
  const finder = new MatchFinder(2 ** 31 - 1 - 2.5 * text.length);
  for (let i = 0; i < 4; i++) expect(tokensOf(finder)).toEqual(expected);
});

test('a target of exactly the length is enough, one byte less is not', () => {
  const text = orders(200);
  const length = deflateText(text, new Uint8Array(text.length));
  expect(deflateText(text, new Uint8Array(length))).toBe(length);
  expect(deflateText(text, new Uint8Array(length - 1))).toBe(-1);
  expect(deflateText(text, new Uint8Array(0))).toBe(-1);
});

test('text is at most a tenth larger than what zlib makes of it at level 5', () => {
  for (const text of [orders(100), orders(1000), orders(20_000)]) {
    const length = deflateText(text, new Uint8Array(text.length));
    expect(length).toBeLessThan(1.1 * deflateRawSync(text, { level: 5 }).length);
  }
});

test.each([
  ['equal counts', [3, 3, 3, 3, 3]],
  ['one symbol', [0, 0, 9]],
  ['none', [0, 0, 0]],
  ['counts that double', Array.from({ length: 22 }, (_, i) => 2 ** i)],
  ['many rare ones', [2 ** 21, ...Array.from({ length: 285 }, () => 1)]],
])('a code of %s is complete and within its limit', (_, counts) => {
  for (const limit of [9, 15]) {
    const code = huffmanCodeOf(counts.length);
    huffmanCode(Uint32Array.from(counts), limit, code);
    const used = [...code.lengths].filter((length) => length > 0);
    expect(Math.max(...used)).toBeLessThanOrEqual(limit);
    expect(used.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
    counts.forEach((count, symbol) => {
      if (count > 0) expect(code.lengths[symbol]).toBeGreaterThan(0);
      for (const [other, more] of counts.entries()) {
        if (more > count && count > 0) expect(code.lengths[other]).toBeLessThanOrEqual(code.lengths[symbol]);
      }
    });
  }
});

test.each([
  ...[0, 1, 4, 5, 6, 9].map((level) => ({ level })),
  { algorithm: 'lz4' as const },
  { algorithm: 'zlib' as const },
])('a frame of text is a frame of bytes: %p', (options) => {
  for (const [, text] of TEXTS) {
    expect(Buffer.compare(decompressPrices(compressText(text, options)) as Uint8Array, text)).toBe(0);
  }
  // More than a block holds.
  const long = orders(25_000);
  expect(long.length).toBeGreaterThan(1 << 20);
  expect(Buffer.compare(decompressPrices(compressText(long, options)) as Uint8Array, long)).toBe(0);
});

test('a higher level takes no more bytes', () => {
  const text = orders(1000);
  const sizes = [0, 1, 5, 6, 9].map((level) => compressText(text, { level }).length);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
});
