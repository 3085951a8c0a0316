/**
 * A zip archive of one file (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT): what LEAN keeps its candles
 * in.
 */
import { requireNow } from '../../require-now.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const DEFLATE = 8;
/** 1980-01-01, the earliest date there is: the same input gives the same bytes. */
const DATE = (1 << 5) | 1;

export function zipOf(name: string, content: Uint8Array): Uint8Array {
  const { deflateRawSync } = requireNow<typeof import('node:zlib')>('node:zlib');
  const title = new TextEncoder().encode(name);
  const packed = deflateRawSync(content);
  // Version needed, flags, method, time, date, checksum, sizes, length of the name, of the extra field.
  const common = [
    ...u16(VERSION, 0, DEFLATE, 0, DATE),
    ...u32(crc32(content), packed.length, content.length),
    ...u16(title.length, 0),
  ];
  const local = Uint8Array.from([...u32(LOCAL), ...common]);
  const central = Uint8Array.from([...u32(CENTRAL), ...u16(VERSION), ...common, ...u16(0, 0, 0), ...u32(0, 0)]);
  const start = local.length + title.length + packed.length;
  const size = central.length + title.length;
  const end = Uint8Array.from([...u32(END), ...u16(0, 0, 1, 1), ...u32(size, start), ...u16(0)]);
  return Buffer.concat([local, title, packed, central, title, end]);
}

function u16(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 0xff, (value >>> 8) & 0xff]);
}

function u32(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
}

/** CRC-32 of IEEE 802.3, reflected, bit by bit: archives are small. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
