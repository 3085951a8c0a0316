/**
 * What the fuzzer throws at the numeric decoder: damaged chunks of every kind, and chunks invented along the grammar of
 * docs/format.md.
 */
import type { TypedArray } from '../../src/dtype.js';
import type { Kernels } from '../../src/kernels/kernels.js';
import { candles, HOSTILE_DOUBLES, randomBits } from '../codec/frame-samples.js';
import { type CodedBlock, encodeBlock } from '../codec/numeric-block.js';
import type { Dice } from './frame-cases.js';

const ROWS = 200;

/** Blocks whose chunks use every form, layout and stream between them. */
export function sampleBlocks(kernels: Kernels): CodedBlock[] {
  const { timestamp, open, high, low, close, volume } = candles(ROWS);
  const long = close.map((x, i) => (i % 9 === 0 ? x + 0.00001 : Math.round(x)));
  const dirty = close.map((x) => x * 100 * 1e-8);
  const split = close.map((x) => Math.floor(x) + (Math.round(x * 1e5) % 1e5) * 1e-5);
  const ulps = close.map((x, i) => (i % 5 === 0 ? x * (1 + 2 ** -52) : x));
  const single = close.map((x) => Math.fround(x));
  const lots = volume.map((x, i) => Math.round(x) * (i % 3 === 0 ? 1000 : 1) + (i % 3 === 1 ? 0.5 : 0));
  const smooth = close.map((_, i) => Math.sin(i / 20) * 100 + 1000);
  const holes = close.map((x, i) => (i % 40 === 0 ? HOSTILE_DOUBLES[(i / 40) % HOSTILE_DOUBLES.length] : x));
  const steps = close.map((_, i) => Math.floor(i / 100));
  const mean = close.map((x, i) => (x + close[Math.max(0, i - 1)] + close[Math.max(0, i - 2)]) / 3);
  let ema = close[0];
  const smoothed = close.map((x) => (ema += (x - ema) * (2 / 21)));
  const huge = close.map((x, i) => Math.round(x * 1e9) + i);
  const tables: TypedArray[][] = [
    [mean, smoothed, split, single],
    [timestamp, open, high, low, close, volume],
    [long, lots, dirty, ulps, smooth, holes, steps, huge],
    [BigInt64Array.from(timestamp, BigInt), Int32Array.from(close, (x) => x * 100), Float32Array.from(close)],
    [randomBits('float64', ROWS), randomBits('float32', ROWS), new Float64Array(ROWS).fill(7)],
  ];
  // Several vectors, so that one is unpacked beside another.
  const many = candles(1100);
  tables.push([many.close], [many.timestamp, many.volume]);
  return tables.flatMap((columns) => [1, 2, 5, 6, 9].map((level) => encodeBlock(kernels, columns, level)));
}

/** Damages a chunk: bit flips, bytes set, cut, grown, spliced with another, or noise behind a plausible start. */
export function damageChunk(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  let out = bytes.slice();
  do {
    const at = dice.chance(2) ? dice.below(Math.min(out.length, 24)) : dice.below(out.length);
    switch (dice.below(6)) {
      case 0:
        out[at] ^= 1 << dice.below(8);
        break;
      case 1:
        out[at] = dice.pick([0, 1, 2, 127, 128, 255]);
        break;
      case 2:
        out = out.slice(0, at);
        break;
      case 3:
        out = Uint8Array.from([...out, ...other.subarray(0, dice.below(other.length))]);
        break;
      case 4:
        out.set(other.subarray(0, dice.below(Math.min(out.length, other.length))), 0);
        break;
      default:
        out.set(dice.bytes(out.length - at), at);
    }
  } while (dice.chance(2));
  return out;
}

