/** tANS encoder (format and decoder: kernels/reference/untans.ts). Codes backwards, so that the decoder runs forwards. */
import type { ChunkWriter } from './chunk-writer.js';
import { type ClassTable, classAt, floorLog2, zigzagSteps } from './class-table.js';
import { BitFields } from './pack.js';
import { bitLength, type Planes } from './residual-planes.js';

interface EncodingTable {
  /** State after coding: states[first[k] + (x >> bits) - count[k]]. */
  readonly states: Uint16Array;
  readonly first: Int32Array;
  /** Rank of a class among the used ones. */
  readonly rank: Int16Array;
}

function encodingTable({ tableLog, symbols, states: counts }: ClassTable): EncodingTable {
  const size = 1 << tableLog;
  const spread = new Int16Array(size);
  const step = (size >> 1) + (size >> 3) + 3;
  const first = new Int32Array(symbols.length);
  let position = 0;
  let from = 0;
  for (let k = 0; k < symbols.length; k++) {
    first[k] = from;
    from += counts[k];
    for (let c = counts[k]; c > 0; c--) {
      spread[position] = k;
      position = (position + step) & (size - 1);
    }
  }
  const next = Int32Array.from(first);
  const states = new Uint16Array(size);
  for (let state = 0; state < size; state++) states[next[spread[state]]++] = state;
  const rank = new Int16Array(symbols[symbols.length - 1] + 1);
  for (let k = 0; k < symbols.length; k++) rank[symbols[k]] = k;
  return { states, first, rank };
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

/** State bits of every value, written low to high by the forward pass. */
let fieldBits = new Uint16Array(0);
let fieldWidths = new Uint8Array(0);
let words = new Uint32Array(0);

export function writeTans(writer: ChunkWriter, planes: Planes, table: ClassTable): void {
  const n = planes.length;
  const { tableLog, mantissaBits } = table;
  writeTable(writer, table);
  if (fieldBits.length < n) {
    fieldBits = new Uint16Array(n);
    fieldWidths = new Uint8Array(n);
  }
  const size = 1 << tableLog;
  const x = [size, size, size, size];
  if (table.symbols.length > 1) codeStates(planes, table, x);
  else fieldWidths.fill(0, 0, n);
  const wordCount = (4 * tableLog + n * 76 + 31) >> 5;
  if (words.length < wordCount + 2) words = new Uint32Array(wordCount + 2);
  words.fill(0, 0, wordCount + 2);
  let bit = 0;
  const put = (value: number, width: number) => {
    const word = bit >>> 5;
    const shift = bit & 31;
    words[word] |= value << shift;
    if (shift + width > 32) words[word + 1] |= value >>> (32 - shift);
    bit += width;
  };
  for (let k = 0; k < 4; k++) put(x[k] - size, tableLog);
  const { low, high } = planes;
  for (let i = 0; i < n; i++) {
    const raw = bitLength(planes, i) - 1 - mantissaBits;
    if (raw > 0) {
      const value = low[i];
      if (raw < 32) put(value & ((1 << raw) - 1), raw);
      else {
        put(value, 32);
        if (raw > 32) put(high![i] & ((1 << (raw - 32)) - 1), raw - 32);
      }
    }
    put(fieldBits[i], fieldWidths[i]);
  }
  writer.bytes(new Uint8Array(words.buffer, 0, (bit + 7) >> 3));
}

/** Backward pass: leaves the initial states of the decoder in `x`. */
function codeStates(planes: Planes, table: ClassTable, x: number[]): void {
  const { tableLog, mantissaBits, states: counts } = table;
  const { states, first, rank } = encodingTable(table);
  const size = 1 << tableLog;
  for (let i = planes.length - 1; i >= 0; i--) {
    const k = rank[classAt(planes, i, mantissaBits)];
    const count = counts[k];
    const state = x[i & 3];
    let bits = tableLog - (31 - Math.clz32(count));
    if (state < count << bits) bits--;
    fieldBits[i] = state & ((1 << bits) - 1);
    fieldWidths[i] = bits;
    x[i & 3] = size + states[first[k] + (state >> bits) - count];
  }
}
