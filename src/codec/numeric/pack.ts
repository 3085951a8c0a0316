/** Patched bit-packing, encoder (layout: kernels/reference/unpack.ts). Widths minimise bits of values and exceptions. */
import { packedPlaneBytes, VECTOR } from '../../kernels/reference/unpack.js';
import type { ChunkWriter } from './chunk-writer.js';
import { bitLength, type Planes } from './residual-planes.js';

interface VectorPlan {
  readonly from: number;
  readonly count: number;
  readonly width: number;
  readonly exceptions: number;
  readonly highWidth: number;
}

export interface PackPlan {
  readonly bytes: number;
  readonly vectors: readonly VectorPlan[];
}

const histogram = new Uint32Array(65);

function vectorBytes({ count, width, exceptions, highWidth }: VectorPlan): number {
  const low = Math.min(width, 32);
  const header = 2 + (exceptions >= 128 ? 1 : 0) + (exceptions > 0 ? 1 : 0);
  const patches = (exceptions * (10 + highWidth) + 7) >> 3;
  return header + packedPlaneBytes(count, low) + packedPlaneBytes(count, width - low) + patches;
}

function planVector(planes: Planes, from: number, count: number): VectorPlan {
  histogram.fill(0);
  if (planes.high === undefined) {
    for (let i = from; i < from + count; i++) histogram[32 - Math.clz32(planes.low[i])]++;
  } else for (let i = from; i < from + count; i++) histogram[bitLength(planes, i)]++;
  let most = 64;
  while (most > 0 && histogram[most] === 0) most--;
  let best: VectorPlan = { from, count, width: most, exceptions: 0, highWidth: 0 };
  let bestBytes = vectorBytes(best);
  let exceptions = 0;
  for (let width = most - 1; width >= 0; width--) {
    exceptions += histogram[width + 1];
    if (exceptions * 10 > bestBytes * 8 || exceptions > VECTOR - 1) break;
    const plan = { from, count, width, exceptions, highWidth: most - width };
    const bytes = vectorBytes(plan);
    if (bytes < bestBytes) {
      best = plan;
      bestBytes = bytes;
    }
  }
  return best;
}

export function planPacked(planes: Planes): PackPlan {
  const vectors: VectorPlan[] = [];
  let bytes = 0;
  for (let from = 0; from < planes.length; from += VECTOR) {
    const plan = planVector(planes, from, Math.min(VECTOR, planes.length - from));
    vectors.push(plan);
    bytes += vectorBytes(plan);
  }
  return { bytes, vectors };
}

const words = new Uint32Array(VECTOR + 4);
const wordBytes = new Uint8Array(words.buffer);

function packPlane(writer: ChunkWriter, values: Uint32Array, from: number, count: number, width: number): void {
  if (width === 0) return;
  const size = packedPlaneBytes(count, width);
  words.fill(0, 0, size >> 2);
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  for (let i = 0; i < count; i++) {
    const value = values[from + i] & mask;
    const bit = (i >> 2) * width;
    const word = ((bit >> 5) << 2) + (i & 3);
    const shift = bit & 31;
    words[word] |= value << shift;
    if (shift + width > 32) words[word + 4] |= value >>> (32 - shift);
  }
  writer.bytes(wordBytes.subarray(0, size));
}

function writeVector(writer: ChunkWriter, planes: Planes, plan: VectorPlan): void {
  const { from, count, width, exceptions, highWidth } = plan;
  writer.byte(width);
  writer.unsigned(exceptions);
  if (exceptions > 0) writer.byte(highWidth);
  packPlane(writer, planes.low, from, count, Math.min(width, 32));
  if (planes.high !== undefined && width > 32) packPlane(writer, planes.high, from, count, width - 32);
  if (exceptions === 0) return;
  const bits = new BitFields(writer, exceptions * (10 + highWidth));
  for (let i = 0; i < count; i++) if (bitLength(planes, from + i) > width) bits.put(i, 10);
  for (let i = from; i < from + count; i++) {
    if (bitLength(planes, i) <= width) continue;
    const low = planes.low[i];
    const high = planes.high === undefined ? 0 : planes.high[i];
    const first = width >= 32 ? high >>> (width - 32) : width === 0 ? low : (low >>> width) | (high << (32 - width));
    bits.put(first >>> 0, Math.min(highWidth, 32));
    if (highWidth > 32) bits.put(width >= 32 ? 0 : high >>> width, highWidth - 32);
  }
}

export function writePacked(writer: ChunkWriter, planes: Planes, plan: PackPlan): void {
  for (const vector of plan.vectors) writeVector(writer, planes, vector);
}

/** Bit fields without gaps, little-endian, into room taken in advance. */
export class BitFields {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  #bit = 0;

  constructor(writer: ChunkWriter, bits: number) {
    this.#from = writer.room((bits + 7) >> 3);
    this.#bytes = writer.buffer;
  }

  put(value: number, width: number): void {
    let rest = value;
    let left = width;
    while (left > 0) {
      const shift = this.#bit & 7;
      const taken = Math.min(8 - shift, left);
      this.#bytes[this.#from + (this.#bit >> 3)] |= (rest & ((1 << taken) - 1)) << shift;
      rest >>>= taken;
      left -= taken;
      this.#bit += taken;
    }
  }
}
