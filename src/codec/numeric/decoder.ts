/** Decoder of numeric chunks: header, streams, prediction, elements. Works in the kernels' arena; allocates nothing per row. */
import { bytesOf, dtypeOf, itemSize, type TypedArray } from '../../dtype.js';
import { INPUT, MAX_INPUT, MAX_ROWS, OUT, PLANE_A } from '../../kernels/arena.js';
import { FORM_BITS, FORM_INTEGER, type Kernels } from '../../kernels/kernels.js';
import type { BlockReader, ChunkDecoder } from '../codec.js';
import { chunkDamage } from '../corrupt.js';
import { WIRE_ID } from '../wire-ids.js';
import { ChunkReader } from './chunk-reader.js';
import { readExceptions, wordsOf } from './exceptions.js';
import { type ChunkHeader, readHeader, refCount } from './header.js';
import { decodeResiduals, readStream } from './layouts.js';
import { readRuns } from './runs.js';
import { type SlotClaim, SlotPool, slotsOf } from './slots.js';
import { applyUlps } from './ulps.js';
import { CHUNK_CONSTANT, CHUNK_INTEGERS, CHUNK_RUNS, MAX_REF_DEPTH } from './wire.js';

/** A chunk being decoded: header read, integers in a slot, the reader behind the residual streams. */
interface OpenColumn {
  readonly reader: ChunkReader;
  readonly header: ChunkHeader;
  readonly claim: SlotClaim;
}

export class NumericDecoder implements ChunkDecoder {
  readonly wireId = WIRE_ID.numeric;
  readonly name = 'numeric';
  readonly #kernels: () => Kernels;

  /** `kernels` is asked on the first decode, not before: nothing is compiled at import. */
  constructor(kernels: () => Kernels) {
    this.#kernels = kernels;
  }

  decode(block: BlockReader, column: number, out: TypedArray): void {
    if (block.rows > MAX_ROWS) throw chunkDamage(`a block of ${block.rows} rows`, 0);
    if (block.rows === 0) return;
    const bytes = block.chunk(column).bytes;
    const reader = new ChunkReader(bytes);
    const kind = reader.byte();
    if (kind === CHUNK_CONSTANT) fillConstant(reader, out);
    else if (kind === CHUNK_RUNS) readRuns(reader, out);
    else if (kind === CHUNK_INTEGERS) {
      const open = this.#open(block, column, 0);
      this.#emit(open, out);
    } else throw chunkDamage(`unknown kind ${kind}`, 0);
  }

