// CRC-32C of INPUT in three interleaved runs; the same polynomial and tables as src/codec/crc32c.ts.
import { CRC_TABLES, INPUT } from './layout';

// Tables for slicing by eight (8 KiB), then the operator that moves a CRC over RUN zero bytes (4 KiB), at CRC_TABLES. Made on
// first use.
let ready: bool = false;
/** Bytes of one of the three runs. */
const RUN: i32 = 1024;

// @ts-ignore: decorator
@inline
function get(index: i32): u32 {
  return load<u32>(<usize>index << 2, CRC_TABLES);
}

// @ts-ignore: decorator
@inline
function put(index: i32, value: u32): void {
  store<u32>(<usize>index << 2, value, CRC_TABLES);
}

function makeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
    put(byte, crc);
  }
  for (let i = 256; i < 256 * 8; i++) put(i, (get(i - 256) >> 8) ^ get(get(i - 256) & 255));
  for (let slice = 0; slice < 4; slice++) {
    for (let byte: u32 = 0; byte < 256; byte++) {
      let crc = byte << (8 * slice);
      for (let k = 0; k < RUN; k++) crc = (crc >> 8) ^ get(crc & 255);
      put(256 * (8 + slice) + byte, crc);
    }
  }
  ready = true;
}

// @ts-ignore: decorator
@inline
function step(crc: u32, at: usize): u32 {
  const x = load<u64>(at) ^ <u64>crc;
  const low = <u32>x;
  const high = <u32>(x >> 32);
  return (
    load<u32>((low & 255) << 2, CRC_TABLES + 7 * 1024) ^
    load<u32>(((low >> 8) & 255) << 2, CRC_TABLES + 6 * 1024) ^
    load<u32>(((low >> 16) & 255) << 2, CRC_TABLES + 5 * 1024) ^
    load<u32>((low >> 24) << 2, CRC_TABLES + 4 * 1024) ^
    load<u32>((high & 255) << 2, CRC_TABLES + 3 * 1024) ^
    load<u32>(((high >> 8) & 255) << 2, CRC_TABLES + 2 * 1024) ^
    load<u32>(((high >> 16) & 255) << 2, CRC_TABLES + 1 * 1024) ^
    load<u32>((high >> 24) << 2, CRC_TABLES)
  );
}

// @ts-ignore: decorator
@inline
function moved(crc: u32): u32 {
  return (
    load<u32>((crc & 255) << 2, CRC_TABLES + 8 * 1024) ^
    load<u32>(((crc >> 8) & 255) << 2, CRC_TABLES + 9 * 1024) ^
    load<u32>(((crc >> 16) & 255) << 2, CRC_TABLES + 10 * 1024) ^
    load<u32>((crc >> 24) << 2, CRC_TABLES + 11 * 1024)
  );
}

/** CRC of `length` bytes at INPUT after bytes whose CRC is `seed`. */
export function crc32c(length: i32, seed: u32): u32 {
  if (!ready) makeTables();
  let crc = ~seed;
  let at = INPUT;
  const end = INPUT + length;
  while (at + 3 * RUN <= end) {
    let second: u32 = 0;
    let third: u32 = 0;
    for (const stop = at + RUN; at < stop; at += 8) {
      crc = step(crc, at);
      second = step(second, at + RUN);
      third = step(third, at + 2 * RUN);
    }
    crc = moved(moved(crc) ^ second) ^ third;
    at += 2 * RUN;
  }
  for (; at + 8 <= end; at += 8) crc = step(crc, at);
  for (; at < end; at++) crc = (crc >> 8) ^ get((crc ^ load<u8>(at)) & 255);
  return ~crc;
}
