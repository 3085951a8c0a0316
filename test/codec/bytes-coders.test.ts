import { createRequire } from 'node:module';
import fc from 'fast-check';
import { deflateDecode } from '../../src/codec/deflate.js';
import { deflateEncode } from '../../src/codec/deflate-encode.js';
import { lz4Decode } from '../../src/codec/lz4-decode.js';
import { lz4Encode } from '../../src/codec/lz4-encode.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { shuffle, unshuffle } from '../../src/codec/shuffle.js';
import { isAtcError } from '../../src/errors.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';

afterEach(() => provideNativeCompression(undefined));

/** Bytes with every kind of structure a coder treats differently. */
const samples: Record<string, Uint8Array> = {
  empty: new Uint8Array(0),
  one: Uint8Array.of(7),
  thirteen: new Uint8Array(13).fill(1),
  zeros: new Uint8Array(100_000),
  noise: Uint8Array.from({ length: 70_000 }, noise(1)),
  period3: Uint8Array.from({ length: 5000 }, (_, i) => i % 3),
  period300: Uint8Array.from({ length: 90_000 }, (_, i) => ((i % 300) * 7) & 255),
  'far repeats': Uint8Array.from({ length: 200_000 }, (_, i) => ((i % 66_000) * 2654435761) >>> 24),
  steps: Uint8Array.from({ length: 40_000 }, (_, i) => i >> 9),
  'literals then a run': Uint8Array.from({ length: 3000 }, (_, i) => (i < 1500 ? (i * 2654435761) >>> 24 : 9)),
};

function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  };
}

const room = (bytes: Uint8Array) => new Uint8Array(bytes.length + 64 + (bytes.length >> 4));
const lz4 = (bytes: Uint8Array) => {
  const target = room(bytes);
  return target.slice(0, lz4Encode(bytes, target));
};

describe('byte shuffle', () => {
  test('puts byte k of every element into plane k', () => {
    const planes = new Uint8Array(8);
    shuffle(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 4, planes);
    expect([...planes]).toEqual([1, 5, 2, 6, 3, 7, 4, 8]);
  });

  test.each([1, 2, 4, 8])(
    'elements of %i bytes: words and bytes agree with the definition, and unshuffle restores them',
    (size) => {
      for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 64, 101]) {
        // An odd byteOffset forbids the word path: both paths see the same data.
        for (const shift of [0, 1]) {
          const bytes = new Uint8Array(count * size + shift).subarray(shift).map(noise(count + 1));
          const planes = new Uint8Array(bytes.length + shift).subarray(shift);
          shuffle(bytes, size, planes);
          for (let i = 0; i < count; i++) {
            for (let k = 0; k < size; k++) expect(planes[k * count + i]).toBe(bytes[i * size + k]);
          }
          const back = new Uint8Array(bytes.length + shift).subarray(shift);
          unshuffle(planes, size, back);
          expect(back).toEqual(bytes);
        }
      }
    },
  );
});

describe('LZ4', () => {
  const addon = createRequire(import.meta.url)('lz4-napi') as {
    uncompressSync(bytes: Uint8Array): Uint8Array;
    compressSync(bytes: Buffer): Uint8Array;
  };

  test.each(Object.entries(samples))('%s: round trip, and the native decoder reads it too', (_, bytes) => {
    const block = lz4(bytes);
    const out = new Uint8Array(bytes.length);
    lz4Decode(block, out);
    expect(Buffer.compare(out, bytes)).toBe(0);
    const native = loadNativeCompression().lz4Decode;
    expect(native).toBeDefined();
    expect(Buffer.compare(Buffer.from(native?.(block, bytes.length) ?? []), bytes)).toBe(0);
  });

  test.each(Object.entries(samples))('%s: the TypeScript decoder reads what another encoder wrote', (_, bytes) => {
    const block = addon.compressSync(Buffer.from(bytes)).subarray(4);
    const out = new Uint8Array(bytes.length);
    lz4Decode(block, out);
    expect(Buffer.compare(out, bytes)).toBe(0);
  });

  test('compresses what repeats', () => {
    expect(lz4(samples.zeros).length).toBeLessThan(500);
    expect(lz4(samples.period300).length).toBeLessThan(1000);
  });

  test('any bytes: round trip, and a target one byte short of the result gives -1 and is not overrun', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(fc.constantFrom(0, 1, 255), { maxLength: 600 }).map((values) => Uint8Array.from(values)),
    );
    fc.assert(
      fc.property(bytes, (source) => {
        const block = lz4(source);
        const out = new Uint8Array(source.length);
        lz4Decode(block, out);
        expect(out).toEqual(source);
        const tight = new Uint8Array(block.length);
        expect(lz4Encode(source, tight)).toBe(block.length);
        expect(tight).toEqual(block);
        expect(lz4Encode(source, new Uint8Array(block.length - 1))).toBe(-1);
      }),
      { numRuns: 300 },
    );
  });

  test('hostile blocks are CORRUPT, with an offset inside the block', () => {
    const block = lz4(samples.period3);
    const target = new Uint8Array(samples.period3.length);
    const hostile: Uint8Array[] = [
      ...Array.from(block, (_, i) => block.subarray(0, i)),
      Uint8Array.of(0xf0, ...new Uint8Array(50).fill(255)),
      Uint8Array.of(0x10, 65, 0, 0),
      Uint8Array.of(0x10, 65, 9, 0),
      Uint8Array.of(...block, 0),
    ];
    for (const bytes of hostile) {
      let error: unknown;
      try {
        lz4Decode(bytes, target);
      } catch (thrown) {
        error = thrown;
      }
      expect(isAtcError(error, 'CORRUPT')).toBe(true);
      expect((error as { offset: number }).offset).toBeLessThanOrEqual(bytes.length);
    }
  });
});

describe('deflate', () => {
  const entries = Object.entries(samples).filter(([name]) => name !== 'empty');

  test.each(entries)('%s: node:zlib and TypeScript inflate it to the same bytes', (_, bytes) => {
    for (const level of [1, 6, 9]) {
      const target = room(bytes);
      const deflated = target.slice(0, deflateEncode(bytes, target, level));
      for (const loader of [undefined, loadNativeCompression]) {
        provideNativeCompression(loader);
        expect(Buffer.compare(deflateDecode(deflated, new Uint8Array(bytes.length)), bytes)).toBe(0);
      }
    }
  });

  test('-1 when the result does not fit', () => {
    expect(deflateEncode(samples.noise, new Uint8Array(samples.noise.length - 1), 9)).toBe(-1);
    expect(deflateEncode(samples.zeros, new Uint8Array(20), 9)).toBe(-1);
    expect(deflateEncode(samples.one, new Uint8Array(0), 9)).toBe(-1);
  });

  test.each(['typescript', 'node:zlib'])('%s: cut, lengthened, too long and too short are refused', (backend) => {
    provideNativeCompression(backend === 'typescript' ? undefined : loadNativeCompression);
    const target = room(samples.steps);
    const deflated = target.slice(0, deflateEncode(samples.steps, target, 6));
    const { length } = samples.steps;
    expect(() => deflateDecode(deflated.subarray(0, deflated.length - 1), new Uint8Array(length))).toThrow();
    expect(() => deflateDecode(Uint8Array.of(...deflated, 0), new Uint8Array(length))).toThrow();
    expect(() => deflateDecode(deflated, new Uint8Array(length - 1))).toThrow();
    expect(() => deflateDecode(deflated, new Uint8Array(length + 1))).toThrow();
  });
});
