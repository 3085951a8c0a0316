/**
 * Headers and indexes of entry files, segments and journals with bytes changed and checksums right again: an error of
 * ours, or a result; never another error, never more memory than the file has. Longer by hand: ATC_FUZZ_ROUNDS=10000000
 * ATC_FUZZ_SEED=7 npx jest test/fuzz/stores
 */
import { isAtcError } from 'atc-memory';
import {
  bindingOf,
  encodeDocuments,
  encodeRows,
  encodeSeal,
  scanRecords,
} from '../../src/candle-store/journal-record.js';
import { OHLCV_SHAPE } from '../../src/candle-store/row-shape.js';
import {
  decodeSegmentEnd,
  encodeSegmentEnd,
  SEGMENT_FOOTER_BYTES,
  segmentEndLength,
  segmentHeader,
} from '../../src/candle-store/segment-layout.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { decodeEntryFrame, decodeEntryHeader, encodeEntry } from '../../src/entries/entry-file.js';
import { encodeFrame, FrameKind } from '../../src/value/value-frame.js';
import { watchAllocations } from './allocations.js';
import { Dice } from './frame-cases.js';

const ROUNDS = Number(process.env.ATC_FUZZ_ROUNDS ?? 20_000);
const SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);
/** Elements; the largest file here has a few hundred bytes. */
const MAX_ALLOCATION = 1 << 20;
const CODES = ['CORRUPT', 'FORMAT_VERSION', 'ARGUMENT'];

const u32 = (bytes: Uint8Array, at: number, value: number) =>
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);

interface Target {
  readonly samples: readonly Uint8Array[];
  /** Makes the checksum right for what the bytes are now. */
  reseal(bytes: Uint8Array): void;
  read(bytes: Uint8Array): void;
}

const frame = encodeFrame({ a: [1, 2, 3], b: 'x' }, FrameKind.entry, { level: 5 }).bytes;
const facts = { expires: 5e12, isBare: false, origin: 3 };
const entry: Target = {
  samples: [encodeEntry({ key: 'k', ...facts }, frame), encodeEntry({ key: 'é'.repeat(90), ...facts }, frame)],
  reseal(bytes) {
    if (bytes.length < 28) return;
    const at = bytes[4] === 1 ? 20 : 24;
    const end = at + 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(16, true);
    if (end > bytes.length) return;
    u32(bytes, at, crc32c(bytes.subarray(at + 4, end), crc32c(bytes.subarray(0, at))));
  },
  read(bytes) {
    const header = decodeEntryHeader(bytes);
    if (typeof header === 'number') return;
    expect(typeof header.key).toBe('string');
    expect(header.expires).not.toBeNaN();
    decodeEntryFrame(bytes, header, { maxBytes: 1 << 16 });
  },
};

const origin = { series: 'x/A/1m', first: 3, last: 4 };
const span = { first: 1, last: 9, offset: 64 };
const segmentOf = (parts: Parameters<typeof encodeSegmentEnd>[0]) => {
  const end = encodeSegmentEnd(parts, origin);
  const bytes = new Uint8Array(640 + end.length);
  bytes.set(segmentHeader());
  bytes.set(end, 640);
  return bytes;
};
const segment: Target = {
  samples: [
    segmentOf([{ ...span, kind: 'packed', rows: 9, byteLength: 90, lastOfBlocks: Float64Array.of(4, 9) }]),
    segmentOf([{ ...span, kind: 'documents', rows: 9, byteLength: 90 }]),
    segmentOf([
      {
        ...span,
        kind: 'mapped',
        rows: 9,
        byteLength: 9 * 8 * OHLCV_SHAPE.length,
        shape: OHLCV_SHAPE,
        blockRows: 5,
        blocks: [
          { first: 1, last: 5, checksum: 1 },
          { first: 6, last: 9, checksum: 2 },
        ],
      },
    ]),
  ],
  reseal(bytes) {
    const footer = bytes.length - SEGMENT_FOOTER_BYTES;
    if (footer < 8) return;
    const at = footer - new DataView(bytes.buffer, bytes.byteOffset).getUint32(footer, true);
    if (at < 8) return;
    u32(bytes, footer + 4, crc32c(bytes.subarray(at, footer + 4), crc32c(bytes.subarray(0, 8))));
  },
  read(bytes) {
    if (bytes.length < 8 + SEGMENT_FOOTER_BYTES) return;
    const length = segmentEndLength(bytes.subarray(bytes.length - SEGMENT_FOOTER_BYTES), bytes.length, 'f');
    const { parts } = decodeSegmentEnd(bytes.subarray(0, 8), bytes.subarray(bytes.length - length), bytes.length, 'f');
    for (const { offset, byteLength } of parts) expect(offset + byteLength).toBeLessThanOrEqual(bytes.length);
  },
};

