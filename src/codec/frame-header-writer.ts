/** The header of a frame as bytes; frame-header.ts reads it. */
import { dtypeWireId } from '../dtype.js';
import { AtcError } from '../errors.js';
import { ByteWriter } from './byte-stream.js';
import { crc32c } from './crc32c.js';
import { CRC_BYTES, FORMAT_VERSION, LIMITS, MAGIC, requireLittleEndian } from './frame-format.js';
import { type FrameSchema, KIND_WIRE_ID, PREFIX_BYTES } from './frame-header.js';

export function encodeHeader(schema: FrameSchema): Uint8Array {
  requireLittleEndian();
  const body = new ByteWriter();
  body.u8(KIND_WIRE_ID[schema.kind]);
  if (schema.kind === 'array') {
    body.u8(dtypeWireId(schema.columns[0].dtype));
  } else {
    body.varint(schema.columns.length);
    for (const { name, dtype } of schema.columns) {
      const utf8 = new TextEncoder().encode(name);
      body.u8(dtypeWireId(dtype));
      body.varint(utf8.length);
      body.bytes(utf8);
    }
  }
  if (body.length > LIMITS.headerBytes) {
    throw new AtcError(
      'ARGUMENT',
      `column names take ${body.length} bytes, at most ${LIMITS.headerBytes} fit a header`,
    );
  }
  const header = new ByteWriter(body.length + PREFIX_BYTES + CRC_BYTES);
  header.bytes(MAGIC);
  header.u8(FORMAT_VERSION);
  header.varint(body.length);
  header.bytes(body.view());
  header.u32(crc32c(header.view()));
  return header.toBytes();
}
