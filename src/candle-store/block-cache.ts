/**
 * The blocks of segments that are in memory, of all series together, bounded in bytes: candles do not pile up. The
 * least recently used block is dropped first.
 */
import type { RowTable } from './row-table.js';

interface Entry {
  readonly table: RowTable;
  readonly bytes: number;
  readonly release: (() => void) | undefined;
  used: number;
}

/** Bytes of columns retained for the next blocks: the garbage collector frees the memory of arrays late. */
const MAX_SPARE_BYTES = 2 * 1024 * 1024;

export interface LoadedBlock {
  readonly table: RowTable;
  /** Called when the block is dropped: a mapped one releases its pages. Without it the table's columns are reused. */
  readonly release?: () => void;
}

export class BlockCache {
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;
  #clock = 0;
  #nextOwner = 0;
  #spare: Float64Array[] = [];
  #spareBytes = 0;

  constructor(readonly maxBytes: number) {}

  get byteLength(): number {
    return this.#bytes;
  }

  /** The first of 2^20 keys, for the blocks of one owner. */
  register(): number {
    return this.#nextOwner++ * 2 ** 20;
  }

  get(key: number, load: () => LoadedBlock): RowTable {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.used = ++this.#clock;
      return known.table;
    }
    const { table, release } = load();
    const bytes = table.columns.reduce((sum, column) => sum + column.byteLength, 0);
    this.#evict(this.maxBytes - bytes);
    this.#entries.set(key, { table, bytes, release, used: ++this.#clock });
    this.#bytes += bytes;
    return table;
  }

  /** A column for a block that is about to be loaded, with values of earlier ones in it. */
  column(rows: number): Float64Array {
    const at = this.#spare.findIndex(({ length }) => length === rows);
    if (at < 0) return new Float64Array(rows);
    const [column] = this.#spare.splice(at, 1);
    this.#spareBytes -= column.byteLength;
    return column;
  }

  /** Forgets `count` blocks from `key` on. */
  drop(key: number, count: number): void {
    for (let block = 0; block < count && this.#entries.size > 0; block++) this.#remove(key + block);
  }

  #evict(limit: number): void {
    while (this.#bytes > limit && this.#entries.size > 0) {
      let oldest = -1;
      let used = Number.POSITIVE_INFINITY;
      for (const [key, entry] of this.#entries) if (entry.used < used) [oldest, used] = [key, entry.used];
      this.#remove(oldest);
    }
  }

  #remove(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    if (entry.release !== undefined) {
      entry.release();
      return;
    }
    // Columns that the table has to itself: no caller holds a table longer than one look-up.
    for (const column of entry.table.columns) {
      if (this.#spareBytes + column.byteLength > MAX_SPARE_BYTES) return;
      this.#spare.push(column);
      this.#spareBytes += column.byteLength;
    }
  }
}
