/** Records of a journal, byte by byte: what is written is read, and what is damaged is skipped and counted. */
import {
  bindingOf,
  documentBytes,
  encodeDocuments,
  encodeRows,
  encodeSeal,
  MAX_RECORD_BYTES,
  parseDocuments,
  scanRecords,
} from '../../src/candle-store/journal-record.js';
import { OHLCV_SHAPE } from '../../src/candle-store/row-shape.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { isAtcError } from '../../src/errors.js';
import { thrownBy } from '../io/workspace.js';

const binding = bindingOf('x/A/1m', 1);
const place = { path: 'f', binding };
const rows = (...values: number[]) => encodeRows(OHLCV_SHAPE, Float64Array.from(values), binding);
const one = rows(1, 2, 3, 4, 5, 6);
const two = rows(7, 8, 9, 10, 11, 12);
const documents = encodeDocuments(
  [
    [1, '{"a":1}'],
    [2, '{"b":"é"}'],
  ],
  binding,
);
const seal = encodeSeal(binding);
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const scan = (bytes: Uint8Array, base = 0) => scanRecords(bytes, place, base);
/** Kinds and first values. */
const shown = (bytes: Uint8Array) =>
  scan(bytes).records.map((record) =>
    record.kind === 'rows' ? record.values[0] : record.kind === 'documents' ? record.documents : 'seal',
  );

function resealed(record: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = record.slice();
  change(bytes);
  new DataView(bytes.buffer).setUint32(12, crc32c(bytes.subarray(16), crc32c(bytes.subarray(4, 12))), true);
  return bytes;
}

test('a record has the bytes of the format', () => {
  expect([...one.subarray(0, 8)]).toEqual([0x8b, 0x41, 0x54, 0x4a, 1, 2, 0, 0]);
  const view = new DataView(one.buffer);
  expect([one.length, view.getUint32(8, true), view.getUint32(16, true)]).toEqual([16 + 4 + 48, 52, binding]);
  expect([documents[4], seal[4], seal.length]).toEqual([2, 3, 20]);
  expect(MAX_RECORD_BYTES).toBe(16 + 2 ** 26);
  expect(bindingOf('x/A/1m', 2)).not.toBe(binding);
});

test('rows, documents and a seal are read in order, and nothing behind a seal', () => {
  const bytes = join(one, documents, two, seal, one);
  expect(shown(bytes)).toEqual([
    1,
    [
      [1, '{"a":1}'],
      [2, '{"b":"é"}'],
    ],
    7,
    'seal',
  ]);
  expect(scan(bytes)).toMatchObject({ sealed: true, consumed: bytes.length - one.length, damagedAt: [] });
  expect(scan(join(one, two))).toMatchObject({ sealed: false, consumed: one.length + two.length, damagedAt: [] });
  expect(scan(new Uint8Array(0))).toEqual({ records: [], consumed: 0, damagedAt: [], sealed: false });
});

test('rows of another shape bring their names', () => {
  const bytes = encodeRows(['timestamp', 'close'] as never, Float64Array.of(1, 2, 3, 4), binding);
  const [record] = scan(bytes).records;
  expect(record).toMatchObject({ kind: 'rows', shape: ['timestamp', 'close'] });
  expect([...(record as { values: Float64Array }).values]).toEqual([1, 2, 3, 4]);
});

test('an incomplete record at the end waits for its rest', () => {
  for (let length = 1; length < two.length; length++) {
    expect(scan(join(one, two.subarray(0, length)))).toMatchObject({ consumed: one.length, damagedAt: [] });
  }
});

test('an incomplete record with a complete one behind it never becomes one', () => {
  const bytes = join(one.subarray(0, 40), two);
  expect([shown(bytes), scan(bytes).damagedAt, scan(bytes).consumed]).toEqual([[7], [0], bytes.length]);
});

test('damage is skipped up to the next record, and each location is reported', () => {
  const broken = one.slice();
  broken[20] ^= 1;
  const bytes = join(broken, two, Uint8Array.of(1, 2, 3), one, broken, two);
  const starts = [0, broken.length + two.length, broken.length + two.length + 3 + one.length];
  expect([shown(bytes), scan(bytes).damagedAt]).toEqual([[7, 1, 7], starts]);
});

test('damage at the end is done with from sixteen bytes on', () => {
  expect(scan(new Uint8Array(15))).toMatchObject({ consumed: 0, damagedAt: [] });
  expect(scan(new Uint8Array(16))).toMatchObject({ consumed: 16, damagedAt: [0] });
  const broken = one.slice();
  broken[12] ^= 1;
  expect(scan(broken)).toMatchObject({ consumed: broken.length, damagedAt: [0] });
});

test('what could be the beginning of a record is waited for behind damage', () => {
  for (const begun of [one.subarray(0, 1), one.subarray(0, 5), one.subarray(0, 60)]) {
    const bytes = join(new Uint8Array(20), begun);
    expect(scan(bytes)).toMatchObject({ consumed: 20, damagedAt: [0] });
  }
});

test.each([
  ['another series', encodeRows(OHLCV_SHAPE, Float64Array.of(1, 2, 3, 4, 5, 6), bindingOf('x/B/1m', 1))],
  ['another journal', encodeSeal(bindingOf('x/A/1m', 2))],
  ['no binding', resealed(seal.subarray(0, 16), (bytes) => bytes.fill(0, 8, 12))],
  ['a value too few', resealed(one.subarray(0, -8), (bytes) => (bytes[8] -= 8))],
  ['documents that end early', resealed(documents.subarray(0, -1), (bytes) => bytes[8]--)],
  ['names that are none', resealed(one, (bytes) => (bytes[6] = 8))],
  ['a claim beyond what a record holds', resealed(one, (bytes) => (bytes[11] = 4))],
])('a record of %s is damage', (_, record) => {
  const bytes = join(record, two);
  expect([shown(bytes), scan(bytes).damagedAt]).toEqual([[7], [0]]);
});

test('records of version 1 are bound to nothing', () => {
  const bytes = new Uint8Array(one.length - 4);
  bytes.set(one.subarray(0, 16));
  bytes.set(one.subarray(20), 16);
  const old = resealed(bytes, (record) => {
    record[5] = 1;
    record[8] -= 4;
  });
  expect(shown(join(old, two))).toEqual([1, 7]);
});

test.each([
  ['a later version', (bytes: Uint8Array) => (bytes[5] = 3)],
  ['version 0', (bytes: Uint8Array) => (bytes[5] = 0)],
  ['an unknown kind', (bytes: Uint8Array) => (bytes[4] = 4)],
])('%s is not skipped: upgrading reads it', (_, change) => {
  const bytes = join(one, resealed(two, change as (bytes: Uint8Array) => void));
  const error = thrownBy(() => scan(bytes, 100));
  expect(isAtcError(error, 'FORMAT_VERSION')).toBe(true);
  expect([error.path, error.offset]).toEqual(['f', 100 + one.length]);
  expect(error.message).toMatch(/kind \d, version \d/);
});

test('documents are their times, lengths and texts', () => {
  const bytes = documentBytes([
    [5, 'é'],
    [6, ''],
  ]);
  expect(bytes.length).toBe(12 + 2 + 12);
  expect(parseDocuments(bytes)).toEqual([
    [5, 'é'],
    [6, ''],
  ]);
  expect(parseDocuments(new Uint8Array(0))).toEqual([]);
  for (const length of [1, 11, 13]) expect(parseDocuments(bytes.subarray(0, length))).toBeUndefined();
});
