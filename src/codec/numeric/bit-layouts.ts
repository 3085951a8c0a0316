/** From the streams behind a header to the integers of a column. */

import {
  FORM_MULTIPLY,
  type Kernels,
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
} from '../../kernels/kernels.js';
import { INPUT, MAX_ROWS, PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C } from '../../kernels/offsets.js';
import { TEN_TO } from '../../kernels/powers.js';
import { skipVectors } from '../../kernels/reference/unpack.js';
import { chunkDamage } from '../corrupt.js';
import type { ChunkReader } from './chunk-reader.js';
import type { ChunkHeader } from './header.js';
import type { RowSpan } from './row-span.js';
import {
  LAYOUT_GROUPS,
  LAYOUT_LPC,
  LAYOUT_TIERS,
  MAX_GROUPS,
  MAX_LPC_ORDER,
  STREAM_PACKED,
  STREAM_TANS,
  STREAM_ZEROS,
} from './wire.js';

/** Arena offsets of the integers to make and of the refs' integers. */
interface Targets {
  readonly dst: number;
  readonly a: number;
  readonly b: number;
  /** Doubles are wanted in OUT, if they can be had in the same pass. */
  readonly doubles: boolean;
  /** The integers are wanted even then. */
  readonly kept: boolean;
}

/**
 * The chunk's bytes stand at INPUT; reads one stream of n values into the plane pair at `plane`. Of a part of a stream
 * that is the last thing in its chunk: `n` values behind the first `skipped` ones, both whole vectors unless the stream
 * ends with them (`isPart` false).
 */
export function readStream(
  kernels: Kernels,
  reader: ChunkReader,
  plane: number,
  n: number,
  wide: boolean,
  skipped = 0,
  isPart = false,
): void {
  const { u8, u32 } = kernels.arena;
  if (n === 0) return;
  const mode = reader.byte();
  if (mode === STREAM_ZEROS) {
    u32.fill(0, plane >> 2, (plane >> 2) + n);
    if (wide) u32.fill(0, (plane + PLANE_BYTES) >> 2, ((plane + PLANE_BYTES) >> 2) + n);
    return;
  }
  if (mode !== STREAM_PACKED && mode !== STREAM_TANS) throw chunkDamage(`unknown stream ${mode}`, reader.at - 1);
  const end = INPUT + reader.length;
  let after = INPUT + reader.at;
  if (mode === STREAM_PACKED) {
    if (skipped > 0) after = skipVectors(u8, after, end, skipped, wide);
    if (after >= 0) after = kernels.unpack(after, end, plane, n, wide);
  } else after = kernels.untans(after, end, plane, n, wide, isPart);
  if (after < 0) {
    const at = Math.min(-after - INPUT, reader.length);
    throw chunkDamage(mode === STREAM_PACKED ? 'packed stream' : 'tANS stream', at);
  }
  reader.at = after - INPUT;
}

/**
 * Rows `span` of a block of `rows`, all of them unless the layout is plain. Returns whether the doubles of rows [0, to)
 * stand in OUT.
 */
export function decodeResiduals(
  kernels: Kernels,
  reader: ChunkReader,
  header: ChunkHeader,
  rows: number,
  span: RowSpan,
  { dst, a, b, doubles, kept }: Targets,
): boolean {
  const { start, wide } = header;
  const n = span.to - span.from;
  const isPart = span.to < rows;
  switch (header.layout) {
    case LAYOUT_TIERS: {
      const at = reader.at;
      const exponent = reader.byte();
      if (exponent < 1 || exponent > 9) throw chunkDamage(`grain 10^${exponent}`, at);
      readStream(kernels, reader, PLANE_C, n, false);
      const fine = kernels.countFlags(n);
      readStream(kernels, reader, PLANE_A, n - fine, wide);
      readStream(kernels, reader, PLANE_B, fine, wide);
      kernels.predictTiers(dst, a, b, n, start, TEN_TO[exponent]);
      return false;
    }
    case LAYOUT_GROUPS:
      mergeGroups(kernels, reader, n, wide, dst);
      return false;
    case LAYOUT_LPC: {
      const order = reader.count(MAX_LPC_ORDER, 'coefficients');
      const bytes = reader.bytes(order * 8);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const coefficients = Float64Array.from({ length: order }, (_, k) => view.getFloat64(8 * k, true));
      readStream(kernels, reader, PLANE_A, n, wide);
      kernels.predictLpc(dst, n, start, coefficients);
      return false;
    }
    default:
      if (doubles && !wide && start.kind === PREDICT_DELTA && header.form <= FORM_MULTIPLY) {
        readDeltaDoubles(kernels, reader, header, n, isPart, kept ? dst : 0);
        return true;
      }
      readStream(kernels, reader, PLANE_A, n, wide, span.from, isPart);
      predictFrom(kernels, span.from * (wide ? 8 : 4), n, header, { dst, a, b });
      return false;
  }
}

