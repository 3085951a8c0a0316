/**
 * Files that stand newest first are turned round, in bounded memory: a long one is put aside on disk and read
 * backwards.
 */
import { bytesOf, createArray, dtypeOf, type TypedArray } from '../../dtype.js';
import { SpillFile } from '../../io/spill-file.js';
import type { RowBatch } from '../batch.js';
import { copyBatch, locationAt, pickRows } from './rows.js';

/** Bytes of rows held in memory before they are put on disk. */
const MAX_HELD_BYTES = 12 << 20;
/** Rows looked at before a file counts as oldest first: one moment of very many symbols. */
const MAX_UNDECIDED_ROWS = 100_000;

/**
 * The batches as they are, or those of a file that runs backwards in the order of time. `onReversed` hears of the
 * latter.
 */
export async function* oldestFirst(batches: AsyncIterable<RowBatch>, onReversed: () => void): AsyncGenerator<RowBatch> {
  const held: RowBatch[] = [];
  let rows = 0;
  let direction = 0;
  const firstOf = new Map<string, number>();
  const iterator = batches[Symbol.asyncIterator]();
  try {
    while (direction === 0 && rows < MAX_UNDECIDED_ROWS) {
      const next = await iterator.next();
      if (next.done === true) break;
      direction = directionOf(next.value, firstOf);
      if (direction > 0 && held.length === 0) {
        yield next.value;
        break;
      }
      rows += next.value.rows;
      held.push(copyBatch(next.value));
    }
    if (direction < 0) {
      onReversed();
      yield* backwards(held, iterator);
      return;
    }
    for (const batch of held.splice(0)) yield batch;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** 1 or -1 by the first two times of one symbol that differ, 0 when there are none. */
function directionOf(batch: RowBatch, firstOf: Map<string, number>): number {
  const times = batch.columns[batch.timestampAt];
  for (let row = 0; row < batch.rows; row += 1) {
    const symbol = batch.symbolAt(row);
    const ms = Number(times[row]);
    const first = firstOf.get(symbol);
    if (first === undefined) firstOf.set(symbol, ms);
    else if (ms !== first) return Math.sign(ms - first);
  }
  return 0;
}

async function* backwards(held: RowBatch[], rest: AsyncIterator<RowBatch>): AsyncGenerator<RowBatch> {
  let bytes = held.reduce((sum, batch) => sum + sizeOf(batch), 0);
  let spill: Spill | undefined;
  try {
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      held.push(copyBatch(next.value));
      bytes += sizeOf(next.value);
      if (bytes <= MAX_HELD_BYTES) continue;
      spill ??= new Spill();
      for (const batch of held.splice(0)) spill.add(batch);
      bytes = 0;
    }
    for (const batch of held.reverse()) yield reversed(batch);
    if (spill !== undefined) for (const batch of spill.backwards()) yield reversed(batch);
  } finally {
    spill?.close();
  }
}

function reversed(batch: RowBatch): RowBatch {
  return pickRows(
    batch,
    Uint32Array.from({ length: batch.rows }, (_, k) => batch.rows - 1 - k),
  );
}

function sizeOf(batch: RowBatch): number {
  return batch.columns.reduce(
    (sum, column) => sum + column.BYTES_PER_ELEMENT * batch.rows,
    batch.isMixed ? 24 * batch.rows : 0,
  );
}

/** Batches on disk: their columns, numbers of symbols and lines, one after another. */
class Spill {
  readonly #file = new SpillFile();
  readonly #entries: { batch: RowBatch; at: number; parts: { like: TypedArray; length: number }[] }[] = [];
  readonly #symbols: string[] = [];
  readonly #numberOf = new Map<string, number>();

  add(batch: RowBatch): void {
    const lines = Uint32Array.from({ length: batch.rows }, (_, row) => batch.locationOf(row).line ?? 0);
    const symbols = Uint32Array.from({ length: batch.isMixed ? batch.rows : 1 }, (_, row) =>
      this.#number(batch.symbolAt(row)),
    );
    const parts = [...batch.columns.map((column) => column.subarray(0, batch.rows)), symbols, lines];
    let at = -1;
    for (const part of parts) {
      const from = this.#file.append(bytesOf(part));
      if (at < 0) at = from;
    }
    // What does not depend on the rows stays in memory.
    const location = batch.locationOf(0);
    const light = { ...batch, columns: [], symbolAt: () => '', locationOf: () => location };
    this.#entries.push({
      batch: light,
      at,
      parts: parts.map((part) => ({ like: part.subarray(0, 0), length: part.length })),
    });
  }

  *backwards(): Generator<RowBatch> {
    for (const { batch, at, parts } of this.#entries.reverse()) {
      let from = at;
      const arrays = parts.map(({ like, length }) => {
        const array = createArray(dtypeOf(like)!, length);
        this.#file.read(from, bytesOf(array));
        from += array.byteLength;
        return array;
      });
      const lines = arrays.pop() as Uint32Array;
      const symbols = arrays.pop() as Uint32Array;
      const location = batch.locationOf(0);
      yield {
        ...batch,
        columns: arrays,
        symbolAt: (row) => this.#symbols[symbols[batch.isMixed ? row : 0]],
        locationOf: (row) => locationAt(location, lines[row]),
      };
    }
  }

  close(): void {
    this.#file.close();
  }

  #number(symbol: string): number {
    let number = this.#numberOf.get(symbol);
    if (number === undefined) {
      number = this.#symbols.push(symbol) - 1;
      this.#numberOf.set(symbol, number);
    }
    return number;
  }
}
