/** Encoded values with a structure and sections of the test's own and a right checksum. */
import { ByteWriter } from '../../src/codec/byte-stream.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { compressPrices } from '../../src/codec/prices.js';

const COMPRESSED_FROM = 512;

/** `kind`: 0 a value of `encodeValue`, 1 the entry of a wrapped store. */
export function forgeValue(
  structure: Uint8Array | string,
  sections: readonly Uint8Array[] = [],
  { kind = 0, version = 1 } = {},
): Uint8Array {
  const text = typeof structure === 'string' ? new TextEncoder().encode(structure) : structure;
  const first = text.length < COMPRESSED_FROM ? text : compressPrices(text);
  const writer = new ByteWriter();
  writer.bytes(Uint8Array.of(0xd1, 0x41, 0x54, 0x56, version, kind));
  writer.varint(sections.length);
  for (const part of [first, ...sections]) writer.varint(part.length);
  for (const part of [first, ...sections]) writer.bytes(part);
  writer.u32(crc32c(writer.view()));
  return writer.toBytes();
}
