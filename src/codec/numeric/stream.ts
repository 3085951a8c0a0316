/** One stream of residuals: all zero, packed, or tANS, whichever the level wants and is smallest. */
import { MAX_TABLE_LOG } from '../../kernels/reference/untans.js';
import type { ChunkWriter } from './chunk-writer.js';
import { buildClassTable, type ClassTable, histogramOf } from './class-table.js';
import { type PackPlan, planPacked, writePacked } from './pack.js';
import type { Planes } from './residual-planes.js';
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
  readonly planes: Planes;
  /** Bytes, mode byte included; exact for packed, within a byte or two for tANS. */
  readonly bytes: number;
  readonly packed?: PackPlan;
  readonly table?: ClassTable;
}

function isZero({ low, high }: Planes): boolean {
  for (let i = 0; i < low.length; i++) if (low[i] !== 0) return false;
  if (high !== undefined) for (let i = 0; i < high.length; i++) if (high[i] !== 0) return false;
  return true;
}

/** Table sizes worth trying for n values: small streams do not pay for large tables. */
function tableLogs(n: number, policy: StreamPolicy): number[] {
  const most = Math.min(policy.tableLog, MAX_TABLE_LOG, Math.max(6, 32 - Math.clz32(n)));
  return policy.mantissas.length > 2 && most > 6 ? [most - 1, most] : [most];
}

export function planStream(planes: Planes, policy: StreamPolicy): StreamPlan {
  if (planes.length === 0) return { planes, bytes: 0 };
  if (isZero(planes)) return { planes, bytes: 1 };
  const packed = planPacked(planes);
  if (policy.tansBelow === 0) return { planes, bytes: 1 + packed.bytes, packed };
  const histogram = histogramOf(planes);
  let best: ClassTable | undefined;
  for (const mantissaBits of policy.mantissas) {
    for (const tableLog of tableLogs(planes.length, policy)) {
      const table = buildClassTable(histogram, mantissaBits, tableLog);
      if (table !== undefined && (best === undefined || table.bits < best.bits)) best = table;
    }
  }
  const tansBytes = best === undefined ? Number.POSITIVE_INFINITY : best.bits / 8;
  if (tansBytes < packed.bytes * policy.tansBelow) return { planes, bytes: 1 + Math.ceil(tansBytes), table: best };
  return { planes, bytes: 1 + packed.bytes, packed };
}

export function writeStream(writer: ChunkWriter, plan: StreamPlan): void {
  if (plan.planes.length === 0) return;
  if (plan.table !== undefined) {
    writer.byte(STREAM_TANS);
    writeTans(writer, plan.planes, plan.table);
  } else if (plan.packed !== undefined) {
    writer.byte(STREAM_PACKED);
    writePacked(writer, plan.planes, plan.packed);
  } else writer.byte(STREAM_ZEROS);
}
