/** The tANS stream of a column: its class table, then the coded values (kernels/reference/tans.ts). */
import { type Arena } from '../../kernels/arena.js';
import type { Kernels } from '../../kernels/kernels.js';
import { INPUT, SPREAD, TABLE } from '../../kernels/offsets.js';
import { BitFields } from './bit-fields.js';
import type { ChunkWriter } from './chunk-writer.js';
import { zigzagSteps } from './class-counts.js';
import type { ClassTable } from './class-table.js';
import { floorLog2 } from './log2.js';
import { layPlanes, type Planes } from './residual-planes.js';

/** Lays the encoding tables out in the arena as the kernel wants them. */
function layTables({ u16, i32 }: Arena, { tableLog, symbols, states: counts }: ClassTable): void {
  const size = 1 << tableLog;
  const spread = new Int16Array(size);
  const next = new Int32Array(symbols.length);
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  let first = 0;
  for (let k = 0; k < symbols.length; k++) {
    const count = counts[k];
    const entry = (TABLE >> 2) + 2 * symbols[k];
    u16[2 * entry] = count;
    u16[2 * entry + 1] = tableLog - floorLog2(count);
    i32[entry + 1] = first - count;
    next[k] = first;
    first += count;
    for (let c = count; c > 0; c--) {
      spread[position] = k;
      position = (position + step) & (size - 1);
    }
  }
  for (let state = 0; state < size; state++) u16[(SPREAD >> 1) + next[spread[state]]++] = state;
}

function writeTable(writer: ChunkWriter, table: ClassTable): void {
  const { symbols } = table;
  writer.byte(table.tableLog | (table.mantissaBits << 4));
  writer.unsigned(symbols.length);
  if (symbols.length > 1) {
    writer.byte(table.remainder & 255);
    writer.byte(table.remainder >> 8);
    writer.byte(table.rice);
  }
  const steps = symbols.length > 1 ? zigzagSteps(table.indexes, table.remainder) : [];
  let bits = 0;
  for (let k = 0; k < symbols.length; k++) bits += 2 * floorLog2(symbols[k] - (k > 0 ? symbols[k - 1] : -1)) + 1;
  for (const step of steps) bits += (step >> table.rice) + 1 + table.rice;
  const fields = new BitFields(writer, bits);
  for (let k = 0; k < symbols.length; k++) {
    const gap = symbols[k] - (k > 0 ? symbols[k - 1] : -1);
    const log = floorLog2(gap);
    fields.put(0, log);
    fields.put(1, 1);
    fields.put(gap - (1 << log), log);
  }
  for (const step of steps) {
    for (let ones = step >> table.rice; ones > 0; ones--) fields.put(1, 1);
    fields.put(0, 1);
    fields.put(step & ((1 << table.rice) - 1), table.rice);
  }
}

export function writeTans(kernels: Kernels, writer: ChunkWriter, planes: Planes, table: ClassTable): void {
  writeTable(writer, table);
  const { arena } = kernels;
  if (table.symbols.length > 1) layTables(arena, table);
  layPlanes(arena, planes);
  const end = kernels.tans(planes.length, planes.high !== undefined, table.mantissaBits, table.tableLog, INPUT);
  writer.bytes(arena.u8.subarray(INPUT, end));
}
