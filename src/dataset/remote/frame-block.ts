/** One block of a frame on a server: where its chunks are, and how they are decoded. */
import { ChunkRoom } from '../../codec/chunk-room.js';
import type { ColumnSchema } from '../../codec/codec.js';
import type { BlockEntries } from '../../codec/frame-index.js';
import { withRefs } from '../../codec/refs.js';
import { StoredBlock } from '../../codec/stored-block.js';
import type { TypedArray } from '../../dtype.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import type { ChunkAddress } from './chunk-store.js';
import type { LocatedBlock } from './segment.js';

export class FrameBlock implements LocatedBlock {
  #stored: StoredBlock | undefined;
  #bytesOf: ((address: ChunkAddress) => Uint8Array) | undefined;
  readonly #file: RemoteFile;
  readonly #schema: readonly ColumnSchema[];
  readonly #entries: BlockEntries;
  readonly #block: number;
  readonly #start: number;

  constructor(
    file: RemoteFile,
    schema: readonly ColumnSchema[],
    entries: BlockEntries,
    block: number,
    start: number,
    readonly from: number,
    readonly to: number,
  ) {
    this.#file = file;
    this.#schema = schema;
    this.#entries = entries;
    this.#block = block;
    this.#start = start;
  }

  chunksOf(columns: readonly number[]): ChunkAddress[] {
    const first = this.#block * this.#schema.length;
    const needed = new Set(columns.flatMap((column) => [...withRefs(this.#entries.refs, first, column)]));
    return [...needed].map((column) => this.#address(column));
  }

  decode(column: number, from: number, out: TypedArray, bytesOf: (address: ChunkAddress) => Uint8Array): void {
    this.#bytesOf = bytesOf;
    this.#stored ??= this.#open();
    this.#stored.decode(column, this.#start + from - this.#entries.firstRow[this.#block], out);
  }

  #open(): StoredBlock {
    const { firstRow, wireIds, refs } = this.#entries;
    const columns = this.#schema.length;
    const frame = {
      source: { path: this.#file.location.shown },
      index: this.#entries,
      columns: this.#schema,
      rowsOf: (block: number) => firstRow[block + 1] - firstRow[block],
      chunk: (block: number, column: number) => {
        const at = block * columns + column;
        return { wireId: wireIds[at], refs: refs[at], bytes: this.#bytesOf!(this.#address(column)) };
      },
    };
    return new StoredBlock(frame, this.#block, new ChunkRoom());
  }

  #address(column: number): ChunkAddress {
    const { offsets, lengths, checksums } = this.#entries;
    const at = this.#block * this.#schema.length + column;
    const { name } = this.#schema[column];
    return {
      file: this.#file,
      offset: offsets[at],
      length: lengths[at],
      checksum: checksums[at],
      what: `the chunk of column "${name}", block ${this.#block},`,
      column: name,
    };
  }
}
