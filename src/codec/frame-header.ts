/** The header: what a frame holds. Magic, version, length of the rest, kind and columns, CRC-32C of all that. */
import { dtypeOfWireId } from '../dtype.js';
import { AtcError } from '../errors.js';
import { ByteReader } from './byte-stream.js';
import type { ColumnSchema } from './codec.js';
import { corrupt } from './corrupt.js';
import { crc32cOfStart } from './crc32c.js';
import { CRC_BYTES, FORMAT_VERSION, isFrame, LIMITS, MAGIC, readExactly, requireLittleEndian } from './frame-format.js';
import type { FrameSource } from './frame-source.js';

export type FrameKind = 'array' | 'table';

/** `columns` of an array is one column without a name. */
export interface FrameSchema {
  readonly kind: FrameKind;
  readonly columns: readonly ColumnSchema[];
}

export const KIND_WIRE_ID: Readonly<Record<FrameKind, number>> = { array: 0, table: 1 };
/** Headers are small: one read of this size nearly always holds them whole. */
const FIRST_READ_BYTES = 512;
/** Magic, version and the longest varint of a legal header length. */
export const PREFIX_BYTES = MAGIC.length + 1 + 3;

/** Reads and checks the header. `byteLength` is where the chunks begin. */
export function readHeader(source: FrameSource): { schema: FrameSchema; byteLength: number } {
  requireLittleEndian();
  const { path } = source;
  let bytes = readExactly(source, 0, Math.min(source.byteLength, FIRST_READ_BYTES));
  if (!isFrame(bytes)) throw corrupt('not an atc-memory frame, or its first bytes are damaged', 0, path);
  const prefix = new ByteReader(bytes, 0, path, MAGIC.length);
  const version = prefix.u8();
  const bodyLength = prefix.varint(LIMITS.headerBytes, 'header length');
  const byteLength = prefix.offset + bodyLength + CRC_BYTES;
  if (byteLength > source.byteLength) {
    throw corrupt(`header of ${byteLength} bytes in a frame of ${source.byteLength}`, MAGIC.length + 1, path);
  }
  if (byteLength > bytes.length) bytes = readExactly(source, 0, byteLength);
  const checked = byteLength - CRC_BYTES;
  if (new ByteReader(bytes, 0, path, checked).u32() !== crc32cOfStart(bytes, checked)) {
    throw corrupt('header does not match its checksum', 0, path);
  }
  // Only now: a damaged version byte is damage, not a newer version.
  if (version !== FORMAT_VERSION) throw newer(`frame format version ${version}`, MAGIC.length, path);
  const body = new ByteReader(bytes, 0, path, prefix.offset, checked);
  const schema = decodeSchema(body, path);
  if (body.remaining > 0) throw corrupt(`${body.remaining} bytes too many in the header`, body.offset, path);
  return { schema, byteLength };
}

function decodeSchema(body: ByteReader, path: string | undefined): FrameSchema {
  const kindOffset = body.offset;
  const kind = body.u8();
  if (kind === KIND_WIRE_ID.array) return { kind: 'array', columns: [{ name: '', dtype: readDtype(body, path) }] };
  if (kind !== KIND_WIRE_ID.table) throw newer(`frame kind ${kind}`, kindOffset, path);
  const count = body.varint(LIMITS.columns, 'column count');
  const columns: ColumnSchema[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const dtype = readDtype(body, path);
    const nameOffset = body.offset;
    const name = decodeName(body.bytes(body.varint(LIMITS.nameBytes, 'length of a column name')), nameOffset, path);
    if (name === '' || seen.has(name)) throw corrupt(`column name "${name}" is empty or used twice`, nameOffset, path);
    seen.add(name);
    columns.push({ name, dtype });
  }
  return { kind: 'table', columns };
}

function readDtype(body: ByteReader, path: string | undefined): ColumnSchema['dtype'] {
  const { offset } = body;
  const wireId = body.u8();
  const dtype = dtypeOfWireId(wireId);
  if (dtype === undefined) throw newer(`element type ${wireId}`, offset, path);
  return dtype;
}

/** Created on first use; it has no state between whole texts. */
let utf8Decoder: { decode(bytes: Uint8Array): string } | undefined;

function decodeName(utf8: Uint8Array, offset: number, path: string | undefined): string {
  try {
    utf8Decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return utf8Decoder.decode(utf8);
  } catch (cause) {
    throw corrupt('column name is not UTF-8', offset, path, cause);
  }
}

function newer(what: string, offset: number, path: string | undefined): AtcError {
  const where = path === undefined ? '' : ` in ${path}`;
  return new AtcError(
    'FORMAT_VERSION',
    `${what}${where} is unknown to this version of atc-memory; upgrade to read it`,
    {
      path,
      offset,
    },
  );
}
