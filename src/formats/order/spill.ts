/** Batches put aside on disk: their columns, numbers of symbols and lines, one after another. */
import { bytesOf, createArray, type Dtype, dtypeOf } from '../../dtype.js';
import { SpillFile } from '../../io/spill-file.js';
import type { RowBatch } from '../batch.js';
import { linesOf, locationAt } from './rows.js';

/** What stays in memory of a batch: nothing that grows with its rows. */
interface Entry<Tag> {
  readonly batch: RowBatch;
  readonly tag: Tag;
  /** Where its first array begins. */
  readonly at: number;
  readonly parts: readonly { readonly dtype: Dtype; readonly length: number }[];
}

/** `Tag`: what the caller wants to have back with each batch. */
export class Spill<Tag = undefined> {
  readonly #file = new SpillFile();
  readonly #entries: Entry<Tag>[] = [];
  readonly #symbols: string[] = [];
  readonly #numberOf = new Map<string, number>();

  add(batch: RowBatch, tag: Tag): void {
    if (batch.rows === 0) return;
    const symbols = Uint32Array.from({ length: batch.isMixed ? batch.rows : 1 }, (_, row) =>
      this.#number(batch.symbolAt(row)),
    );
    const arrays = [...batch.columns.map((column) => column.subarray(0, batch.rows)), symbols, linesOf(batch)];
    const starts = arrays.map((array) => this.#file.append(bytesOf(array)));
    const parts = arrays.map((array) => ({ dtype: dtypeOf(array)!, length: array.length }));
    this.#entries.push({ batch: withoutRows(batch), tag, at: starts[0], parts });
  }

  /** Number of batches so far: that of the next one, for `at`. */
  get count(): number {
    return this.#entries.length;
  }

  at(number: number): RowBatch {
    return this.#read(this.#entries[number]).batch;
  }

  tags(): Tag[] {
    return this.#entries.map(({ tag }) => tag);
  }

  *forwards(): Generator<{ readonly batch: RowBatch; readonly tag: Tag }> {
    for (const entry of this.#entries) yield this.#read(entry);
  }

  /** The last batch first; the rows of each as they were. */
  *backwards(): Generator<{ readonly batch: RowBatch; readonly tag: Tag }> {
    for (let k = this.#entries.length - 1; k >= 0; k -= 1) yield this.#read(this.#entries[k]);
  }

  close(): void {
    this.#file.close();
  }

  #read({ batch, tag, at, parts }: Entry<Tag>): { batch: RowBatch; tag: Tag } {
    let from = at;
    const arrays = parts.map(({ dtype, length }) => {
      const array = createArray(dtype, length);
      this.#file.read(from, bytesOf(array));
      from += array.byteLength;
      return array;
    });
    const lines = arrays.pop() as Uint32Array;
    const symbols = arrays.pop() as Uint32Array;
    const location = batch.locationOf(0);
    return {
      tag,
      batch: {
        ...batch,
        columns: arrays,
        lines: lines.slice(),
        symbolAt: (row) => this.#symbols[symbols[batch.isMixed ? row : 0]],
        locationOf: (row) => locationAt(location, lines[row]),
      },
    };
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

/** A function of its own: closures made beside others that use the batch would hold its columns in memory. */
function withoutRows({ rows, schema, timestampAt, isMixed, locationOf }: RowBatch): RowBatch {
  const location = { ...locationOf(0) };
  return { rows, schema, timestampAt, isMixed, columns: [], symbolAt: noSymbol, locationOf: always(location) };
}

const noSymbol = () => '';

function always<T>(value: T): () => T {
  return () => value;
}
