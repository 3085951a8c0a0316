/**
 * Decoder of numeric chunks: header, streams, prediction, elements. Works in the kernels' arena; allocates nothing per
 * row.
 */
import { bytesOf, dtypeOf, itemSize, type TypedArray } from '../../dtype.js';
import { stage } from '../../kernels/arena.js';
import { kernels } from '../../kernels/index.js';
import { FORM_BITS, FORM_INTEGER, FORM_RATIO, FORM_SMOOTHED, type Kernels } from '../../kernels/kernels.js';
import { MAX_INPUT, MAX_ROWS, OUT, PLANE_A } from '../../kernels/offsets.js';
import type { BlockReader, ColumnCodec } from '../codec.js';
import { chunkDamage } from '../corrupt.js';
import { partOfBlock } from '../part-of-block.js';
import { decodeResiduals, readStream } from './bit-layouts.js';
import { ChunkReader } from './chunk-reader.js';
import { readExceptions, wordsOf } from './exceptions.js';
import { type ChunkHeader, readHeader, refCount } from './header.js';
import { isOneStream, type RowSpan, refSpan, spanFor } from './row-span.js';
import { readRuns } from './runs.js';
import { type SlotClaim, SlotPool, slotsOf } from './slots.js';
import { applyUlps } from './ulps.js';
import { CHUNK_CONSTANT, CHUNK_INTEGERS, CHUNK_RUNS, MAX_REF_DEPTH, NUMERIC_WIRE_ID } from './wire.js';

/**
 * What the block's memo caches of a column: integers of some rows, and where its chunk goes on behind the residual
 * streams.
 */
interface OpenColumn {
  readonly header: ChunkHeader;
  readonly claim: SlotClaim;
  readonly span: RowSpan;
  /** Known where all rows were decoded. */
  readonly after: number | undefined;
  /** The doubles stand in OUT already. */
  readonly emitted: boolean;
}

export class NumericDecoder implements ColumnCodec {
  readonly wireId = NUMERIC_WIRE_ID;
  readonly name = 'numeric';
  readonly #kernels: () => Kernels;
  #slots: SlotPool | undefined;

  /** `provide` is called on the first decode, not before: nothing is compiled at import. */
  constructor(provide: () => Kernels) {
    this.#kernels = provide;
  }

  fromLevel(): number {
    return 1;
  }

  decode(block: BlockReader, column: number, out: TypedArray): void {
    if (block.rows > MAX_ROWS) throw chunkDamage(`a block of ${block.rows} rows`, 0);
    if (block.rows === 0) return;
    const { bytes, refs } = block.chunk(column);
    const reader = new ChunkReader(bytes);
    const kind = reader.byte();
    if (kind !== CHUNK_INTEGERS && refs.length > 0) throw chunkDamage('refs of a chunk that predicts nothing', 0);
    if (kind === CHUNK_CONSTANT) fillConstant(reader, out);
    else if (kind === CHUNK_RUNS) readRuns(reader, out);
    else if (kind === CHUNK_INTEGERS) this.#emit(block, column, { from: 0, to: block.rows }, out);
    else throw chunkDamage(`unknown kind ${kind}`, 0);
  }

  decodeRows(block: BlockReader, column: number, from: number, out: TypedArray): void {
    const kind = block.chunk(column).bytes[0];
    if (kind === CHUNK_INTEGERS && block.rows <= MAX_ROWS) {
      this.#emit(block, column, { from, to: from + out.length }, out);
    } else partOfBlock(block.rows, from, out, (whole) => this.decode(block, column, whole));
  }

