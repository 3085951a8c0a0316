/** What the fuzzer throws at a reader: damaged, cut, spliced and invented frames, plain and signed again. */
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { bytesOf, DTYPES, itemSize } from '../../src/dtype.js';
import { candles, HOSTILE_DOUBLES, inBlocks, noise, randomBits } from '../codec/frame-samples.js';
import { compounded, wordsThatReturn } from '../codec/word-arrays.js';
import { type ForgedBlock, type ForgedFrame, forgeFrame, forgeHeader, signFrame } from './frame-forge.js';

/** A repeatable source of choices. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = noise(seed);
    // The first numbers of neighbouring seeds are alike.
    for (let i = 0; i < 8; i++) this.#next();
  }

  /** A whole number in [0, sides). */
  below(sides: number): number {
    return Math.floor((this.#next() / 2 ** 32) * sides);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next() >>> 24;
    return bytes;
  }
}

/** Numbers that lengths, counts and ids like least. */
const EDGES = [
  0,
  1,
  2,
  15,
  16,
  127,
  128,
  255,
  256,
  4096,
  16_384,
  65_535,
  65_536,
  2 ** 20,
  2 ** 20 + 1,
  2 ** 28,
  2 ** 31,
];
const edge = (dice: Dice) =>
  dice.chance(8) ? dice.pick([2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER]) : dice.pick(EDGES);

/** Of every codec, and some that none has. */
const WIRE_IDS = [...COLUMN_CODECS.flatMap(({ wireId }) => [wireId, wireId + 1]), 15, 20];

/** Whole frames of every kind, codec and shape to start from. */
export function seedFrames(): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const ramp = Float64Array.from({ length: 500 }, (_, i) => (i >> 3) / 4);
  for (const [algorithm, level] of [
    ['auto', 0],
    ['lz4', 1],
    ['zlib', 1],
    ['auto', 1],
    ['auto', 5],
    ['auto', 9],
  ] as const) {
    for (const columns of [
      { '': ramp },
      { '': HOSTILE_DOUBLES },
      candles(40),
      { '': compounded(candles(80).close) },
      { '': wordsThatReturn(80) },
      Object.fromEntries(DTYPES.map((dtype, i) => [dtype, randomBits(dtype, 9, i)])),
      { timestamp: BigInt64Array.from({ length: 30 }, (_, i) => BigInt(i >> 1)), empty: new Uint8Array(30) },
    ]) {
      frames.push(inBlocks(columns, { algorithm, level, blockRows: 16 }), inBlocks(columns, { algorithm, level }));
    }
  }
  return frames;
}

/** One to a few accidents: bits, bytes, runs, cuts, repeats. Never the same bytes again. */
export function damage(bytes: Uint8Array, dice: Dice): Uint8Array {
  let result = Array.from(bytes);
  do {
    const at = dice.below(result.length + 1);
    const length = dice.chance(3) ? dice.below(40) : 1;
    switch (dice.below(6)) {
      case 0:
        if (at < result.length) result[at] ^= 1 << dice.below(8);
        break;
      case 1:
        if (at < result.length) result[at] = dice.pick([0, 1, 127, 128, 255, dice.below(256)]);
        break;
      case 2:
        result.splice(at, length);
        break;
      case 3:
        result.splice(at, 0, ...dice.bytes(length));
        break;
      case 4:
        result.splice(at, 0, ...result.slice(at, at + length));
        break;
      default:
        result = result.slice(0, at);
    }
  } while (result.length === 0 || dice.chance(3));
  return sameBytes(result, bytes) ? damage(bytes, dice) : Uint8Array.from(result);
}

function sameBytes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return Buffer.compare(Uint8Array.from(a), Uint8Array.from(b)) === 0;
}

