/**
 * Rows that arrive in any mixture of symbols -> blocks of one symbol, in bounded memory. Every row is checked on its
 * way: the timestamps of a symbol must ascend.
 */
import { MAX_TIME_MS, requireOptionalFunction, requireSignal, timeProblem } from '../arguments.js';
import { BLOCK_ROWS, type ColumnSchema } from '../codec/codec.js';
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
 * Bytes that rows waiting for their block may take together: of some hundred symbols little, so that the process stays
 * small; of thousands as much as blocks of some hundred rows need.
 */
const MIN_WAITING_BYTES = 16 << 20;
const WAITING_ROWS_PER_SYMBOL = 256;
const MAX_WAITING_BYTES = 64 << 20;

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
  let limit = MIN_WAITING_BYTES;
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
  /**
   * Rows that the buffer may take now, of `wanted`. Where there is no memory for more, a group that has more than its
   * share writes what it has as a short block and goes on in the same memory: nothing is allocated any more once all
   * groups have grown.
   */
  const roomFor = (symbol: string, group: Group, wanted: number): number => {
    const { buffer } = group;
    if (buffer.isFull) writeFull(symbol, group);
    const free = buffer.capacity - buffer.rows;
    const most = Math.min(wanted, BLOCK_ROWS - buffer.rows);
    if (free >= most || waitingBytes + buffer.growthFor(most) <= limit) return most;
    if (free > 0) return free;
    if (2 * buffer.bytes * groups.size > limit) write(symbol, group);
    return Math.min(most, buffer.capacity);
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
        limit = waitingLimit(groups.size, batch.schema);
      }
      group.accept(symbol, batch, row, end);
      const { buffer } = group;
      const isFew = batch.isMixed && end - row < FEW_ROWS;
      while (row < end) {
        const to = row + roomFor(symbol, group, end - row);
        const before = buffer.bytes;
        if (isFew) for (; row < to; row += 1) buffer.takeNumbers(batch.columns as readonly Float64Array[], row);
        else row += buffer.take(batch.columns, row, to);
        waitingBytes += buffer.bytes - before;
      }
    }
    while (waitingBytes > limit) waitingBytes -= writeLargest(groups, write);
    total += batch.rows;
    onRows?.(total);
    // Sources that are in memory or mapped never wait for anything by themselves.
    if (turns.due) await turns.take();
  }
  for (const [symbol, group] of groups) write(symbol, group);
  return total;
}

function waitingLimit(symbols: number, schema: GroupSchema): number {
  const wanted = symbols * WAITING_ROWS_PER_SYMBOL * rowBytesOf(schema);
  return Math.min(MAX_WAITING_BYTES, Math.max(MIN_WAITING_BYTES, wanted));
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