/** A varint of up to 64 bits, now and then of a size that arithmetic minds. */
export function varint(dice: Dice): number[] {
  const edges = [0n, 1n, 2n, 127n, 128n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
  let rest = dice.chance(2) ? dice.pick(edges) : BigInt(dice.below(1 << dice.below(31)));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const small = (dice: Dice, sides: number, wild: number) => (dice.chance(30) ? dice.below(wild) : dice.below(sides));

function float64(dice: Dice): number[] {
  const value = dice.chance(3) ? dice.pick([...HOSTILE_DOUBLES]) : dice.below(2000) / 1000;
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

function packedStream(dice: Dice, n: number, wide: boolean): number[] {
  const bytes = [1];
  for (let from = 0; from < n; from += 1024) {
    const count = Math.min(1024, n - from);
    const width = small(dice, wide ? 65 : 33, 256);
    const exceptions = dice.chance(2) ? 0 : small(dice, Math.min(count, 128), 128);
    const highWidth = small(dice, Math.max(1, (wide ? 65 : 33) - width), 256);
    bytes.push(width, exceptions, ...(exceptions > 0 ? [highWidth] : []));
    const plane = (bits: number) => Math.ceil((Math.ceil(count / 4) * bits) / 32) * 16;
    const planes = plane(Math.min(width, 32)) + plane(Math.max(0, Math.min(width, 64) - 32));
    const patches = Math.ceil((exceptions * (10 + highWidth)) / 8);
    bytes.push(...dice.bytes(Math.min(10_000, planes + patches)));
  }
  return bytes;
}

function tansStream(dice: Dice, n: number): number[] {
  const classes = 1 + small(dice, 20, 127);
  const table = (small(dice, 13, 16) & 15) | ((1 + small(dice, 7, 15)) << 4);
  const remainder =
    classes > 1 ? [dice.below(classes), dice.chance(20) ? dice.below(256) : 0, small(dice, 6, 256)] : [];
  return [2, table, classes, ...remainder, ...dice.bytes(dice.below(classes * 2 + n * 2))];
}

export function stream(dice: Dice, n: number, wide: boolean): number[] {
  const mode = dice.below(10);
  if (mode === 0) return [dice.below(256)];
  if (mode < 4) return [0];
  return mode < 7 ? packedStream(dice, n, wide) : tansStream(dice, n);
}

function layoutBytes(dice: Dice, layout: number, n: number, wide: boolean): number[] {
  if (layout === 1) {
    const flags = dice.chance(2) ? [0] : stream(dice, n, false);
    return [small(dice, 10, 256), ...flags, ...stream(dice, n, wide), ...stream(dice, n, wide)];
  }
  if (layout === 2) {
    const groups = small(dice, 5, 64);
    const powers = Array.from({ length: groups }, () => small(dice, 19, 256));
    const streams = Array.from({ length: Math.min(groups, 4) }, () => stream(dice, n, wide));
    return [groups, ...powers, ...stream(dice, n, false), ...streams.flat()];
  }
  if (layout === 3) {
    const order = small(dice, 33, 256);
    return [
      order,
      ...Array.from({ length: Math.min(order, 40) }, () => float64(dice)).flat(),
      ...stream(dice, n, wide),
    ];
  }
  return stream(dice, n, wide);
}

/** A chunk that follows the grammar more often than not, with numbers no encoder would write. */
export function inventChunk(dice: Dice, n: number): Uint8Array {
  const kind = small(dice, 3, 256);
  if (kind === 0) return Uint8Array.of(0, ...dice.bytes(dice.chance(9) ? dice.below(12) : 8));
  if (kind === 1) {
    const runs = 1 + dice.below(12);
    return Uint8Array.of(1, runs, ...dice.bytes(8 * runs), ...Array.from({ length: runs }, () => varint(dice)).flat());
  }
  const form = dice.below(8);
  const wide = form === 5 || dice.chance(2);
  const flags = form | (wide ? 8 : 0) | (dice.chance(4) ? 16 : 0) | (dice.chance(4) ? 32 : 0);
  const bytes = [kind, dice.chance(30) ? dice.below(256) : flags];
  if (form !== 0 && form !== 5 && form !== 6) bytes.push(small(dice, 16, 256));
  if (form === 6) bytes.push(...varint(dice));
  if (form === 7) bytes.push(...float64(dice), ...float64(dice));
  if (form !== 5) bytes.push(...varint(dice), ...varint(dice));
  const layout = dice.below(4);
  const predictor = layout === 2 ? 0 : layout === 3 ? 1 : dice.below(dice.chance(4) ? 8 : 3);
  const zigzag = dice.chance(2);
  bytes.push(dice.chance(30) ? dice.below(256) : predictor | (zigzag ? 8 : 0) | (layout << 4));
  if (predictor === 1 || predictor === 2 || predictor === 7) bytes.push(...varint(dice));
  if (predictor === 2) bytes.push(...varint(dice));
  if (!zigzag) bytes.push(...varint(dice));
  bytes.push(...layoutBytes(dice, layout, n, wide));
  if (flags & 16) bytes.push(...stream(dice, n, false));
  if (flags & 32) {
    const runs = dice.below(6);
    bytes.push(
      runs,
      ...Array.from({ length: runs }, () => [...varint(dice), ...varint(dice), ...dice.bytes(8)]).flat(),
    );
  }
  return Uint8Array.from(bytes);
}
