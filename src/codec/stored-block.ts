import type { TypedArray } from '../dtype.js';
import type { ChunkRoom } from './chunk-room.js';
import type { BlockReader, Chunk, ColumnSchema } from './codec.js';
import { chunkDamage } from './corrupt.js';
import type { BlockEntries } from './frame-index.js';
import type { FrameSource } from './frame-source.js';
import { withRefs } from './refs.js';
import { decodeChunk } from './registry.js';

/** What a block needs of the frame around it. */
export interface ChunkFrame {
  readonly source: Pick<FrameSource, 'path'>;
  readonly index: Pick<BlockEntries, 'refs' | 'offsets'>;
  readonly columns: readonly ColumnSchema[];
  rowsOf(block: number): number;
  /** Reads and checks one chunk. */
  chunk(block: number, column: number, room: ChunkRoom): Chunk;
}

/** One block while columns are decoded from it: chunks are read once, and a decoder sees its own and its refs only. */
export class StoredBlock implements BlockReader {
  readonly schema: readonly ColumnSchema[];
  readonly rows: number;
  readonly block: number;
  /** Where its chunks are; the next block's when this one is dropped. */
  readonly room: ChunkRoom;
  readonly #frame: ChunkFrame;
  readonly #chunks: Array<Chunk | undefined> = [];
  #allowed: readonly number[] = [];
  #memo: Map<number, unknown> | undefined;

  constructor(frame: ChunkFrame, block: number, room: ChunkRoom) {
    this.#frame = frame;
    this.block = block;
    this.room = room;
    this.schema = frame.columns;
    this.rows = frame.rowsOf(block);
  }

  get memo(): Map<number, unknown> {
    this.#memo ??= new Map();
    return this.#memo;
  }

  chunk(column: number): Chunk {
    const chunk = this.#allowed.includes(column) ? this.#chunks[column] : undefined;
    if (chunk === undefined) throw chunkDamage(`it needs column ${column}, which is not among its refs`, 0);
    return chunk;
  }

  /** Rows from `from` on, as many as `out` holds. */
  decode(column: number, from: number, out: TypedArray): void {
    const { index, source } = this.#frame;
    const first = this.block * this.schema.length;
    this.#allowed = withRefs(index.refs, first, column);
    for (const needed of this.#allowed) this.#chunks[needed] ??= this.#frame.chunk(this.block, needed, this.room);
    decodeChunk(this, column, from, out, { offset: index.offsets[first + column], path: source.path });
  }
}
