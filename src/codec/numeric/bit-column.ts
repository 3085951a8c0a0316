/**
 * Columns that are not decimal: 64-bit integers (order-preserving bits of doubles, or a 64-bit dtype) as differences.
 */
import { dtypeOf, type TypedArray } from '../../dtype.js';
import { type Kernels, PREDICT_DELTA, PREDICT_LINEAR } from '../../kernels/kernels.js';
import { SLOT_BYTES, SLOTS } from '../../kernels/offsets.js';
import { ChunkWriter } from './chunk-writer.js';
import { writeHeader } from './header.js';
import { orderedBits } from './integers.js';
import { fitCoefficients } from './lpc.js';
import type { NumericPolicy } from './policy.js';
import { float64Rows } from './row-pool.js';
import { planArenaStream, type StreamPlan, writeStream } from './stream.js';
import { CHUNK_INTEGERS, LAYOUT_LPC, LAYOUT_PLAIN } from './wire.js';

interface BitCandidate {
  readonly kind: number;
  readonly coefficients?: Float64Array;
  readonly stream: StreamPlan;
  readonly bytes: number;
}

/**
 * Differences of 64-bit integers, wrapping, as the doubles nearest to them, for the fit; in words, which is far faster
 * than bigint.
 */
function differencesOf(words: Int32Array): Float64Array {
  const n = words.length >> 1;
  const differences = float64Rows(Math.max(0, n - 1));
  for (let i = 1; i < n; i++) {
    const low = (words[2 * i] >>> 0) - (words[2 * i - 2] >>> 0);
    const high = (words[2 * i + 1] - words[2 * i - 1] - (low < 0 ? 1 : 0)) | 0;
    differences[i - 1] = high * 4294967296 + (low >>> 0);
  }
  return differences;
}

/** The smallest chunk of this kind; always exact, whatever the bits. */
export function encodeBits(kernels: Kernels, values: TypedArray, policy: NumericPolicy): Uint8Array {
  const n = values.length;
  const slot = SLOTS + SLOT_BYTES;
  const isFloat = dtypeOf(values)!.startsWith('float');
  const form = orderedBits(kernels, values, isFloat, slot);
  const { i32, i64 } = kernels.arena;
  // The start of the chain: rows of a slot do not outlive a decoder.
  const u = i64.slice(slot >> 3, (slot >> 3) + Math.min(n, 2));
  let best: BitCandidate | undefined;
  for (const kind of [PREDICT_DELTA, PREDICT_LINEAR]) {
    kernels.residuals(slot, n, kind);
    const stream = planArenaStream(kernels, n, true, policy);
    if (best === undefined || stream.bytes < best.bytes) best = { kind, stream, bytes: stream.bytes };
  }
  const differences =
    policy.lpcOrders.length > 0 ? differencesOf(i32.subarray(slot >> 2, (slot >> 2) + 2 * n)) : undefined;
  for (const order of policy.lpcOrders) {
    const coefficients = fitCoefficients(differences!, order);
    if (coefficients === undefined) continue;
    kernels.residualsLpc(slot, n, coefficients);
    const stream = planArenaStream(kernels, n, true, policy);
    const bytes = stream.bytes + 8 * order + 1;
    if (bytes < best!.bytes) best = { kind: PREDICT_DELTA, coefficients, stream, bytes };
  }
  return writeBits(kernels, form, u, best!);
}

function writeBits(
  kernels: Kernels,
  form: number,
  u: BigInt64Array,
  { kind, coefficients, stream }: BitCandidate,
): Uint8Array {
  const writer = new ChunkWriter(stream.bytes + 512);
  writer.byte(CHUNK_INTEGERS);
  writeHeader(writer, {
    form,
    wide: true,
    hasUlps: false,
    hasExceptions: false,
    exponent: 0,
    divisor: 1,
    alpha: 0,
    seed: 0,
    base: 0n,
    tick: 1n,
    layout: coefficients === undefined ? LAYOUT_PLAIN : LAYOUT_LPC,
    start: {
      kind,
      wide: true,
      zigzag: true,
      first: u[0],
      firstDelta: u.length > 1 ? BigInt.asIntN(64, u[1] - u[0]) : 0n,
      offset: 0n,
    },
  });
  if (coefficients !== undefined) {
    writer.unsigned(coefficients.length);
    const view = new DataView(new ArrayBuffer(8));
    for (const coefficient of coefficients) {
      view.setFloat64(0, coefficient, true);
      writer.bytes(new Uint8Array(view.buffer));
    }
  }
  writeStream(kernels, writer, stream);
  return writer.finish();
}
