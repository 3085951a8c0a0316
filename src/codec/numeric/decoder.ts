/** Decoder of numeric chunks: header, streams, prediction, elements. Works in the kernels' arena; allocates nothing per row. */
import { bytesOf, dtypeOf, itemSize, type TypedArray } from '../../dtype.js';
import { MAX_INPUT, MAX_ROWS, OUT, PLANE_A, stage } from '../../kernels/arena.js';
import { FORM_BITS, FORM_INTEGER, FORM_RATIO, FORM_SMOOTHED, type Kernels } from '../../kernels/kernels.js';
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

/** What the block's memo keeps of a column: its integers, and where its chunk goes on behind the residual streams. */
interface OpenColumn {
  readonly header: ChunkHeader;
  readonly claim: SlotClaim;
  readonly after: number;
  /** The doubles stand in OUT already. */
  readonly emitted: boolean;
}

export class NumericDecoder implements ChunkDecoder {
  readonly wireId = WIRE_ID.numeric;
  readonly name = 'numeric';
  readonly #kernels: () => Kernels;
  #slots: SlotPool | undefined;

  /** `kernels` is asked on the first decode, not before: nothing is compiled at import. */
  constructor(kernels: () => Kernels) {
    this.#kernels = kernels;
  }

  decode(block: BlockReader, column: number, out: TypedArray): void {
    if (block.rows > MAX_ROWS) throw chunkDamage(`a block of ${block.rows} rows`, 0);
    if (block.rows === 0) return;
    const reader = new ChunkReader(block.chunk(column).bytes);
    const kind = reader.byte();
    if (kind === CHUNK_CONSTANT) fillConstant(reader, out);
    else if (kind === CHUNK_RUNS) readRuns(reader, out);
    else if (kind === CHUNK_INTEGERS) this.#emit(block, column, out);
    else throw chunkDamage(`unknown kind ${kind}`, 0);
  }

  /** Decodes the integers of a column into a slot, its refs first. `doubles`: to OUT as well, where that takes no second pass. */
  #open(block: BlockReader, column: number, depth: number, doubles: boolean): OpenColumn {
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
    const slots = this.#pool();
    const a = refs > 0 ? this.#ref(block, chunk.refs[0], header, depth) : undefined;
    if (a !== undefined) slots.pin(a);
    let b: SlotClaim | undefined;
    try {
      b = refs > 1 ? this.#ref(block, chunk.refs[1], header, depth) : undefined;
      if (b !== undefined) slots.pin(b);
      const claim = slots.take(header.wide);
      stage(kernels.arena, chunk.bytes);
      // Nobody else asks for the integers of a column alone.
      const kept = block.schema.length > 1;
      const emitted = decodeResiduals(kernels, reader, header, block.rows, {
        dst: SlotPool.offset(claim),
        a: a === undefined ? 0 : SlotPool.offset(a),
        b: b === undefined ? 0 : SlotPool.offset(b),
        doubles,
        kept,
      });
      const open = { header, claim, after: reader.at, emitted };
      if (kept) block.memo.set(column, open);
      return open;
    } finally {
      if (a !== undefined) slots.unpin(a);
      if (b !== undefined) slots.unpin(b);
    }
  }

  #pool(): SlotPool {
    this.#slots ??= slotsOf(this.#kernels());
    return this.#slots;
  }

  #kept(block: BlockReader, column: number): OpenColumn | undefined {
    // A column alone is not kept, see #open.
    if (block.schema.length === 1) return undefined;
    const kept = block.memo.get(column) as OpenColumn | undefined;
    return kept !== undefined && this.#pool().holds(kept.claim) ? kept : undefined;
  }

  #ref(block: BlockReader, column: number, header: ChunkHeader, depth: number): SlotClaim {
    const { claim } = this.#kept(block, column) ?? this.#open(block, column, depth + 1, false);
    if (claim.wide !== header.wide) throw chunkDamage('a reference to integers of another width', 0);
    return claim;
  }

  #emit(block: BlockReader, column: number, out: TypedArray): void {
    const dtype = dtypeOf(out);
    const isFloat = dtype === 'float64' || dtype === 'float32';
    const kept = this.#kept(block, column);
    const { header, claim, after, emitted } = kept ?? this.#open(block, column, 0, isFloat);
    const { form, wide } = header;
    if (!isFloat && (form !== FORM_INTEGER || header.hasUlps || header.hasExceptions)) {
      throw chunkDamage(`form ${form} of an integer column`, 1);
    }
    if (form === FORM_BITS && dtype === 'float64' && !wide) throw chunkDamage('bits of a double in narrow integers', 1);
    const reader = new ChunkReader(block.chunk(column).bytes);
    reader.at = after;
    const isDone = kept === undefined && emitted;
    if (isFloat) this.#emitFloats(reader, header, claim, isDone, out as Float64Array | Float32Array);
    else {
      const kernels = this.#kernels();
      kernels.emitIntegers(SlotPool.offset(claim), out.length, wide, header.base, header.tick);
      copyIntegers(kernels.arena, out);
    }
    if (reader.at !== reader.length) throw chunkDamage('bytes left over', reader.at);
  }

  #emitFloats(
    reader: ChunkReader,
    header: ChunkHeader,
    claim: SlotClaim,
    isDone: boolean,
    out: Float64Array | Float32Array,
  ): void {
    const { form, wide, exponent, hasUlps, hasExceptions } = header;
    const kernels = this.#kernels();
    const { arena } = kernels;
    const n = out.length;
    const src = SlotPool.offset(claim);
    const base = Number(header.base);
    const tick = Number(header.tick);
    if (form === FORM_BITS && out.BYTES_PER_ELEMENT === 4) copySingleBits(arena, src, wide, out as Float32Array);
    else {
      if (hasUlps) {
        reader.restore(arena);
        readStream(kernels, reader, PLANE_A, n, false);
      } else if (form === FORM_SMOOTHED) arena.u32.fill(0, PLANE_A >> 2, (PLANE_A >> 2) + n);
      if (form === FORM_BITS) kernels.emitBits(src, n);
      else if (form === FORM_RATIO) kernels.emitRatios(src, n, wide, base, tick, header.divisor);
      else if (form === FORM_SMOOTHED) {
        kernels.emitSmoothed(src, n, wide, exponent, base, tick, header.alpha, header.seed);
      } else if (!isDone) kernels.emitDoubles(src, n, wide, form, exponent, base, tick);
      if (hasUlps && form !== FORM_SMOOTHED) applyUlps(arena, n);
      out.set(n === MAX_ROWS ? arena.out : arena.out.subarray(0, n));
    }
    if (hasExceptions) readExceptions(reader, wordsOf(out), n);
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
