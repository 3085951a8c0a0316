/**
 * Rows that arrive in any mixture of symbols -> blocks of one symbol, in bounded memory. Every row is checked on its
 * way: the timestamps of a symbol must ascend.
 */
import { MAX_TIME_MS, requireOptionalFunction, requireSignal, timeProblem } from '../arguments.js';
import type { ColumnSchema } from '../codec/codec.js';
import { itemSize, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { RowBatch } from '../formats/batch.js';
import { orderProblem, SecondsWatch } from '../formats/row-times.js';
import { Turns } from '../io/turns.js';
import { rowsOfWholeDays } from './block-ends.js';
import { BufferPool, RowBuffer } from './row-buffer.js';

export type GroupSchema = readonly ColumnSchema[];

/** Where the blocks of the symbols go. The arrays are reused after writeBlock returns. */
export interface BlockSink {
  /**
   * Blocks of a symbol come in order and have at most BLOCK_ROWS rows, more than half of that except the last and those
   * cut short to save memory.
   */
  writeBlock(symbol: string, schema: GroupSchema, rows: number, columns: readonly TypedArray[]): void;
}

/**
 * Bytes that rows waiting for their block may take together before the largest group is written as a short block: of
 * some hundred symbols little, so that the process stays small; of thousands as much as blocks of some hundred rows need.
 */
const MIN_WAITING_BYTES = 24 << 20;
const WAITING_ROWS_PER_SYMBOL = 512;
const MAX_WAITING_BYTES = 128 << 20;

/** Runs of one symbol that are shorter than this are copied number by number. */
const FEW_ROWS = 16;

class Group {
  readonly schema: GroupSchema;
  readonly buffer: RowBuffer;
  readonly timestampAt: number;
  lastMs = -MAX_TIME_MS - 1;
  /** File of its first batch, for messages. */
  readonly #path: string | undefined;
  readonly #seconds = new SecondsWatch();
  /** The last schema object found equal to `schema`: compared by identity first. */
  #accepted: GroupSchema;

  constructor(batch: RowBatch, pool: BufferPool) {
    this.schema = batch.schema;
    this.#accepted = batch.schema;
    this.buffer = new RowBuffer(batch.schema, pool);
    this.timestampAt = batch.timestampAt;
    this.#path = batch.rows === 0 ? undefined : batch.locationOf(0).path;
  }

  /** Checks that rows [from, to) of a batch may follow: same columns, later times. */
  accept(symbol: string, batch: RowBatch, from: number, to: number): void {
    if (this.#accepted !== batch.schema) {
      requireSameSchema(symbol, this.schema, this.#path, batch);
      this.#accepted = batch.schema;
    }
    const times = batch.columns[batch.timestampAt];
    for (let row = from; row < to; row += 1) {
      const ms = Number(times[row]);
      if (!(ms > this.lastMs && ms <= MAX_TIME_MS)) refuseOrder(batch, row, symbol, ms, this.lastMs);
      this.lastMs = ms;
      this.#seconds.see(ms);
    }
  }

  /** Throws ARGUMENT for times that are seconds: asked for before rows are written. */
  requireMs(symbol: string): void {
    const { problem } = this.#seconds;
    if (problem === undefined) return;
    const path = this.#path;
    throw new AtcError('ARGUMENT', `${path === undefined ? '' : `${path}: `}${symbol}: ${problem}`, { path });
  }
}

/** Groups the batches and hands their blocks to the sink. Returns the number of rows. */
export async function groupBySymbol(
  batches: AsyncIterable<RowBatch>,
  sink: BlockSink,
  { signal, onRows }: { signal?: AbortSignal; onRows?: (rows: number) => void } = {},
): Promise<number> {
  requireSignal(signal, 'history');
  requireOptionalFunction(onRows, 'onRows');
  const groups = new Map<string, Group>();
  const pool = new BufferPool();
  let waitingBytes = 0;
  let total = 0;
  const turns = new Turns(signal);
  const write = (symbol: string, group: Group) => {
    const { schema, buffer } = group;
    group.requireMs(symbol);
    if (buffer.rows > 0) sink.writeBlock(symbol, schema, buffer.rows, buffer.content());
    buffer.clear();
  };
  /** A block ends at midnight where it can; the rows after that begin the next one. */
  const writeFull = (symbol: string, group: Group) => {
    const { buffer, schema, timestampAt } = group;
    const rows = rowsOfWholeDays(buffer.content()[timestampAt], buffer.rows);
    sink.writeBlock(symbol, schema, rows, buffer.content(rows));
    buffer.dropUntil(rows);
  };
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (let row = 0; row < batch.rows; ) {
      const symbol = batch.symbolAt(row);
      let end = batch.isMixed ? row + 1 : batch.rows;
      while (end < batch.rows && batch.symbolAt(end) === symbol) end += 1;
      let group = groups.get(symbol);
      if (group === undefined) {
        groups.set(symbol, (group = new Group(batch, pool)));
        waitingBytes += group.buffer.bytes;
      }
      group.accept(symbol, batch, row, end);
      const { buffer } = group;
      const before = buffer.bytes;
      if (batch.isMixed && end - row < FEW_ROWS) {
        for (; row < end; row += 1) {
          if (buffer.isFull) writeFull(symbol, group);
          buffer.takeNumbers(batch.columns as readonly Float64Array[], row);
        }
      }
      while (row < end) {
        if (buffer.isFull) writeFull(symbol, group);
        row += buffer.take(batch.columns, row, end);
      }
      waitingBytes += buffer.bytes - before;
    }
    const mostBytes = Math.max(MIN_WAITING_BYTES, groups.size * WAITING_ROWS_PER_SYMBOL * rowBytesOf(batch.schema));
    while (waitingBytes > Math.min(mostBytes, MAX_WAITING_BYTES)) waitingBytes -= writeLargest(groups, write);
    total += batch.rows;
    onRows?.(total);
    // Sources that are in memory or mapped never wait for anything by themselves.
    if (turns.due) await turns.take();
  }
  for (const [symbol, group] of groups) write(symbol, group);
  return total;
}

function rowBytesOf(schema: GroupSchema): number {
  return schema.reduce((sum, { dtype }) => sum + itemSize(dtype), 0);
}

/** Writes out the group that holds most and lets it start small again; returns the bytes won. */
function writeLargest(groups: ReadonlyMap<string, Group>, write: (symbol: string, group: Group) => void): number {
  let largest: [string, Group] | undefined;
  for (const entry of groups) {
    if (largest === undefined || entry[1].buffer.bytes > largest[1].buffer.bytes) largest = entry;
  }
  const [symbol, group] = largest!;
  const before = group.buffer.bytes;
  write(symbol, group);
  group.buffer.shrink();
  return Math.max(1, before - group.buffer.bytes);
}

function requireSameSchema(
  symbol: string,
  expected: GroupSchema,
  expectedPath: string | undefined,
  batch: RowBatch,
): void {
  const text = (schema: GroupSchema) => schema.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
  if (text(expected) === text(batch.schema)) return;
  const { path } = batch.locationOf(0);
  const of = (file: string | undefined) => (file === undefined ? '' : ` of ${file}`);
  const first = `(${text(expected)})${of(expectedPath)}`;
  const what = `batches have different columns: first ${first}, then (${text(batch.schema)})`;
  const help =
    path === undefined ? '' : '; files of one symbol need the same columns (columns names them, "-" skips one)';
  throw new AtcError('ARGUMENT', `${symbol}: ${what}${of(path)}${help}`, { path });
}

function refuseOrder(batch: RowBatch, row: number, symbol: string, ms: number, lastMs: number): never {
  const place = batch.locationOf(row);
  const problem = timeProblem(batch.columns[batch.timestampAt][row]);
  if (problem !== undefined) throw new AtcError('ARGUMENT', `${place.text}: ${symbol}: ${problem}`, place);
  throw new AtcError('CORRUPT', `${place.text}: ${symbol}: ${orderProblem(ms, lastMs)}`, place);
}
