import { compressDataFrame } from 'atc-memory';
import { isAtcError, openFrame } from 'atc-memory/browser';

/** In the sources and in each published format: the reader for browsers reads what the package writes. */
test('a frame is read, a damaged one is CORRUPT', async () => {
  const close = Float64Array.from({ length: 3000 }, (_, i) => (i % 97) / 8);
  const bytes = compressDataFrame({ timestamp: close.map((_, i) => i * 60_000), close });
  const frame = await openFrame(bytes);
  expect([...frame.column('close')]).toEqual([...close]);
  expect(frame.rowAt(60_000 * 2999)).toBe(2999);
  bytes[40] ^= 1;
  const error = await openFrame(bytes)
    .then((damaged) => damaged.decode())
    .catch((thrown) => thrown);
  expect(isAtcError(error, 'CORRUPT')).toBe(true);
});