/** What the forger needs to rebuild a whole frame. */
export function takeApart(bytes: Uint8Array): ForgedFrame {
  const frame = new FrameReader(memorySource(bytes));
  const { index, columns, headerLength } = frame;
  const blocks = Array.from({ length: index.blocks }, (_, block): ForgedBlock => {
    const times = [index.minTimestamps, index.maxTimestamps].flatMap((bounds) =>
      bounds === undefined ? [] : [...bytesOf(bounds.slice(block, block + 1))],
    );
    const chunks = columns.map((_column, i) => {
      const { bytes: chunk, wireId, refs } = frame.chunk(block, i);
      return { bytes: chunk.slice(), wireId, refs: [...refs] };
    });
    return { rows: frame.rowsOf(block), times: Uint8Array.from(times), chunks };
  });
  const bodyLengthBytes = headerLength < 128 + 10 ? 1 : 2;
  return {
    version: 1,
    headerBody: bytes.slice(5 + bodyLengthBytes, headerLength - 4),
    rows: frame.rows,
    shape: index.shape && [...index.shape],
    ascending: index.minTimestamps && Number(index.ascending),
    blocks,
  };
}

/** A frame with right checksums over wrong content. */
export function forge(bytes: Uint8Array, dice: Dice): Uint8Array {
  const frame = takeApart(bytes);
  if (dice.chance(8)) return forgeIndexBytes(bytes, dice);
  do {
    const block = frame.blocks.length > 0 ? dice.pick(frame.blocks) : undefined;
    const chunk = block && block.chunks.length > 0 ? dice.pick(block.chunks) : undefined;
    switch (dice.below(chunk === undefined ? 5 : 14)) {
      case 0:
        frame.rows = edge(dice);
        break;
      case 1:
        if (frame.shape) frame.shape = dice.chance(2) ? [] : [edge(dice), edge(dice)];
        break;
      case 2:
        frame.headerBody = damage(frame.headerBody, dice);
        break;
      case 3:
        frame.blockCount = edge(dice);
        break;
      case 4:
        frame.version = dice.below(256);
        break;
      case 5:
        resizeBlock(frame, block as ForgedBlock, dice);
        break;
      case 6:
        (chunk as { wireId: number }).wireId = dice.pick([...WIRE_IDS, edge(dice)]);
        break;
      case 7:
        chunk?.refs.push(dice.chance(4) ? edge(dice) : dice.below(block?.chunks.length ?? 1));
        break;
      case 8:
        (chunk as { length?: number }).length = edge(dice);
        break;
      default:
        (chunk as { bytes: Uint8Array }).bytes = damage((chunk as { bytes: Uint8Array }).bytes, dice);
    }
  } while (dice.chance(3));
  return forgeFrame(frame);
}

/** Another number of rows, with `rows` and a shape to match, so that only the chunks are wrong. */
function resizeBlock(frame: ForgedFrame, block: ForgedBlock, dice: Dice): void {
  const rows = dice.chance(2) ? block.rows + dice.pick([-1, 1, 8]) : edge(dice);
  if (rows <= 0) return;
  frame.rows += rows - block.rows;
  block.rows = rows;
  if (frame.shape) frame.shape = [frame.rows];
}

function forgeIndexBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  const { index } = new FrameReader(memorySource(bytes));
  const damaged = damage(bytes.subarray(index.offset, bytes.length - 16), dice);
  return signFrame(bytes.subarray(0, index.offset), [...damaged]);
}

/** Noise behind a magic, a right header, or nothing. */
export function invent(dice: Dice): Uint8Array {
  const noiseBytes = dice.bytes(dice.below(200));
  switch (dice.below(4)) {
    case 0:
      return noiseBytes;
    case 1:
      return Uint8Array.of(0x89, 0x41, 0x54, 0x43, dice.below(3), ...noiseBytes);
    case 2:
      return signFrame(forgeHeader(1, noiseBytes), [...dice.bytes(dice.below(60))]);
    default: {
      const dtype = dice.pick(DTYPES);
      const rows = 1 + dice.below(40);
      return forgeFrame({
        version: 1,
        headerBody: Uint8Array.of(0, 1 + DTYPES.indexOf(dtype)),
        rows,
        shape: [rows],
        blocks: [
          {
            rows,
            times: new Uint8Array(0),
            chunks: [
              {
                bytes: dice.bytes(dice.below(rows * itemSize(dtype) + 1)),
                wireId: dice.pick(WIRE_IDS),
                refs: [],
              },
            ],
          },
        ],
      });
    }
  }
}