  /** Decodes the integers of a column into a slot, its refs first. */
  #open(block: BlockReader, column: number, depth: number): OpenColumn {
    if (depth > MAX_REF_DEPTH) throw chunkDamage('a chain of references that is too long', 0);
    const chunk = block.chunk(column);
    if (chunk.wireId !== WIRE_ID.numeric) throw chunkDamage(`a reference to a chunk of codec ${chunk.wireId}`, 0);
    const reader = new ChunkReader(chunk.bytes);
    if (reader.byte() !== CHUNK_INTEGERS) throw chunkDamage('a reference to a column without integers', 0);
    if (chunk.bytes.length > MAX_INPUT) throw chunkDamage(`${chunk.bytes.length} bytes`, 0);
    const header = readHeader(reader);
    const refs = refCount(header.start.kind);
    if (chunk.refs.length !== refs) throw chunkDamage(`${chunk.refs.length} references instead of ${refs}`, reader.at);
    const kernels = this.#kernels();
    const slots = slotsOf(kernels);
    const a = refs > 0 ? this.#ref(block, chunk.refs[0], header, depth) : undefined;
    if (a !== undefined) slots.pin(a);
    let b: SlotClaim | undefined;
    try {
      b = refs > 1 ? this.#ref(block, chunk.refs[1], header, depth) : undefined;
      if (b !== undefined) slots.pin(b);
      const claim = slots.take(header.wide);
      kernels.arena.u8.set(chunk.bytes, INPUT);
      decodeResiduals(kernels, reader, header, block.rows, {
        dst: SlotPool.offset(claim),
        a: a === undefined ? 0 : SlotPool.offset(a),
        b: b === undefined ? 0 : SlotPool.offset(b),
      });
      block.memo.set(column, claim);
      return { reader, header, claim };
    } finally {
      if (a !== undefined) slots.unpin(a);
      if (b !== undefined) slots.unpin(b);
    }
  }

  #ref(block: BlockReader, column: number, header: ChunkHeader, depth: number): SlotClaim {
    const kept = block.memo.get(column) as SlotClaim | undefined;
    const claim =
      kept !== undefined && slotsOf(this.#kernels()).holds(kept) ? kept : this.#open(block, column, depth + 1).claim;
    if (claim.wide !== header.wide) throw chunkDamage('a reference to integers of another width', 0);
    return claim;
  }

  #emit({ reader, header, claim }: OpenColumn, out: TypedArray): void {
    const kernels = this.#kernels();
    const { arena } = kernels;
    const n = out.length;
    const src = SlotPool.offset(claim);
    const { form, base, tick, wide } = header;
    const dtype = dtypeOf(out);
    const isFloat = dtype === 'float64' || dtype === 'float32';
    if (!isFloat && form !== FORM_INTEGER) throw chunkDamage(`form ${form} of an integer column`, 1);
    if (!isFloat) {
      if (header.hasUlps || header.hasExceptions) throw chunkDamage('exceptions of an integer column', 1);
      kernels.emitIntegers(src, n, wide, base, tick);
      copyIntegers(arena, out);
    } else if (form === FORM_BITS) {
      if (dtype === 'float64') {
        if (!wide) throw chunkDamage('bits of a double in narrow integers', 1);
        kernels.emitBits(src, n);
        (out as Float64Array).set(arena.f64.subarray(OUT >> 3, (OUT >> 3) + n));
      } else copySingleBits(arena, src, wide, out as Float32Array);
    } else {
      kernels.emitDoubles(src, n, wide, form, header.exponent, Number(base), Number(tick));
      if (header.hasUlps) {
        readStream(kernels, reader, PLANE_A, n, false);
        applyUlps(arena, n);
      }
      (out as Float64Array).set(arena.f64.subarray(OUT >> 3, (OUT >> 3) + n));
    }
    if (header.hasExceptions) readExceptions(reader, wordsOf(out as Float64Array | Float32Array), n);
    if (reader.at !== reader.length) throw chunkDamage('bytes left over', reader.at);
  }
}

function fillConstant(reader: ChunkReader, out: TypedArray): void {
  const size = out.BYTES_PER_ELEMENT;
  const bytes = bytesOf(out);
  bytes.set(reader.bytes(size));
  for (let filled = size; filled < bytes.length; filled *= 2)
    bytes.copyWithin(filled, 0, Math.min(filled, bytes.length - filled));
  if (reader.at !== reader.length) throw chunkDamage('bytes left over', reader.at);
}

/** Low bytes of the 64-bit integers in OUT. */
function copyIntegers(arena: Kernels['arena'], out: TypedArray): void {
  const n = out.length;
  const dtype = dtypeOf(out)!;
  if (itemSize(dtype) === 8) {
    new BigInt64Array(out.buffer, out.byteOffset, n).set(arena.i64.subarray(OUT >> 3, (OUT >> 3) + n));
    return;
  }
  const narrow = out as Int32Array;
  for (let i = 0; i < n; i++) narrow[i] = arena.i32[(OUT >> 2) + 2 * i];
}

/** Order-preserving integers of float32 bits; a column of both signs needs 33 bits, so it is wide. */
function copySingleBits(arena: Kernels['arena'], src: number, wide: boolean, out: Float32Array): void {
  const bits = new Int32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) {
    const ordered = wide ? arena.i32[(src >> 2) + 2 * i] : arena.i32[(src >> 2) + i];
    bits[i] = ordered < 0 ? ordered ^ 0x7fffffff : ordered;
  }
}
