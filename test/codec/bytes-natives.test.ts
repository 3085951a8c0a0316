import { jest } from '@jest/globals';
import { compressionBackends, provideNativeCompression } from '../../src/codec/natives.js';
import { compressPrices, decompressPrices } from '../../src/codec/prices.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';
import { expectSameBits, noise } from './frame-samples.js';

afterEach(() => provideNativeCompression(undefined));

// Ratios of about 7 and 170: the first is worth a call into the addon, the second is not.
const dense = new Float64Array(4096);
for (let i = 0, price = 1e6, next = noise(1); i < dense.length; i++) {
  price += (next() >>> 28) - 7;
  dense[i] = price / 8;
}
const sparse = new Float64Array(4096).fill(0.1);

test('nothing is loaded before a chunk could use it, and then once', () => {
  let loads = 0;
  provideNativeCompression(() => {
    loads++;
    return loadNativeCompression();
  });
  const lz4 = compressPrices(dense, { algorithm: 'lz4' });
  const deflated = compressPrices(dense, { algorithm: 'zlib' });
  decompressPrices(compressPrices(dense, { level: 0 }));
  expect(loads).toBe(0);
  decompressPrices(lz4);
  decompressPrices(deflated);
  decompressPrices(lz4);
  expect(loads).toBe(1);
});

test('the addon decodes LZ4 where that is faster, TypeScript the rest', () => {
  const calls: number[] = [];
  const natives = loadNativeCompression();
  provideNativeCompression(() => ({
    lz4Decode(block, length) {
      calls.push(length);
      return natives.lz4Decode?.(block, length) ?? new Uint8Array(0);
    },
  }));
  for (const values of [dense, sparse]) {
    expectSameBits(decompressPrices(compressPrices(values, { algorithm: 'lz4' })), values);
  }
  expect(calls).toEqual([dense.byteLength]);
});

test('zlib inflates every deflate chunk when it is there', () => {
  let calls = 0;
  const natives = loadNativeCompression();
  provideNativeCompression(() => ({
    inflateRaw(deflated, length) {
      calls++;
      return natives.inflateRaw?.(deflated, length) ?? { bytes: new Uint8Array(0), consumed: 0 };
    },
  }));
  expectSameBits(decompressPrices(compressPrices(dense, { algorithm: 'zlib' })), dense);
  expect(calls).toBe(1);
});

test('without the addon: same answers, one warning, and the TypeScript backend is reported', () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  provideNativeCompression(() =>
    loadNativeCompression((id) => {
      if (id === 'lz4-napi') throw new Error("Cannot find module '@antoniomuso/lz4-napi-linux-x64-gnu'\nand more");
      return process.getBuiltinModule(id as 'node:zlib');
    }),
  );
  const frame = compressPrices(dense, { algorithm: 'lz4' });
  for (let i = 0; i < 3; i++) expectSameBits(decompressPrices(frame), dense);
  expect(compressionBackends()).toEqual({ lz4: 'typescript', inflate: 'node:zlib' });
  expect(emitWarning.mock.calls).toEqual([
    [expect.stringMatching(/lz4-napi.*same answers.*linux-x64-gnu'\)$/), { code: 'ATC_LZ4_NATIVE' }],
  ]);
  emitWarning.mockRestore();
});

test('backends are named', () => {
  expect(compressionBackends()).toEqual({ lz4: 'typescript', inflate: 'typescript' });
  provideNativeCompression(loadNativeCompression);
  expect(compressionBackends()).toEqual({ lz4: 'lz4-napi', inflate: 'node:zlib' });
});
