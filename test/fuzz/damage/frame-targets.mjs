/** Frames and encoded values, which hold frames: targets of memory-targets.mjs. */
import fs from 'node:fs';
import path from 'node:path';
import { mapOf, partOf, resealFrame } from './frames.mjs';

export const MAX_BYTES = 1 << 20;
export const MINUTE_MS = 60_000;
export const textOf = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('latin1');
export const setU32 = (bytes, at, value) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(at, value, true);

export async function frameTargets(load, api, crc32c) {
  return { frame: frames(await frameParts(load, api, crc32c)), value: values(api, crc32c) };
}

async function frameParts(load, api, crc32c) {
  const { FrameReader } = await load('codec/frame-reader.js');
  const { memorySource } = await load('codec/frame-source.js');
  const { verifyFrame } = await load('codec/frame-verify.js');
  const { provideNativeCompression } = await load('codec/natives.js');
  const { loadNativeCompression } = await load('io/native-compression.js');
  /** Runs without the native decoders. */
  const withoutNatives = (run) => {
    provideNativeCompression(undefined);
    try {
      return run();
    } finally {
      provideNativeCompression(loadNativeCompression);
    }
  };
  return { ...api, crc32c, FrameReader, memorySource, verifyFrame, withoutNatives };
}

/** The vectors of the format (those that readers take), and frames of every level. */
function frames({
  crc32c,
  FrameReader,
  memorySource,
  verifyFrame,
  compressDataFrame,
  compressPrices,
  decompressDataFrame,
  decompressPrices,
  withoutNatives,
}) {
  const walk = Float64Array.from({ length: 300 }, (_, k) => 100 + ((k * 37) % 50) / 8);
  const columns = {
    timestamp: Float64Array.from(walk, (_, k) => k * MINUTE_MS),
    close: walk,
    volume: Uint32Array.from(walk, (_, k) => (k * 7919) % 1000),
    id: BigInt64Array.from(walk, (_, k) => BigInt(k >> 2)),
  };
  const made = [0, 1, 5, 9].flatMap((level) => [
    compressDataFrame(columns, { level }),
    compressPrices(walk, { level }),
  ]);
  const vectors = fs.readdirSync('vectors').filter((name) => name.endsWith('.atc') && !name.startsWith('refused'));
  const stored = vectors.map((name) => new Uint8Array(fs.readFileSync(path.join('vectors', name))));
  const samples = [...made, ...stored].filter((bytes) => bytes.length < 20_000);
  const maps = samples.map(mapOf);
  const read = (bytes) => {
    const { kind, rows } = new FrameReader(memorySource(bytes));
    const all =
      kind === 'array'
        ? { '': decompressPrices(bytes, { maxBytes: MAX_BYTES }) }
        : decompressDataFrame(bytes, { maxBytes: MAX_BYTES });
    // Whole and in part, a reader gives the same.
    if (kind === 'table' && rows > 2) {
      const part = decompressDataFrame(bytes, { from: 1, to: 3, maxBytes: MAX_BYTES });
      for (const [name, values] of Object.entries(part))
        if (textOf(values) !== textOf(all[name].subarray(1, 3))) throw new Error(`two readings of ${name} differ`);
    }
    return Object.entries(all)
      .map(([name, values]) => `${name}:${values.constructor.name}:${textOf(values)}`)
      .join();
  };
  return {
    samples,
    part: (sample, dice) => (maps[sample] ? partOf(maps[sample], dice) : [0, samples[sample].length]),
    reseal(bytes, sample, dice) {
      if (maps[sample] === undefined || bytes.length !== samples[sample].length) return undefined;
      resealFrame(bytes, maps[sample], crc32c, dice);
      return bytes;
    },
    read,
    // verifyFrame reads more than others: the time spans of the index.
    check: (bytes) => verifyFrame(memorySource(bytes)),
    twin: withoutNatives,
    isSeam: (sample, at) => maps[sample]?.headerEnd === at || maps[sample]?.indexAt === at,
  };
}

function values({ encodeValue, decodeValue }, crc32c) {
  const rows = Array.from({ length: 40 }, (_, k) => ({
    t: k * MINUTE_MS,
    close: k / 8,
    name: `n${k % 3}`,
    at: new Date(k * 1000),
  }));
  const made = [
    { a: [1, 2, 3], b: 'x', c: null },
    rows,
    { rows, prices: Float64Array.from({ length: 200 }, (_, k) => k / 8) },
    new Map([
      ['a', new Set([1, 2n, undefined])],
      ['b', Number.NaN],
    ]),
    rows.map(({ t, close }) => [t, close, null]),
    'x'.repeat(3000),
  ].flatMap((value) => [encodeValue(value), encodeValue(value, { level: 0 })]);
  const shown = (value) =>
    JSON.stringify(value, (_, inner) =>
      typeof inner === 'bigint'
        ? `${inner}n`
        : ArrayBuffer.isView(inner)
          ? textOf(inner)
          : inner instanceof Map || inner instanceof Set
            ? [...inner]
            : inner,
    );
  const inside = made.map(framesIn);
  return {
    samples: made,
    part(sample, dice) {
      const length = made[sample].length;
      if (inside[sample].length === 0 || dice.chance(3)) return [0, length];
      const { from, map } = dice.pick(inside[sample]);
      return partOf(map, dice).map((at) => from + at);
    },
    reseal(bytes, sample, dice) {
      if (bytes.length < 10) return undefined;
      const isInPlace = bytes.length === made[sample].length;
      for (const { from, to, map } of isInPlace ? inside[sample] : [])
        resealFrame(bytes.subarray(from, to), map, crc32c, dice);
      setU32(bytes, bytes.length - 4, crc32c(bytes.subarray(0, -4)));
      return bytes;
    },
    read: (bytes) => shown(decodeValue(bytes, { maxBytes: MAX_BYTES })) ?? 'undefined',
  };
}

/** The frames inside an encoded value. */
function framesIn(bytes) {
  let at = 6;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (let byte = 128; byte >= 128; scale *= 128) value += ((byte = bytes[at++]) & 127) * scale;
    return value;
  };
  const lengths = Array.from({ length: varint() + 1 }, () => varint());
  return lengths.flatMap((length) => {
    const from = at;
    at += length;
    const map = bytes[from] === 0x89 ? mapOf(bytes.subarray(from, at)) : undefined;
    return map === undefined ? [] : [{ from, to: at, map }];
  });
}
