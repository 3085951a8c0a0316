/** A segment in .npy files on a server, one per column: the blocks that are asked for, each checked by `blocks.crc`. */
import { decodeNpyHeader } from '../../array/npy-header.js';
import { encodeNpyHeader } from '../../array/npy-header-writer.js';
import type { ColumnSchema } from '../../codec/codec.js';
import { bytesOf, createArray, type Dtype, itemSize, type TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import { BlockChecks, CHECKS_FILE } from '../block-checks.js';
import type { Segment } from '../catalogue.js';
import { columnFileName } from '../column-files.js';
import { Once } from './abortable.js';
import type { ChunkAddress } from './chunk-store.js';
import type { LoadChunks, LocatedBlock, RemoteSegment } from './segment.js';

/** A column's file: where its elements begin, and how many there are, those outside the segment included. */
interface OpenColumn {
  readonly file: RemoteFile;
  readonly dataOffset: number;
  readonly elements: number;
}

export class ColumnSegment implements RemoteSegment {
  readonly #schema: readonly ColumnSchema[];
  readonly #segment: Omit<Segment, 'crc32c'>;
  readonly #checks: Once<BlockChecks>;
  readonly #columns: readonly Once<OpenColumn>[];

  /** `fileOf` opens a file of the segment by its name. */
  constructor(fileOf: (name: string) => RemoteFile, schema: readonly ColumnSchema[], segment: Omit<Segment, 'crc32c'>) {
    this.#schema = schema;
    this.#segment = segment;
    this.#checks = new Once(() => this.#readChecks(fileOf(CHECKS_FILE)));
    this.#columns = schema.map(
      ({ name, dtype }, k) => new Once(() => this.#openColumn(fileOf(columnFileName(k, name)), dtype)),
    );
  }

  async blocksOfRows(
    columns: readonly number[],
    from: number,
    to: number,
    _: LoadChunks,
    signal?: AbortSignal,
  ): Promise<LocatedBlock[]> {
    if (from >= to) return [];
    const checks = await this.#checks.get(signal);
    const open = new Map<number, OpenColumn>();
    await Promise.all(columns.map(async (column) => open.set(column, await this.#columns[column].get(signal))));
    const { start = 0, rows } = this.#segment;
    const { blockRows } = checks;
    const blocks: LocatedBlock[] = [];
    for (let block = Math.floor((start + from) / blockRows); block * blockRows < start + to; block += 1) {
      const first = Math.max(0, block * blockRows - start);
      const end = Math.min(rows, (block + 1) * blockRows - start);
      blocks.push(new ColumnBlock(this.#schema, open, checks, block, start, first, end));
    }
    return blocks;
  }

  /** Bisects the blocks by their last timestamps: a block of the timestamps is loaded for every step. */
  async blocksOfTimes(
    columns: readonly number[],
    fromMs: number,
    toMs: number,
    load: LoadChunks,
    signal?: AbortSignal,
  ): Promise<LocatedBlock[]> {
    const column = this.#schema.findIndex(({ name }) => name === 'timestamp');
    const all = await this.blocksOfRows([...columns, column], 0, this.#segment.rows, load, signal);
    const lastOf = async (block: LocatedBlock) => {
      const value = createArray(this.#schema[column].dtype, 1);
      block.decode(column, block.to - 1, value, await load(block.chunksOf([column])));
      return Number(value[0]);
    };
    const find = async (ms: number) => {
      let [low, high] = [0, all.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((await lastOf(all[middle])) >= ms) high = middle;
        else low = middle + 1;
      }
      return low;
    };
    return all.slice(await find(fromMs), (await find(toMs)) + 1);
  }

  async #readChecks(file: RemoteFile): Promise<BlockChecks> {
    const { check, path } = this.#segment;
    if (check === undefined) {
      const what = `the mapped segment ${path} was written by release 1.0 and has no checksums of its blocks`;
      throw new AtcError(
        'UNSUPPORTED',
        `${what}; import the dataset again (packed needs fewer bytes) to read it remotely`,
      );
    }
    return new BlockChecks(await file.readAll(), this.#schema.length, check, file.location.shown);
  }

  async #openColumn(file: RemoteFile, dtype: Dtype): Promise<OpenColumn> {
    const { start = 0, rows } = this.#segment;
    // Our headers have one length, however many rows they count.
    const { bytes, byteLength } = await file.readStart(encodeNpyHeader({ dtype, shape: [start + rows] }).length);
    const path = file.location.shown;
    const found = decodeNpyHeader(bytes, path);
    const [elements = 0] = found.shape;
    const whole = found.dataOffset + elements * itemSize(dtype);
    const isWhole = found.shape.length === 1 && (byteLength === undefined || byteLength === whole);
    if (found.dtype !== dtype || !isWhole || elements < start + rows) {
      const has = `${found.dtype} [${found.shape.join(', ')}] in ${byteLength} bytes`;
      const text = `${path} holds ${has}, the catalogue wants ${dtype} rows up to ${start + rows}`;
      throw new AtcError('CORRUPT', `${text}; publish the dataset again`, { path });
    }
    return { file, dataOffset: found.dataOffset, elements };
  }
}

class ColumnBlock implements LocatedBlock {
  readonly #schema: readonly ColumnSchema[];
  readonly #columns: ReadonlyMap<number, OpenColumn>;
  readonly #checks: BlockChecks;
  readonly #block: number;
  readonly #start: number;

  constructor(
    schema: readonly ColumnSchema[],
    columns: ReadonlyMap<number, OpenColumn>,
    checks: BlockChecks,
    block: number,
    start: number,
    readonly from: number,
    readonly to: number,
  ) {
    this.#schema = schema;
    this.#columns = columns;
    this.#checks = checks;
    this.#block = block;
    this.#start = start;
  }

  chunksOf(columns: readonly number[]): ChunkAddress[] {
    return columns.map((column) => this.#address(column));
  }

  decode(column: number, from: number, out: TypedArray, bytesOfChunk: (address: ChunkAddress) => Uint8Array): void {
    const size = out.BYTES_PER_ELEMENT;
    const first = (this.#start + from - this.#block * this.#checks.blockRows) * size;
    bytesOf(out).set(bytesOfChunk(this.#address(column)).subarray(first, first + out.length * size));
  }

  #address(column: number): ChunkAddress {
    const { name, dtype } = this.#schema[column];
    const { file, dataOffset, elements } = this.#columns.get(column)!;
    const first = this.#block * this.#checks.blockRows;
    const rows = Math.min(this.#checks.blockRows, elements - first);
    const checksum = this.#checks.checksumOf(column, this.#block);
    const what = `rows ${first} to ${first + rows} of column "${name}"`;
    if (checksum === undefined) {
      const path = file.location.shown;
      throw new AtcError('CORRUPT', `${what} of ${path} have no checksum; publish the dataset again`, { path });
    }
    const size = itemSize(dtype);
    return { file, offset: dataOffset + first * size, length: rows * size, checksum, what, column: name };
  }
}
