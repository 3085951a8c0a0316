/** One stream of residuals: all zero, packed, or tANS, whichever the level wants and is smallest. */

import type { Kernels } from '../../kernels/kernels.js';
import { INPUT, PLANE_A, VECTOR } from '../../kernels/offsets.js';
import { MAX_TABLE_LOG } from '../../kernels/reference/untans.js';
import type { ChunkWriter } from './chunk-writer.js';
import {
  buildClassTable,
  type ClassTable,
  estimateBits,
  type Histogram,
  histogramOf,
  leastBits,
} from './class-table.js';
import { arenaPlanes, copyPlanes, layPlanes, type Planes } from './residual-planes.js';
import { byteRows } from './row-pool.js';
import { writeTans } from './tans.js';
import { STREAM_PACKED, STREAM_TANS, STREAM_ZEROS } from './wire.js';

export interface StreamPolicy {
  /** Share of the packed size tANS must come below, or 0 for packed only. */
  readonly tansBelow: number;
  /** Mantissa bits to try. */
  readonly mantissas: readonly number[];
  /** Largest table, log2. */
  readonly tableLog: number;
}

export interface StreamPlan {
  readonly length: number;
  /** Bytes, mode byte included; exact for packed, within a byte or two for tANS. */
  readonly bytes: number;
  readonly packed?: Uint8Array;
  readonly tans?: { readonly planes: Planes; readonly table: ClassTable };
}

/** Table sizes worth trying for n values: small streams do not pay for large tables. */
function tableLogs(n: number, policy: StreamPolicy): number[] {
  const most = Math.min(policy.tableLog, MAX_TABLE_LOG, Math.max(6, 32 - Math.clz32(n)));
  return policy.mantissas.length > 2 && most > 6 ? [most - 1, most] : [most];
}

/**
 * Plans the stream of the values that stand in plane A already. Undefined where it is known, often before all of it is
 * planned, that the stream takes `below` bytes or more.
 */
export function planStreamBelow(
  kernels: Kernels,
  n: number,
  wide: boolean,
  policy: StreamPolicy,
  below: number,
): StreamPlan | undefined {
  if (n === 0) return { length: 0, bytes: 0 };
  const { u8 } = kernels.arena;
  const end = kernels.pack(PLANE_A, n, wide, INPUT);
  // Two bytes a vector: width 0, no exceptions.
  const isZero = end - INPUT === 2 * Math.ceil(n / VECTOR) && u8[INPUT] === 0;
  if (isZero) return { length: n, bytes: 1 };
  const packedBytes = end - INPUT;
  if (policy.tansBelow > 0) {
    const mostBytes = packedBytes * policy.tansBelow;
    const table = chooseTable(histogramOf(kernels, n, wide), policy, 8 * Math.min(mostBytes, below));
    if (table !== undefined && table.bits / 8 < mostBytes) {
      return {
        length: n,
        bytes: 1 + Math.ceil(table.bits / 8),
        tans: { planes: copyPlanes(arenaPlanes(kernels, n, wide)), table },
      };
    }
  }
  if (1 + packedBytes >= below) return undefined;
  const packed = byteRows(packedBytes);
  packed.set(u8.subarray(INPUT, end));
  return { length: n, bytes: 1 + packedBytes, packed };
}

/** Plans the stream of the values that stand in plane A already. */
export function planArenaStream(kernels: Kernels, n: number, wide: boolean, policy: StreamPolicy): StreamPlan {
  return planStreamBelow(kernels, n, wide, policy, Number.POSITIVE_INFINITY)!;
}

export function planStream(kernels: Kernels, planes: Planes, policy: StreamPolicy): StreamPlan {
  layPlanes(kernels.arena, planes);
  return planArenaStream(kernels, planes.length, planes.high !== undefined, policy);
}

/** Tables built in full, the most promising ones by estimate. */
const TABLES_TRIED = 2;

/** The smallest table, undefined where none is surely below `mostBits`. */
function chooseTable(histogram: Histogram, policy: StreamPolicy, mostBits: number): ClassTable | undefined {
  const ranked = policy.mantissas.map((mantissaBits) => ({
    mantissaBits,
    bits: estimateBits(histogram, mantissaBits),
  }));
  ranked.sort((a, b) => a.bits - b.bits);
  let best: ClassTable | undefined;
  for (const { mantissaBits, bits } of ranked.slice(0, TABLES_TRIED)) {
    for (const tableLog of tableLogs(histogram.total, policy)) {
      const least = leastBits(bits, histogram, mantissaBits, tableLog);
      if (least >= mostBits || (best !== undefined && least >= best.bits)) continue;
      const table = buildClassTable(histogram, mantissaBits, tableLog);
      if (table !== undefined && (best === undefined || table.bits < best.bits)) best = table;
    }
  }
  return best;
}

export function writeStream(kernels: Kernels, writer: ChunkWriter, plan: StreamPlan): void {
  if (plan.length === 0) return;
  if (plan.tans !== undefined) {
    writer.byte(STREAM_TANS);
    writeTans(kernels, writer, plan.tans.planes, plan.tans.table);
  } else if (plan.packed !== undefined) {
    writer.byte(STREAM_PACKED);
    writer.bytes(plan.packed);
  } else writer.byte(STREAM_ZEROS);
}