const binding = bindingOf('x/A/1m', 1);
const record = {
  rows: encodeRows(OHLCV_SHAPE, Float64Array.of(1, 2, 3, 4, 5, 6), binding),
  shaped: encodeRows(['timestamp', 'close'] as never, Float64Array.of(1, 2, 3, 4), binding),
  documents: encodeDocuments(
    [
      [1, '{"timestamp":1}'],
      [2, '{"timestamp":2}'],
    ],
    binding,
  ),
  seal: encodeSeal(binding),
};
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const journal: Target = {
  samples: [
    record.rows,
    join(record.shaped, record.rows),
    join(record.documents, record.rows),
    join(record.rows, record.documents, record.seal, record.rows),
  ],
  reseal(bytes) {
    for (let at = 0; at + 16 <= bytes.length; ) {
      const end = at + 16 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 8, true);
      if (end > bytes.length) return;
      u32(bytes, at + 12, crc32c(bytes.subarray(at + 16, end), crc32c(bytes.subarray(at + 4, at + 12))));
      at = end;
    }
  },
  read(bytes) {
    const { consumed, records } = scanRecords(bytes, { path: 'f', binding }, 0);
    expect(consumed).toBeLessThanOrEqual(bytes.length);
    for (const one of records) if (one.kind === 'rows') expect(one.values.byteLength).toBeLessThanOrEqual(bytes.length);
  },
};

const INTERESTING = [0, 1, 2, 3, 0x7f, 0x80, 0xff];

function mutate(dice: Dice, sample: Uint8Array): Uint8Array {
  const length = dice.below(8) === 0 ? dice.below(sample.length + 1) : sample.length;
  const bytes = sample.slice(0, length);
  for (let n = 1 + dice.below(3); n > 0 && bytes.length > 0; n--) {
    const at = dice.below(bytes.length);
    bytes[at] = dice.below(2) === 0 ? dice.below(256) : INTERESTING[dice.below(INTERESTING.length)];
  }
  return bytes;
}

test.each(Object.entries({ entry, segment, journal }))(
  'an unchanged %s file is read',
  (_, { samples, reseal, read }) => {
    for (const sample of samples) {
      const bytes = sample.slice();
      reseal(bytes);
      expect(bytes).toEqual(sample);
      read(bytes);
    }
  },
);

test('a journal full of records that claim all the rest is read in one pass', () => {
  // Every one a candidate: a checksum of what each claims would take hours.
  const bytes = new Uint8Array(1 << 20);
  for (let at = 0; at < bytes.length; at += 16) {
    bytes.set(record.rows.subarray(0, 8), at);
    u32(bytes, at + 8, bytes.length - at - 16);
  }
  const lost = scanRecords(bytes, { path: 'f', binding }, 0);
  expect([lost.records.length, lost.damagedAt, lost.consumed]).toEqual([0, [0], bytes.length]);
  const { records, damagedAt, consumed } = scanRecords(
    join(bytes.subarray(0, 64), record.rows),
    { path: 'f', binding },
    0,
  );
  expect([records.length, damagedAt, consumed]).toEqual([1, [0], 64 + record.rows.length]);
});

test('behind damage a record that is still being written is waited for', () => {
  const begun = record.rows.subarray(0, record.rows.length - 3);
  const { records, damagedAt, consumed } = scanRecords(join(Uint8Array.of(1, 2, 3), begun), { path: 'f', binding }, 0);
  expect([records, damagedAt, consumed]).toEqual([[], [0], 3]);
});

test.each(Object.entries({ entry, segment, journal }))(
  '%s files with other bytes and right checksums are an error of ours or a result',
  (_, { samples, reseal, read }) => {
    const dice = new Dice(SEED);
    const watch = watchAllocations();
    let refused = 0;
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = mutate(dice, samples[dice.below(samples.length)]);
        if (dice.below(8) > 0) reseal(bytes);
        try {
          read(bytes);
        } catch (error) {
          if (!isAtcError(error) || !CODES.includes(error.code)) {
            throw new Error(`round ${round}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
          }
          refused++;
        }
      }
    } finally {
      watch.restore();
    }
    expect(watch.largest).toBeLessThan(MAX_ALLOCATION);
    // Damage of a journal is skipped and reported, other files are refused.
    if (samples !== journal.samples) expect(refused).toBeGreaterThan(ROUNDS / 10);
  },
  60_000 + ROUNDS,
);
