/** The file of a packed segment: one frame with all columns. */
import path from 'node:path';
import { BLOCK_ROWS, type ColumnSchema } from '../codec/codec.js';
import type { CompressionOptions } from '../codec/compression-options.js';
import { PAGE_BLOCKS } from '../codec/frame-format.js';
import { FrameWriter } from '../codec/frame-writer.js';
import { itemSize, type TypedArray } from '../dtype.js';
import { appendBytes } from '../io/append.js';
import { createDirectories } from '../io/path-kind.js';
import { blockEnds } from './block-ends.js';
import { FRAME_CHECK_FROM_END, type Segment, type SegmentPage } from './catalogue-entry.js';
import type { FrameBundles } from './frame-bundle.js';
import type { SegmentFile } from './segment-file.js';

/** Writers fill blocks to half at least while there are more rows: what is shorter may be all there is. */
const SHORT_ROWS = BLOCK_ROWS / 2;

/** A first block that is short waits in memory. When no other follows, its frame may share a file. */
export class FrameFile implements SegmentFile {
  readonly #frame: FrameWriter;
  readonly #rowBytes: number;
  #pending: Uint8Array[] = [];
  #byteLength = 0;
  #blocks = 0;
  /** Timestamps at which the pages of the index begin. */
  readonly #pageTimes: number[] = [];
  readonly #timestampAt: number;
  #isOnDisk = false;
  readonly #file: string;
  readonly #schema: readonly ColumnSchema[];
  readonly #bundles: (() => FrameBundles | undefined) | undefined;

  /** `bundles` is where a short frame may go, as far as that is known when it is complete. */
  constructor(
    file: string,
    schema: readonly ColumnSchema[],
    compression: CompressionOptions,
    bundles: (() => FrameBundles | undefined) | undefined,
  ) {
    this.#file = file;
    this.#schema = schema;
    this.#bundles = bundles;

    this.#timestampAt = schema.findIndex(({ name }) => name === 'timestamp');
    this.#rowBytes = schema.reduce((sum, { dtype }) => sum + itemSize(dtype), 0);
    this.#frame = new FrameWriter(
      (bytes) => {
        this.#pending.push(bytes.slice());
        this.#byteLength += bytes.length;
      },
      { kind: 'table', columns: schema },
      compression,
    );
  }

  write(columns: readonly TypedArray[]): void {
    const times = columns[this.#timestampAt];
    const mayBeAll = this.#bundles !== undefined && this.#blocks === 0 && times.length < SHORT_ROWS;
    let from = 0;
    for (const to of blockEnds(times)) {
      if (this.#blocks % PAGE_BLOCKS === 0) this.#pageTimes.push(Number(times[from]));
      this.#frame.writeBlock(to - from === times.length ? columns : columns.map((column) => column.subarray(from, to)));
      this.#blocks += 1;
      from = to;
    }
    if (!mayBeAll) this.#flush();
  }

  get heldBytes(): number {
    return this.#isOnDisk ? 0 : this.#byteLength;
  }

  finish(): ReturnType<SegmentFile['finish']> {
    this.#frame.finish();
    const end = this.#pending[this.#pending.length - 1];
    // The frame ends with its footer, of which bytes 8 to 11 are the index checksum.
    const check = new DataView(end.buffer, end.byteOffset).getUint32(end.length - FRAME_CHECK_FROM_END, true);
    const { blocks, bytes } = this.#frame.size;
    const pages = this.#frame.pages.map(
      ({ offset, row, chunk, checksum }, k): SegmentPage => [offset, row, chunk, this.#pageTimes[k], checksum],
    );
    const binding: Pick<Segment, 'check' | 'index'> = { check, index: { bytes, blocks, pages } };
    const bundles = this.#isOnDisk ? undefined : this.#bundles?.();
    if (bundles !== undefined) return { ...bundles.add(this.#pending), ...binding };
    this.#flush();
    return binding;
  }

  /** As if nothing could be compressed, and with the block's share of the index. */
  room(rows: number, maxBytes: number): number {
    const index = (this.#blocks + 2) * (32 + this.#schema.length * 32);
    return Math.max(0, Math.min(rows, Math.floor((maxBytes - this.#byteLength - index) / this.#rowBytes)));
  }

  /** One append per block, not one per chunk. */
  #flush(): void {
    if (this.#pending.length === 0) return;
    if (!this.#isOnDisk) createDirectories(path.dirname(this.#file));
    this.#isOnDisk = true;
    appendBytes(this.#file, this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending));
    this.#pending = [];
  }
}
