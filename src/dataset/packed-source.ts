/** Rows of one segment in a frame; blocks are decoded as they are asked for. */
import { BLOCK_ROWS, type ColumnSchema } from '../codec/codec.js';
import { FrameReader } from '../codec/frame-reader.js';
import type { FrameSource } from '../codec/frame-source.js';
import { createArray, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import { FRAME_CHECK_FROM_END, type Segment } from './catalogue-entry.js';
import { frameIn, locatedFrom } from './frame-window.js';
import type { SegmentSource } from './segment-source.js';

/** What a frame is read from. */
export interface ClosableSource extends FrameSource {
  /** Lets go of the pages that were read through a map. */
  rest(): void;
  close(): void;
}

export class PackedSource implements SegmentSource {
  readonly rows: number;
  /** What is handed out are copies: nothing keeps the file open. */
  readonly pinned = false;
  readonly #start: number;
  readonly #check: number | undefined;
  #source: ClosableSource | undefined;
  #frame: FrameReader | undefined;
  readonly #file: string;
  readonly #open: () => ClosableSource;
  readonly #segment: Segment;
  readonly #schema: readonly ColumnSchema[];

  /** `open` opens the file, which may hold more than the frame of this segment. */
  constructor(file: string, schema: readonly ColumnSchema[], segment: Segment, open: () => ClosableSource) {
    this.#file = file;
    this.#segment = segment;
    this.#schema = schema;
    this.#open = open;

    this.rows = segment.rows;
    this.#start = segment.start ?? 0;
    this.#check = segment.check;
  }

  view(column: number, from: number, to: number): TypedArray {
    const values = createArray(this.#schema[column].dtype, to - from);
    const frame = this.#reader();
    this.#located(() => frame.decodeRows([column], this.#start + from, this.#start + to, [values]));
    return values;
  }

  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void {
    if (targets.length === 0) return;
    const first = this.#start + from;
    const frame = this.#reader();
    this.#located(() => frame.decodeRows(columns, first, first + targets[0].length, targets));
  }

  blockEnd(row: number): number {
    const frame = this.#reader();
    const most = this.#start + row + BLOCK_ROWS;
    // Short blocks are read together.
    let next = frame.blockOf(this.#start + row) + 1;
    while (next < frame.blocks && frame.firstRow(next + 1) <= most) next += 1;
    return Math.min(frame.firstRow(next) - this.#start, this.rows);
  }

  lowerBound(ms: number): number {
    return Math.min(Math.max(this.#located(() => this.#reader().rowAt(ms)) - this.#start, 0), this.rows);
  }

  rest(): void {
    this.#frame?.rest();
    this.#source?.rest();
  }

  release(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#frame = undefined;
  }

  #located<T>(run: () => T): T {
    return locatedFrom(this.#segment.offset ?? 0, run);
  }

  #reader(): FrameReader {
    if (this.#frame !== undefined) return this.#frame;
    const source = frameIn(this.#open(), this.#segment);
    try {
      const frame = this.#located(() => new FrameReader(source));
      const describe = (columns: readonly ColumnSchema[]) =>
        columns.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
      const needed = this.#start + this.rows;
      if (frame.kind !== 'table' || frame.rows < needed || describe(frame.columns) !== describe(this.#schema)) {
        const has = `${frame.rows} rows of ${describe(frame.columns)}`;
        const wants = `rows up to ${needed} of ${describe(this.#schema)}`;
        throw new AtcError(
          'CORRUPT',
          `${this.#file} holds ${has}, the catalogue wants ${wants}; import the dataset again`,
          { path: this.#file },
        );
      }
      if (this.#check !== undefined && indexChecksum(source) !== this.#check) {
        const text = `${this.#file} is not the file that the catalogue names: its checksum is another one`;
        throw new AtcError('CORRUPT', `${text}; restore it, or import the dataset again`, { path: this.#file });
      }
      this.#source = source;
      return (this.#frame = frame);
    } catch (error) {
      source.close();
      throw error;
    }
  }
}

/** Of the frame's footer; it stands for the index, and that for every chunk. */
function indexChecksum(source: FrameSource): number {
  const bytes = source.read(source.byteLength - FRAME_CHECK_FROM_END, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** Pages that reading brings in through a map stay in memory until they are let go: after so many bytes they are. */
const RESIDENT_BYTES = 4 << 20;

/** With a backend the compressed bytes come through a map, else they are read. */
export function openSource(file: string, backend: MappingBackendChoice | undefined): ClosableSource {
  if (backend === undefined) return { ...openFileReader(file), rest() {} };
  const mapped = openMapped(file, 'r', backend);
  let resident = 0;
  const rest = () => {
    if (resident > 0) mapped.release(0, mapped.byteLength);
    resident = 0;
  };
  return {
    path: file,
    byteLength: mapped.byteLength,
    read(offset, length) {
      if (resident > RESIDENT_BYTES) rest();
      resident += length;
      // A copy: the reader keeps chunks, and a file that a stranger truncates meanwhile would take the process with it
      // (SIGBUS).
      const bytes = new Uint8Array(length);
      mapped.copyInto(offset, bytes);
      return bytes;
    },
    readInto(offset, target) {
      if (resident > RESIDENT_BYTES) rest();
      resident += target.length;
      mapped.copyInto(offset, target);
    },
    rest,
    close: () => mapped.close(),
  };
}
