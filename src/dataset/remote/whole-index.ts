/** The index of a frame on a server, read whole: for segments of which the catalogue knows no pages. */
import { ByteReader } from '../../codec/byte-stream.js';
import type { ColumnSchema } from '../../codec/codec.js';
import { FOOTER_BYTES } from '../../codec/frame-format.js';
import { encodeHeader } from '../../codec/frame-header-writer.js';
import { type BlockEntries, readIndex } from '../../codec/frame-index.js';
import { AtcError } from '../../errors.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import { FRAME_CHECK_FROM_END, type Segment } from '../catalogue.js';

/** Bytes that the index of a frame is expected to take, per block and per chunk. */
const ENTRY_BYTES = { block: 20, chunk: 10 } as const;
const EXPECTED_BLOCK_ROWS = 8192;

/** CORRUPT for a frame that is damaged, or not the one that the catalogue names. */
export async function readWholeIndex(
  file: RemoteFile,
  schema: readonly ColumnSchema[],
  segment: Pick<Segment, 'offset' | 'byteLength' | 'start' | 'rows' | 'check'>,
): Promise<BlockEntries> {
  // In a file of many frames this one begins at `base`.
  const { offset: base = 0, byteLength: part, start = 0, rows, check } = segment;
  const columns = schema.length;
  const blocks = Math.ceil((start + rows) / EXPECTED_BLOCK_ROWS) + 1;
  const expected = FOOTER_BYTES + 32 + blocks * (ENTRY_BYTES.block + ENTRY_BYTES.chunk * columns);
  const path = file.location.shown;
  let end =
    part === undefined
      ? await file.readEnd(expected)
      : { bytes: await file.read(base + Math.max(0, part - expected), base + part), byteLength: part };
  const byteLength = end.byteLength ?? end.bytes.length;
  const footer = new ByteReader(
    end.bytes,
    byteLength - end.bytes.length,
    path,
    Math.max(0, end.bytes.length - FOOTER_BYTES),
  );
  const indexBytes = end.bytes.length < FOOTER_BYTES ? 0 : footer.u32() + FOOTER_BYTES;
  if (indexBytes > end.bytes.length && indexBytes <= byteLength) {
    const missing = await file.read(base + byteLength - indexBytes, base + byteLength - end.bytes.length);
    end = { bytes: joined(missing, end.bytes), byteLength };
  }
  const offset = byteLength - end.bytes.length;
  const source = {
    path,
    byteLength,
    // What lies before is not there: an index that claims to be longer is refused by its reader.
    read: (at: number, length: number) =>
      end.bytes.subarray(Math.max(0, at - offset), Math.max(0, at - offset + length)),
  };
  const table = { kind: 'table', columns: schema } as const;
  const header = encodeHeader(table);
  const index = readIndex(source, table, header.length);
  const checksum = new DataView(end.bytes.buffer, end.bytes.byteOffset).getUint32(
    end.bytes.length - FRAME_CHECK_FROM_END,
    true,
  );
  if (check !== undefined && checksum !== check) throw another(file, 'its checksum is another one');
  // Version 1 of the catalogue binds nothing: then the header says which columns they are.
  if (check === undefined && !sameBytes(await file.read(base, base + header.length), header)) {
    throw another(file, 'it has other columns');
  }
  if (index.rows < start + rows) throw another(file, `it has ${index.rows} rows`);
  return locatedAt(base, index);
}

/** Entries of a frame that begins at `base` of its file: its chunks are where they are in the file. */
export function locatedAt(base: number, entries: BlockEntries): BlockEntries {
  return base === 0 ? entries : { ...entries, offsets: entries.offsets.map((at) => base + at) };
}

function another(file: RemoteFile, what: string): AtcError {
  const path = file.location.shown;
  const text = `${path} is not the file that the catalogue names: ${what}`;
  return new AtcError('CORRUPT', `${text}; publish the dataset again, or open it again`, { path });
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}
