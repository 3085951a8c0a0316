/**
 * Files that stand newest first are turned round, in bounded memory: a long one is put aside on disk and read
 * backwards.
 */
import type { RowBatch } from '../batch.js';
import { copyBatch, turnRound } from './rows.js';
import { Spill } from './spill.js';

/** Bytes of rows held in memory before they are put on disk. */
const MAX_HELD_BYTES = 4 << 20;
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
      if (spill !== undefined) {
        spill.add(next.value, undefined);
        continue;
      }
      held.push(copyBatch(next.value));
      bytes += sizeOf(next.value);
      if (bytes <= MAX_HELD_BYTES) continue;
      spill = new Spill();
      for (const batch of held.splice(0)) spill.add(batch, undefined);
    }
    for (const batch of held.splice(0).reverse()) yield turnRound(batch);
    if (spill !== undefined) for (const { batch } of spill.backwards()) yield turnRound(batch);
  } finally {
    spill?.close();
  }
}

function sizeOf(batch: RowBatch): number {
  return batch.columns.reduce(
    (sum, column) => sum + column.BYTES_PER_ELEMENT * batch.rows,
    batch.isMixed ? 24 * batch.rows : 0,
  );
}