/** Predicts n rows from the one on that lies `skipped` bytes into the slots. */
function predictFrom(
  kernels: Kernels,
  skipped: number,
  n: number,
  { start, wide }: ChunkHeader,
  { dst, a, b }: Pick<Targets, 'dst' | 'a' | 'b'>,
): void {
  if (skipped > 0 && start.kind === PREDICT_LINEAR) {
    // Entered in the middle only where it goes on by the same step, see isSequence.
    const first = start.first + start.firstDelta * BigInt(skipped / (wide ? 8 : 4));
    kernels.predict(dst + skipped, 0, 0, n, { ...start, first });
  } else if (skipped > 0 && start.kind === PREDICT_PREVIOUS) {
    // There is a row before the first one: the previous row of a ref is the same row of a ref that begins one element
    // earlier.
    const previous = a + skipped - (wide ? 8 : 4);
    kernels.predict(dst + skipped, previous, 0, n, { ...start, kind: PREDICT_SAME });
  } else kernels.predict(dst + skipped, a + skipped, b + skipped, n, start);
}

/** The commonest column in one pass over its bytes, or two where they are not packed. */
function readDeltaDoubles(
  kernels: Kernels,
  reader: ChunkReader,
  { start, form, exponent, base, tick }: ChunkHeader,
  n: number,
  isPart: boolean,
  dst: number,
): void {
  const from = reader.at;
  if (reader.byte() !== STREAM_PACKED) {
    reader.at = from;
    readStream(kernels, reader, PLANE_A, n, false, 0, isPart);
    kernels.deltaDoubles(dst, n, start, form, exponent, Number(base), Number(tick));
    return;
  }
  const src = INPUT + reader.at;
  const end = INPUT + reader.length;
  const after = kernels.packedDeltaDoubles(src, end, dst, n, start, form, exponent, Number(base), Number(tick));
  if (after < 0) throw chunkDamage('packed stream', Math.min(-after - INPUT, reader.length));
  reader.at = after - INPUT;
}

const groupCounts = new Int32Array(MAX_GROUPS);
const groupStarts = new Int32Array(MAX_GROUPS);

function mergeGroups(kernels: Kernels, reader: ChunkReader, n: number, wide: boolean, dst: number): void {
  const at = reader.at;
  const groups = reader.count(MAX_GROUPS, 'digit groups');
  const grains: number[] = [];
  for (let g = 0; g < groups; g++) {
    const exponent = reader.byte();
    if (exponent > 18) throw chunkDamage(`grain 10^${exponent}`, at);
    grains.push(TEN_TO[exponent]);
  }
  readStream(kernels, reader, PLANE_C, n, false);
  groupCounts.fill(0);
  const symbols = kernels.arena.u32.subarray(PLANE_C >> 2, (PLANE_C >> 2) + n);
  for (let i = 0; i < n; i++) {
    if (symbols[i] >= groups) throw chunkDamage(`digit group ${symbols[i]} of ${groups}`, at);
    groupCounts[symbols[i]]++;
  }
  let from = 0;
  for (let g = 0; g < groups; g++) {
    groupStarts[g] = from;
    readStream(kernels, reader, PLANE_A + 4 * from, groupCounts[g], wide);
    from += groupCounts[g];
  }
  if (from > MAX_ROWS) throw chunkDamage('digit groups', at);
  kernels.mergeGroups(dst, n, wide, grains, groupStarts);
}
