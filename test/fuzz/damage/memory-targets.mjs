/**
 * Formats that are read from bytes in memory: samples to start from, where to damage them, how their checksums are made
 * right again, and reading all there is to read.
 *
 * @typedef {object} Target
 * @property {readonly Uint8Array[]} samples
 * @property {(sample: number, dice: Dice) => [number, number]} [part]  bytes that lie together, to damage
 * @property {(bytes: Uint8Array, sample: number, dice: Dice) => Uint8Array | undefined} reseal  in place or a copy;
 *   undefined when what the bytes are now has no checksum to make right
 * @property {(bytes: Uint8Array) => string} read  all that a reader gives, as text; throws for damage
 * @property {(sample: number, at: number) => boolean} [isSeam]  where parts with checksums of their own meet
 * @property {boolean} [skips]  a reader that skips damage and gives the rest
 */
import { frameTargets, MAX_BYTES, MINUTE_MS, setU32, textOf } from './frame-targets.mjs';

const u32 = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);

export async function memoryTargets(load) {
  const api = await load('index.js');
  const { crc32c } = await load('codec/crc32c.js');
  const targets = await frameTargets(load, api, crc32c);
  targets.entry = entries(await load('entries/entry-file.js'), api, crc32c);
  targets.segment = segments(
    await load('candle-store/segment-layout.js'),
    await load('candle-store/row-shape.js'),
    crc32c,
  );
  targets.journal = journals(
    await load('candle-store/journal-record.js'),
    await load('candle-store/row-shape.js'),
    crc32c,
  );
  targets.catalogue = catalogues(
    { ...(await load('dataset/catalogue.js')), ...(await load('dataset/encode-catalogue.js')) },
    await load('io/checked-json.js'),
  );
  targets.checks = blockChecks(await load('dataset/block-checks.js'), crc32c);
  targets.npy = npyHeaders({
    ...(await load('array/npy-header.js')),
    ...(await load('array/npy-header-writer.js')),
  });
  return targets;
}

function entries({ encodeEntry, decodeEntryHeader, decodeEntryFrame }, { encodeValue }, crc32c) {
  const frame = encodeValue({ a: [1, 2, 3], prices: Float64Array.of(1, 2.5, 3) });
  const facts = { expires: 5e12, isBare: false, origin: 3 };
  return {
    samples: ['k', 'é'.repeat(90), ''].map((key) => encodeEntry({ key, ...facts }, frame)),
    reseal(bytes) {
      if (bytes.length < 32) return undefined;
      const at = bytes[4] === 1 ? 20 : 24;
      const end = at + 4 + u32(bytes, 16);
      if (end > bytes.length) return undefined;
      setU32(bytes, at, crc32c(bytes.subarray(at + 4, end), crc32c(bytes.subarray(0, at))));
      return bytes;
    },
    read(bytes) {
      const header = decodeEntryHeader(bytes);
      if (typeof header === 'number') throw Object.assign(new Error('a part of an entry'), { isPart: true });
      const value = decodeEntryFrame(bytes, header, { maxBytes: MAX_BYTES });
      return `${header.key} ${header.expires} ${header.isBare} ${header.origin} ${value.a} ${value.prices}`;
    },
  };
}

function segments(layout, { OHLCV_SHAPE }, crc32c) {
  const { decodeSegmentEnd, encodeSegmentEnd, SEGMENT_FOOTER_BYTES, segmentEndLength, segmentHeader } = layout;
  const span = { first: 1, last: 9, offset: 64 };
  const whole = (parts) => {
    const end = encodeSegmentEnd(parts, { series: 'x/A/1m', first: 3, last: 4 });
    const bytes = new Uint8Array(640 + end.length);
    bytes.set(segmentHeader());
    bytes.set(end, 640);
    return bytes;
  };
  const blocks = [1, 6].map((first, k) => ({ first, last: first + 3 + k, checksum: k }));
  const samples = [
    whole([{ ...span, kind: 'packed', rows: 9, byteLength: 90, lastOfBlocks: Float64Array.of(4, 9) }]),
    whole([{ ...span, kind: 'documents', rows: 9, byteLength: 90 }]),
    whole([
      {
        ...span,
        kind: 'mapped',
        rows: 9,
        byteLength: 72 * OHLCV_SHAPE.length,
        shape: OHLCV_SHAPE,
        blockRows: 5,
        blocks,
      },
    ]),
  ];
  return {
    samples,
    part: (sample, dice) => (dice.chance(4) ? [0, 8] : [640, samples[sample].length]),
    reseal(bytes) {
      const footer = bytes.length - SEGMENT_FOOTER_BYTES;
      const at = footer < 8 ? 0 : footer - u32(bytes, footer);
      if (at < 8) return undefined;
      setU32(bytes, footer + 4, crc32c(bytes.subarray(at, footer + 4), crc32c(bytes.subarray(0, 8))));
      return bytes;
    },
    read(bytes) {
      if (bytes.length < 8 + SEGMENT_FOOTER_BYTES) throw Object.assign(new Error('too short'), { isPart: true });
      const length = segmentEndLength(bytes.subarray(-SEGMENT_FOOTER_BYTES), bytes.length, 'f');
      const { parts, origin } = decodeSegmentEnd(bytes.subarray(0, 8), bytes.subarray(-length), bytes.length, 'f');
      for (const { offset, byteLength } of parts)
        if (!(offset + byteLength <= bytes.length)) throw new Error('a part lies outside of its file');
      return JSON.stringify([parts, origin]);
    },
    // What lies between header and index is checked by those that read it.
    unchecked: [8, 640],
  };
}

