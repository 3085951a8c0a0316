/**
 * Databento's DBN: candles of the schemas ohlcv-1s, -1m, -1h, -1d and -eod, or trades -> batches of columns. Every
 * record begins with
 *   u8 length in units of 4 bytes · u8 type · u16 publisher · u32 instrument id · u64 ts_event (ns)
 */
import { AtcError } from '../../errors.js';
import { ByteQueue } from '../byte-queue.js';
import type { CellBatch } from '../cell-column.js';
import { CANDLE_BYTES, CandleRows } from './candle-rows.js';
import { DBN_PREFIX_BYTES, type DbnMetadata, dbnHeaderBytes, decodeDbnMetadata } from './metadata.js';
import type { RecordRows } from './record-rows.js';
import { TRADE_BYTES, TradeRows } from './trade-rows.js';

/** Record types of candles, with the interval that each stands for. */
const CANDLES: Readonly<Record<number, string>> = { 17: '', 32: '1s', 33: '1m', 34: '1h', 35: '1d', 36: '1d' };
const TRADES = 0;
const SYMBOL_MAPPING = 0x16;
/** Gateways' messages, definitions, errors: between candles in live data. */
const IGNORED = [0x12, 0x13, 0x14, 0x15, 0x17, 0x18];
/** Those of them that are a schema of their own. */
const OTHERS: Readonly<Record<number, string>> = {
  18: 'statuses of trading (status)',
  19: 'definitions of instruments (definition)',
  20: 'imbalances of auctions (imbalance)',
  24: 'statistics of exchanges (statistics)',
};
const KINDS: Readonly<Record<number, string>> = {
  1: 'quotes (mbp-1)',
  10: 'order books (mbp-10)',
  160: 'orders (mbo)',
  195: 'quotes (bbo-1s)',
  196: 'quotes (bbo-1m)',
};
const ROWS_PER_BATCH = 8192;
/** What is read at a time; a record is shorter. */
const READ_BYTES = 1 << 16;
const HEADER_BYTES = 16;
const DAY_MS = 86_400_000;

/**
 * Candles or trades in file order, with the symbol of each. CORRUPT for damage, UNSUPPORTED for a file of anything
 * else, or of both, or of several intervals.
 */
export async function* readDbn(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<CellBatch> {
  const queue = new ByteQueue(bytes);
  try {
    const headerBytes = dbnHeaderBytes(await queue.peek(DBN_PREFIX_BYTES), path);
    const metadata = decodeDbnMetadata((await queue.take(headerBytes)).slice(), path);
    const symbols = new InstrumentSymbols(metadata);
    const symbolOf = (id: number, ms: number) => symbols.of(id, ms);
    let rows: RecordRows | undefined;
    let kind: string | undefined;
    let other: string | undefined;
    for (;;) {
      const bytes = await queue.peek(READ_BYTES);
      if (bytes.length === 0) break;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const start = queue.offset;
      let at = 0;
      for (let length = 4 * bytes[0]; length >= HEADER_BYTES && at + length <= bytes.length; length = 4 * bytes[at]) {
        const type = bytes[at + 1];
        if (type === SYMBOL_MAPPING) symbols.learn(bytes.subarray(at, at + length));
        else if (IGNORED.includes(type)) other ??= OTHERS[type];
        else {
          kind = kindOf(type, length, kind, path, start + at);
          rows ??= rowsOf(type, path, 0);
          rows.add(view, at, symbolOf);
        }
        at += length;
        if (rows !== undefined && rows.count === ROWS_PER_BATCH) {
          yield rows.batch();
          rows = rowsOf(type, path, rows.end);
        }
        if (at === bytes.length) break;
      }
      if (at === 0) {
        const what = `${path} ends within a record, or is damaged, at byte ${start}`;
        throw new AtcError('CORRUPT', what, { path, offset: start });
      }
      await queue.take(at);
    }
    if (rows !== undefined && rows.count > 0) yield rows.batch();
    if (rows === undefined && other !== undefined) throw notCandles(path, other, headerBytes);
  } finally {
    await queue.close();
  }
}

function rowsOf(type: number, path: string, firstRow: number): RecordRows {
  const Rows = type === TRADES ? TradeRows : CandleRows;
  return new Rows(path, firstRow, ROWS_PER_BATCH);
}

/** What the records are; UNSUPPORTED for one of another kind than those `before`. */
function kindOf(type: number, length: number, before: string | undefined, path: string, offset: number): string {
  const own = type === TRADES ? 'trades' : CANDLES[type] === undefined ? undefined : `candles of ${CANDLES[type]}`;
  if (own === undefined || length < (type === TRADES ? TRADE_BYTES : CANDLE_BYTES))
    throw notCandles(path, kindNamed(type), offset);
  if (before === undefined || before === own) return own;
  const what = `${path} holds ${before} and ${own}; download each schema to a file of its own`;
  throw new AtcError('UNSUPPORTED', what, { path, offset });
}

/** Which symbol an instrument id stands for at a time: by the header's days, or by the mappings of live data. */
class InstrumentSymbols {
  readonly #learned = new Map<number, string>();
  readonly #metadata: DbnMetadata;

  constructor(metadata: DbnMetadata) {
    this.#metadata = metadata;
  }

  /** A mapping record: [u8 stype] · symbol as asked for · [u8 stype] · symbol as it is called. */
  learn(record: Uint8Array): void {
    const { version, symbolLength } = this.#metadata;
    const extra = version === 1 ? 0 : 1;
    const start = 16 + extra + symbolLength + extra;
    const bytes = record.subarray(start, start + symbolLength);
    const end = bytes.indexOf(0);
    const id = new DataView(record.buffer, record.byteOffset).getUint32(4, true);
    this.#learned.set(id, new TextDecoder().decode(bytes.subarray(0, end < 0 ? symbolLength : end)));
  }

  /** The id itself where nothing names it. */
  of(id: number, ms: number): string {
    const learned = this.#learned.get(id);
    if (learned !== undefined) return learned;
    const spans = this.#metadata.spans.get(id);
    if (spans === undefined) return String(id);
    if (spans.length === 1) return spans[0].symbol;
    const day = Math.floor(ms / DAY_MS);
    return (spans.find(({ startDay, endDay }) => day >= startDay && day < endDay) ?? spans[0]).symbol;
  }
}

function kindNamed(type: number): string {
  return KINDS[type] ?? `records of type 0x${type.toString(16).padStart(2, '0')}`;
}

function notCandles(path: string, kind: string, offset: number): AtcError {
  return new AtcError(
    'UNSUPPORTED',
    `${path} holds ${kind}, no candles; download the schema ohlcv-1s, ohlcv-1m, ohlcv-1h, ohlcv-1d or trades`,
    {
      path,
      offset,
    },
  );
}
