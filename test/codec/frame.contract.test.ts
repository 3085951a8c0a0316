import { jest } from '@jest/globals';
import {
  compressDataFrame,
  compressPrices,
  decompressDataFrame,
  decompressPrices,
  getCompressionRatio,
  isAtcError,
  isFrame,
} from 'atc-memory';

// Everything is here: the projects that run over dist resolve no sources.
const hostile = new Float64Array(
  BigUint64Array.of(0x8000000000000000n, 0x7ff8dead0000beefn, 0x7ff0000000000001n, 0xfff0000000000000n, 1n).buffer,
);
const table = { timestamp: new Float64Array(5000), close: new Float64Array(5000) };
for (let i = 0; i < 5000; i++) {
  table.timestamp[i] = 1_600_000_000_000 + i * 60_000;
  table.close[i] = 80_000 + ((Math.imul(i, 2654435761) >>> 24) + i) / 10;
}

const bits = (values: ArrayBufferView) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');

/**
 * In the sources and in each published format: frames are read, natives are found without a warning, errors keep their
 * code.
 */
test.each(['auto', 'lz4', 'zlib'] as const)('%s: arrays and tables, bit for bit, natives found', (algorithm) => {
  const emitWarning = jest.spyOn(process, 'emitWarning');
  expect(bits(decompressPrices(compressPrices(hostile, { algorithm })))).toBe(bits(hostile));
  const frame = compressDataFrame(table, { algorithm });
  expect(isFrame(frame)).toBe(true);
  expect(getCompressionRatio(5000 * 16, frame)).toBeGreaterThan(1.3);
  const back = decompressDataFrame(frame);
  expect(Object.keys(back)).toEqual(['timestamp', 'close']);
  for (const name of ['timestamp', 'close'] as const) expect(bits(back[name])).toBe(bits(table[name]));
  expect(emitWarning).not.toHaveBeenCalled();
  emitWarning.mockRestore();
});

test('errors are AtcErrors with their code', () => {
  const frame = compressPrices(hostile);
  const codes = [() => decompressPrices(frame.subarray(1)), () => compressPrices(hostile, { level: 12 })].map(
    (action) => {
      try {
        return action();
      } catch (error) {
        return isAtcError(error) && error.code;
      }
    },
  );
  expect(codes).toEqual(['CORRUPT', 'ARGUMENT']);
});