  /**
   * Decodes integers of a column into a slot, its refs first. `doubles`: to OUT as well, where that takes no second
   * pass.
   */
  #open(block: BlockReader, column: number, wanted: RowSpan, depth: number, doubles: boolean): OpenColumn {
    if (depth > MAX_REF_DEPTH) throw chunkDamage('a chain of references that is too long', 0);
    const chunk = block.chunk(column);
    if (chunk.wireId !== NUMERIC_WIRE_ID) throw chunkDamage(`a reference to a chunk of codec ${chunk.wireId}`, 0);
    const reader = new ChunkReader(chunk.bytes);
    if (reader.byte() !== CHUNK_INTEGERS) throw chunkDamage('a reference to a column without integers', 0);
    if (chunk.bytes.length > MAX_INPUT) throw chunkDamage(`${chunk.bytes.length} bytes`, 0);
    const header = readHeader(reader);
    const refs = refCount(header.start.kind);
    if (chunk.refs.length !== refs) throw chunkDamage(`${chunk.refs.length} references instead of ${refs}`, reader.at);
    // A second request for rows of a block usually means all of them in turn: then the whole, once.
    const all = { from: 0, to: block.rows };
    const span = block.memo.has(column) ? all : spanFor(header, chunk.bytes[reader.at], wanted, block.rows);
    const needed = refSpan(header.start.kind, span);
    const kernels = this.#kernels();
    const slots = this.#pool();
    const a = refs > 0 ? this.#ref(block, chunk.refs[0], needed, header, depth) : undefined;
    if (a !== undefined) slots.pin(a);
    let b: SlotClaim | undefined;
    try {
      b = refs > 1 ? this.#ref(block, chunk.refs[1], needed, header, depth) : undefined;
      if (b !== undefined) slots.pin(b);
      const claim = slots.take(header.wide);
      stage(kernels.arena, chunk.bytes);
      // Nobody else asks for the integers of a column alone.
      const kept = block.schema.length > 1;
      const emitted = decodeResiduals(kernels, reader, header, block.rows, span, {
        dst: SlotPool.offset(claim),
        a: a === undefined ? 0 : SlotPool.offset(a),
        b: b === undefined ? 0 : SlotPool.offset(b),
        doubles,
        kept,
      });
      const isWhole = span.from === 0 && span.to === block.rows;
      const open = { header, claim, span, after: isWhole ? reader.at : undefined, emitted };
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

  #kept(block: BlockReader, column: number, wanted: RowSpan): OpenColumn | undefined {
    // A column alone is not cached, see #open.
    if (block.schema.length === 1) return undefined;
    const kept = block.memo.get(column) as OpenColumn | undefined;
    if (kept === undefined || !this.#pool().holds(kept.claim)) return undefined;
    return kept.span.from <= wanted.from && wanted.to <= kept.span.to ? kept : undefined;
  }

  #ref(block: BlockReader, column: number, wanted: RowSpan, header: ChunkHeader, depth: number): SlotClaim {
    const { claim } = this.#kept(block, column, wanted) ?? this.#open(block, column, wanted, depth + 1, false);
    if (claim.wide !== header.wide) throw chunkDamage('a reference to integers of another width', 0);
    return claim;
  }

  /** Elements of the `wanted` rows, which are as many as `out` holds. */
  #emit(block: BlockReader, column: number, wanted: RowSpan, out: TypedArray): void {
    const dtype = dtypeOf(out);
    const isFloat = dtype === 'float64' || dtype === 'float32';
    const kept = this.#kept(block, column, wanted);
    const open = kept ?? this.#open(block, column, wanted, 0, isFloat);
    const { form, wide, hasUlps, hasExceptions } = open.header;
    if (!isFloat && (form !== FORM_INTEGER || hasUlps || hasExceptions)) {
      throw chunkDamage(`form ${form} of an integer column`, 1);
    }
    if (form === FORM_BITS && dtype === 'float64' && !wide) throw chunkDamage('bits of a double in narrow integers', 1);
    if (hasUlps && dtype === 'float32') throw chunkDamage('ulp corrections of a float32 column', 1);
    const { bytes } = block.chunk(column);
    const isDone = kept === undefined && open.emitted;
    if (isOneStream(open.header)) this.#write(bytes, open, wanted, isDone, out);
    else if (out.length === block.rows) this.#write(bytes, open, open.span, isDone, out);
    else partOfBlock(block.rows, wanted.from, out, (whole) => this.#write(bytes, open, open.span, isDone, whole));
  }

  /** The rows `span` of an open column to `out`. `isDone`: their doubles stand in OUT. */
  #write(
    bytes: Uint8Array,
    { header, claim, after }: OpenColumn,
    span: RowSpan,
    isDone: boolean,
    out: TypedArray,
  ): void {
    const kernels = this.#kernels();
    const src = SlotPool.offset(claim) + span.from * (header.wide ? 8 : 4);
    const reader = new ChunkReader(bytes);
    // Of a part, the end of its stream is unknown; behind it there is nothing that concerns rows.
    reader.at = after ?? reader.length;
    if (isDone && isOneStream(header)) (out as Float64Array | Float32Array).set(outRows(kernels, span));
    else if (dtypeOf(out) === 'float64' || dtypeOf(out) === 'float32') {
      this.#emitFloats(reader, header, src, isDone, out as Float64Array | Float32Array);
    } else {
      kernels.emitIntegers(src, out.length, header.wide, header.base, header.tick);
      copyIntegers(kernels.arena, out);
    }
    if (reader.at !== reader.length) throw chunkDamage('bytes left over', reader.at);
  }

  #emitFloats(
    reader: ChunkReader,
    header: ChunkHeader,
    src: number,
    isDone: boolean,
    out: Float64Array | Float32Array,
  ): void {
    const { form, wide, exponent, hasUlps, hasExceptions } = header;
    const kernels = this.#kernels();
    const { arena } = kernels;
    const n = out.length;
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
      out.set(outRows(kernels, { from: 0, to: n }));
    }
    if (hasExceptions) readExceptions(reader, wordsOf(out), n);
  }
}

/** Integers and what is left of them after prediction; its joint encoder is `encoder.ts`. */
export const NUMERIC: ColumnCodec = new NumericDecoder(kernels);

/** Rows of OUT; no new view where it is all of them. */
function outRows({ arena }: Kernels, { from, to }: RowSpan): Float64Array {
  return to - from === MAX_ROWS ? arena.out : arena.out.subarray(from, to);
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