function journals({ bindingOf, encodeDocuments, encodeRows, encodeSeal, scanRecords }, { OHLCV_SHAPE }, crc32c) {
  const binding = bindingOf('x/A/1m', 1);
  const rows = encodeRows(OHLCV_SHAPE, Float64Array.of(1, 2, 3, 4, 5, 6), binding);
  const shaped = encodeRows(['timestamp', 'close'], Float64Array.of(1, 2, 3, 4), binding);
  const documents = encodeDocuments(
    [
      [1, '{"timestamp":1}'],
      [2, '{"timestamp":2}'],
    ],
    binding,
  );
  const join = (...parts) => new Uint8Array(Buffer.concat(parts));
  return {
    samples: [rows, join(shaped, rows), join(documents, rows, rows), join(rows, documents, encodeSeal(binding), rows)],
    reseal(bytes) {
      for (let at = 0; at + 16 <= bytes.length; ) {
        const end = at + 16 + u32(bytes, at + 8);
        if (end > bytes.length) break;
        setU32(bytes, at + 12, crc32c(bytes.subarray(at + 16, end), crc32c(bytes.subarray(at + 4, at + 12))));
        at = end;
      }
      return bytes;
    },
    read(bytes) {
      const { consumed, records } = scanRecords(bytes, { path: 'f', binding }, 0);
      if (consumed > bytes.length) throw new Error('it consumed more than there is');
      return JSON.stringify(records, (_, value) => (ArrayBuffer.isView(value) ? textOf(value) : value));
    },
    // Each record that it gives must be one that was written.
    skips: true,
  };
}

function catalogues({ decodeCatalogue, encodeCatalogue }, { checksumOfJson }) {
  const segment = {
    path: 's1/a.atc',
    rows: 5,
    firstMs: 0,
    lastMs: 4 * MINUTE_MS,
    stepMs: MINUTE_MS,
    check: 7,
    crc32c: [1, 2],
  };
  const symbol = (name, segments) => ({
    symbol: name,
    rows: segments.reduce((sum, { rows }) => sum + rows, 0),
    firstMs: segments[0].firstMs,
    lastMs: segments.at(-1).lastMs,
    columns: [
      { name: 'timestamp', dtype: 'float64' },
      { name: 'close', dtype: 'float64' },
    ],
    segments,
    empty: [[1e9, 2e9]],
  });
  const later = { ...segment, path: 's2/a.atc', start: 1, firstMs: 9 * MINUTE_MS, lastMs: 13 * MINUTE_MS };
  const catalogue = {
    layout: 'packed',
    generation: 3,
    durability: 'power',
    compression: { level: 5, algorithm: 'auto' },
  };
  const encode = (symbols) => new TextEncoder().encode(encodeCatalogue({ ...catalogue, symbols }));
  const decoder = new TextDecoder();
  return {
    samples: [
      encode([symbol('A', [segment])]),
      encode([symbol('A', [segment, later]), symbol('B', [{ ...segment, path: 'm1/a' }])]),
    ],
    reseal(bytes) {
      try {
        const json = JSON.parse(decoder.decode(bytes));
        const { format, version, crc32c, ...content } = json;
        return new TextEncoder().encode(
          JSON.stringify({ format, version, crc32c: checksumOfJson(content), ...content }),
        );
      } catch {
        return undefined;
      }
    },
    read: (bytes) => JSON.stringify(decodeCatalogue(decoder.decode(bytes), 'f')),
  };
}

function blockChecks({ BlockChecks, BlockTally }, crc32c) {
  const tally = new BlockTally(2);
  tally.add([Float64Array.of(1, 2), Float64Array.of(3, 4)]);
  const { bytes: sample, check } = tally.finish();
  const blocks = [Float64Array.of(1, 2), Float64Array.of(3, 4)].map((one) => new Uint8Array(one.buffer));
  return {
    samples: [sample],
    reseal(bytes) {
      if (bytes.length < 8) return undefined;
      setU32(bytes, bytes.length - 4, crc32c(bytes.subarray(0, -4)));
      return bytes;
    },
    // The catalogue binds the file: of a file that is whole in itself it knows another checksum.
    read(bytes) {
      const checks = new BlockChecks(bytes, 2, check, 'f');
      return blocks.map((block, k) => checks.matches(k, 0, block)).join();
    },
    isBound: true,
  };
}

function npyHeaders({ decodeNpyHeader, encodeNpyHeader }) {
  return {
    samples: [[5], [2, 3], []].map((shape) => encodeNpyHeader({ dtype: 'float64', shape })),
    reseal: () => undefined,
    read: (bytes) => JSON.stringify(decodeNpyHeader(bytes, 'f')),
    // The format has no checksum.
    isOpen: true,
  };
}
