/** Frames field by field, with right checksums whatever they claim: what only a reader that looks refuses. */
import { ByteWriter } from '../../src/codec/byte-stream.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { FORMAT_VERSION, MAGIC } from '../../src/codec/frame-format.js';
import { writeFooter } from '../../src/codec/frame-index.js';
import { bytesOf, type Dtype, dtypeWireId, type TypedArray } from '../../src/dtype.js';

/** Of the codec that stores bytes as they are. */
const STORED = 0;

export interface ForgedBlock {
  readonly columns: readonly TypedArray[];
  /** What the index says, where that is not what is there. */
  readonly rows?: number;
  readonly times?: readonly [min: number, max: number];
  readonly lengths?: readonly number[];
  readonly refs?: readonly (readonly number[])[];
}

export interface ForgedFrame {
  /** The names of a table; an array has none. */
  readonly names?: readonly (string | Uint8Array)[];
  readonly dtypes: readonly Dtype[];
  readonly blocks: readonly ForgedBlock[];
  readonly shape?: readonly number[];
  readonly rows?: number;
  readonly ascending?: number;
  /** Added to the offset that the index claims to lie at. */
  readonly shift?: number;
  readonly version?: number;
  readonly kind?: number;
  readonly wireId?: number;
  /** Bytes behind the last field of header and index. */
  readonly headerTail?: number;
  readonly indexTail?: number;
}

/** Bytes of the header and where the index begins, too: errors name offsets. */
export function forgeFrame(frame: ForgedFrame): { bytes: Uint8Array; headerLength: number; indexOffset: number } {
  const out = new ByteWriter();
  out.bytes(headerOf(frame));
  const headerLength = out.length;
  for (const { columns } of frame.blocks) for (const column of columns) out.bytes(bytesOf(column));
  const indexOffset = out.length;
  const contentChecksum = crc32c(out.view());
  const index = indexOf(frame, indexOffset);
  writeFooter(index, contentChecksum);
  out.bytes(index.view());
  return { bytes: out.toBytes(), headerLength, indexOffset };
}

export function headerOf({ names, dtypes, version, kind, wireId, headerTail = 0 }: ForgedFrame): Uint8Array {
  const body = new ByteWriter();
  body.u8(kind ?? (names === undefined ? 0 : 1));
  if (names !== undefined) body.varint(dtypes.length);
  dtypes.forEach((dtype, k) => {
    body.u8(wireId ?? dtypeWireId(dtype));
    if (names === undefined) return;
    const name = names[k];
    const utf8 = typeof name === 'string' ? new TextEncoder().encode(name) : name;
    body.varint(utf8.length);
    body.bytes(utf8);
  });
  body.bytes(new Uint8Array(headerTail));
  const header = new ByteWriter();
  header.bytes(MAGIC);
  header.u8(version ?? FORMAT_VERSION);
  header.varint(body.length);
  header.bytes(body.view());
  header.u32(crc32c(header.view()));
  return header.toBytes();
}

function indexOf(frame: ForgedFrame, indexOffset: number): ByteWriter {
  const { names, dtypes, blocks, shape, ascending, shift = 0, indexTail = 0 } = frame;
  const index = new ByteWriter();
  const rows = blocks.reduce((sum, { columns }) => sum + columns[0].length, 0);
  index.varint(indexOffset + shift);
  index.varint(frame.rows ?? rows);
  if (names === undefined) {
    const sides = shape ?? [frame.rows ?? rows];
    index.varint(sides.length);
    for (const side of sides) index.varint(side);
  }
  const time = names?.indexOf('timestamp') ?? -1;
  if (time >= 0) index.varint(ascending ?? 1);
  index.varint(blocks.length);
  for (const block of blocks) {
    index.varint(block.rows ?? block.columns[0].length);
    if (time >= 0) {
      const values = [...block.columns[time]].map(Number);
      const times = block.times ?? [Math.min(...values), Math.max(...values)];
      for (const value of times) index.bytes(bytesOf(Float64Array.of(value)));
    }
    dtypes.forEach((_, k) => {
      const bytes = bytesOf(block.columns[k]);
      index.varint(block.lengths?.[k] ?? bytes.length);
      index.varint(STORED);
      const refs = block.refs?.[k] ?? [];
      index.varint(refs.length);
      for (const ref of refs) index.varint(ref);
      index.u32(crc32c(bytes));
    });
  }
  index.bytes(new Uint8Array(indexTail));
  return index;
}
