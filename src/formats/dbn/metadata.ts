/**
 * The header of a DBN file, versions 1 to 3
 * (https://databento.com/docs/standards-and-conventions/databento-binary-encoding):
 *   "DBN" · u8 version · u32 length of what follows up to the first record
 *   dataset char[16] · u16 schema · u64 start · u64 end · u64 limit
 *   [version 1: u64 record count] · u8 stype_in · u8 stype_out · u8 ts_out
 *   [from version 2: u16 length of symbols, else 22]
 *   reserved: 47 bytes in version 1, 53 after · u32 length of a schema definition (0)
 *   symbols, partial, not found: u32 count, then that many symbols
 *   mappings: u32 count, each: symbol · u32 count of intervals,
 *     each: u32 start date · u32 end date (yyyymmdd, exclusive) · symbol
 */
import { AtcError } from '../../errors.js';
import { isDbn } from '../magic.js';

export const DBN_PREFIX_BYTES = 8;
/** The fixed part, up to the lists of symbols. */
const FIXED_BYTES = 100;
const MAX_METADATA_BYTES = 1 << 28;
/** `stype`: the mapped symbols are instrument ids, or the other way round. */
const INSTRUMENT_ID = 0;

/** A symbol that an instrument has on the days [startDay, endDay), counted from 1970-01-01. */
interface SymbolSpan {
  readonly startDay: number;
  readonly endDay: number;
  readonly symbol: string;
}

export interface DbnMetadata {
  readonly version: number;
  readonly dataset: string;
  /** Records end with the time at which they were sent, 8 bytes. */
  readonly hasSendTime: boolean;
  readonly symbolLength: number;
  readonly spans: ReadonlyMap<number, readonly SymbolSpan[]>;
}

/** Bytes of the whole header, read from its first eight. FORMAT_VERSION for a version that is not read. */
export function dbnHeaderBytes(prefix: Uint8Array, path: string): number {
  if (prefix.length < DBN_PREFIX_BYTES || !isDbn(prefix)) {
    throw new AtcError('CORRUPT', `${path} is not a DBN file, or only the start of one`, { path, offset: 0 });
  }
  if (prefix[3] < 1 || prefix[3] > 3) {
    throw new AtcError('FORMAT_VERSION', `${path} is DBN version ${prefix[3]}; versions 1 to 3 are read`, {
      path,
      offset: 3,
    });
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(4, true);
  if (length < FIXED_BYTES || length > MAX_METADATA_BYTES) {
    throw new AtcError('CORRUPT', `${path}: the DBN header claims ${length} bytes`, { path, offset: 4 });
  }
  return DBN_PREFIX_BYTES + length;
}

/** `header`: all bytes before the first record. CORRUPT where its lists do not fit into it. */
export function decodeDbnMetadata(header: Uint8Array, path: string): DbnMetadata {
  const version = header[3];
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  let at = DBN_PREFIX_BYTES;
  const skip = (bytes: number) => {
    const start = at;
    at += bytes;
    if (at > header.length) {
      throw new AtcError('CORRUPT', `${path} ends within its DBN header, or its lists claim more than there is`, {
        path,
        offset: start,
      });
    }
    return start;
  };
  const u32 = () => view.getUint32(skip(4), true);
  const text = (length: number) => {
    const start = skip(length);
    const end = header.subarray(start, start + length).indexOf(0);
    return new TextDecoder().decode(header.subarray(start, start + (end < 0 ? length : end)));
  };
  const dataset = text(16);
  skip(version === 1 ? 2 + 8 * 4 : 2 + 8 * 3);
  const stypeIn = header[skip(1)];
  const stypeOut = header[skip(1)];
  const hasSendTime = header[skip(1)] === 1;
  const symbolLength = version === 1 ? 22 : view.getUint16(skip(2), true);
  skip(version === 1 ? 47 : 53);
  skip(u32());
  for (let list = 0; list < 3; list += 1) skip(u32() * symbolLength);
  const spans = new Map<number, SymbolSpan[]>();
  for (let count = u32(); count > 0; count -= 1) {
    const name = text(symbolLength);
    for (let intervals = u32(); intervals > 0; intervals -= 1) {
      const [startDay, endDay] = [dayOf(u32()), dayOf(u32())];
      const mapped = text(symbolLength);
      // Requests by instrument id are mapped to names, all others to instrument ids.
      const [id, symbol] = stypeIn === INSTRUMENT_ID && stypeOut !== INSTRUMENT_ID ? [name, mapped] : [mapped, name];
      if (!/^\d+$/.test(id)) continue;
      const known = spans.get(Number(id)) ?? [];
      known.push({ startDay, endDay, symbol });
      spans.set(Number(id), known);
    }
  }
  return { version, dataset, hasSendTime, symbolLength, spans };
}

/** yyyymmdd as days since 1970-01-01. */
function dayOf(date: number): number {
  return Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100) / 86_400_000;
}
