/**
 * Databento's DBN: candles of the schemas ohlcv-1s, -1m, -1h, -1d and -eod -> batches of columns. Every record begins
 * with
 *   u8 length in units of 4 bytes · u8 type · u16 publisher · u32 instrument id · u64 ts_event (ns)
 * and a candle goes on with i64 open, high, low, close (units of 1e-9; the largest int64: missing) · u64 volume.
 */
import { AtcError } from '../../errors.js';
import { ByteQueue } from '../byte-queue.js';
import { type CellBatch, cellDamage, decimalsOf, numbersOf, timesOf } from '../cell-column.js';
import { DBN_PREFIX_BYTES, type DbnMetadata, dbnHeaderBytes, decodeDbnMetadata } from './metadata.js';

/** Record types of candles, with the interval that each stands for. */
const CANDLES: Readonly<Record<number, string>> = { 17: '', 32: '1s', 33: '1m', 34: '1h', 35: '1d', 36: '1d' };
const CANDLE_BYTES = 56;
const SYMBOL_MAPPING = 0x16;
/** Gateways' messages, definitions, errors: between candles in live data. */
const IGNORED = [0x12, 0x13, 0x14, 0x15, 0x17, 0x18];
const KINDS: Readonly<Record<number, string>> = {
  0: 'trades',
  1: 'quotes (mbp-1)',
  10: 'order books (mbp-10)',
  160: 'orders (mbo)',
  195: 'quotes (bbo-1s)',
  196: 'quotes (bbo-1m)',
};
const MISSING = 2n ** 63n - 1n;
const SCALE = 9;
const ROWS_PER_BATCH = 8192;
const DAY_NS = 86_400_000_000_000n;
const FIELDS = ['open', 'high', 'low', 'close'] as const;

/**
 * Candles in file order, with the symbol of each. CORRUPT for damage, UNSUPPORTED for a file of anything but candles of
 * one interval.
 */
export async function* readDbn(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<CellBatch> {
  const queue = new ByteQueue(bytes);
  try {
    const headerBytes = dbnHeaderBytes(await queue.peek(DBN_PREFIX_BYTES), path);
    const metadata = decodeDbnMetadata((await queue.take(headerBytes)).slice(), path);
    const symbols = new InstrumentSymbols(metadata);
    let rows = new CandleRows(path, 0);
    let interval: string | undefined;
    for (;;) {
      const head = await queue.peek(2);
      if (head.length === 0) break;
      const length = head[0] * 4;
      const type = head[1];
      const start = queue.offset;
      const record = length < 16 ? head : await queue.take(length);
      if (length < 16 || record.length < length) {
        throw new AtcError('CORRUPT', `${path} ends within a record, or is damaged, at byte ${start}`, {
          path,
          offset: start,
        });
      }
      if (type === SYMBOL_MAPPING) symbols.learn(record);
      if (type === SYMBOL_MAPPING || IGNORED.includes(type)) continue;
      if (CANDLES[type] === undefined || length < CANDLE_BYTES) throw notCandles(path, type, start);
      interval ??= CANDLES[type];
      if (interval !== CANDLES[type]) {
        const what = `${path} holds candles of ${interval} and of ${CANDLES[type]}; download each interval to a file of its own`;
        throw new AtcError('UNSUPPORTED', what, { path, offset: start });
      }
      rows.add(record, symbols);
      if (rows.count < ROWS_PER_BATCH) continue;
      yield rows.batch();
      rows = new CandleRows(path, rows.end);
    }
    if (rows.count > 0) yield rows.batch();
  } finally {
    await queue.close();
  }
}

/** Records of one batch, their numbers still as they are stored. */
class CandleRows {
  readonly #times: bigint[] = [];
  readonly #prices: readonly bigint[][] = FIELDS.map(() => []);
  readonly #volumes: bigint[] = [];
  readonly #symbols: string[] = [];
  readonly #path: string;
  readonly #firstRow: number;

  constructor(path: string, firstRow: number) {
    this.#path = path;
    this.#firstRow = firstRow;
  }

  get count(): number {
    return this.#times.length;
  }

  get end(): number {
    return this.#firstRow + this.count;
  }

  add(record: Uint8Array, symbols: InstrumentSymbols): void {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const time = view.getBigUint64(8, true);
    this.#times.push(time);
    this.#symbols.push(symbols.of(view.getUint32(4, true), time));
    this.#prices.forEach((prices, k) => {
      prices.push(view.getBigInt64(16 + 8 * k, true));
    });
    this.#volumes.push(view.getBigUint64(48, true));
  }

  batch(): CellBatch {
    const path = this.#path;
    const firstRow = this.#firstRow;
    const count = this.count;
    const at = (title: string) => ({ path, title, firstRow });
    if (this.#times.includes(2n ** 64n - 1n))
      throw cellDamage(at('ts_event'), this.#times.indexOf(2n ** 64n - 1n), 'no time');
    return {
      firstRow,
      rows: count,
      columns: [
        {
          kind: 'time',
          title: 'ts_event',
          values: timesOf(this.#times, 'ns', at('ts_event')),
          clock: 'utc',
          unit: 'ns',
        },
        ...this.#prices.map((prices, k) => ({
          kind: 'number' as const,
          title: FIELDS[k],
          values: decimalsOf(
            (row) => prices[row],
            count,
            SCALE,
            at(FIELDS[k]),
            (row) => prices[row] !== MISSING,
          ),
        })),
        { kind: 'number', title: 'volume', values: numbersOf(this.#volumes, at('volume')) },
        { kind: 'text', title: 'symbol', values: this.#symbols },
      ],
    };
  }
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
  of(id: number, time: bigint): string {
    const learned = this.#learned.get(id);
    if (learned !== undefined) return learned;
    const spans = this.#metadata.spans.get(id);
    if (spans === undefined) return String(id);
    if (spans.length === 1) return spans[0].symbol;
    const day = Number(time / DAY_NS);
    return (spans.find(({ startDay, endDay }) => day >= startDay && day < endDay) ?? spans[0]).symbol;
  }
}

function notCandles(path: string, type: number, offset: number): AtcError {
  const kind = KINDS[type] ?? `records of type 0x${type.toString(16).padStart(2, '0')}`;
  return new AtcError(
    'UNSUPPORTED',
    `${path} holds ${kind}, no candles; download the schema ohlcv-1s, ohlcv-1m, ohlcv-1h or ohlcv-1d`,
    {
      path,
      offset,
    },
  );
}
