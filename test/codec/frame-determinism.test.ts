import { crc32c } from '../../src/codec/crc32c.js';
import { type Columns, createArray, DTYPES } from '../../src/dtype.js';
import { compressDataFrame } from '../../src/index.js';
import { candles } from './frame-samples.js';

/**
 * The bytes that the pinned encoders made when they were pinned, as CRC-32C. A change here means that the same input
 * gives other files than before: that is for a release with a reason, never by accident (a new pako, a faster LZ4
 * search).
 */
const PINNED = {
  stored: [{ level: 0 }, '4be9fbd8', 'a884148b'],
  lz4: [{ algorithm: 'lz4' }, 'a6f3abc6', 'de045d57'],
  'zlib 1': [{ algorithm: 'zlib', level: 1 }, '354d9d69', 'fe3a7597'],
  'zlib 5': [{ algorithm: 'zlib', level: 5 }, '750b9c26', 'f74be365'],
  'zlib 9': [{ algorithm: 'zlib', level: 9 }, 'e1a55fff', 'f74be365'],
} as const;

/** A column of every dtype that shrinks under every coder. */
function stairs(rows: number): Columns {
  return Object.fromEntries(
    DTYPES.map((dtype) => {
      const values = createArray(dtype, rows);
      for (let i = 0; i < rows; i++) values[i] = dtype.endsWith('int64') ? (BigInt(i >> 2) as never) : i >> 2;
      return [dtype, values];
    }),
  );
}

const hex = (bytes: Uint8Array) => crc32c(bytes).toString(16).padStart(8, '0');

test.each(Object.entries(PINNED))('%s: the same bytes on every machine', (_, [options, ofCandles, ofDtypes]) => {
  expect(hex(compressDataFrame(candles(20_000), options))).toBe(ofCandles);
  expect(hex(compressDataFrame(stairs(300), options))).toBe(ofDtypes);
});
