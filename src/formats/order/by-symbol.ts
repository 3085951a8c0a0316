/**
 * Rows of several files put aside on disk by symbol, where files that overlap are ordered by symbol and not by time.
 */
import type { RowBatch } from '../batch.js';
import type { FileRun } from './file-run.js';
import { GatheredRows } from './gathered-rows.js';
import { haveSameColumns } from './rows.js';
import { Spill } from './spill.js';

/** The rows of one symbol in one file: what a merge takes for a file. */
export class SymbolRun implements FileRun {
  readonly path: string;
  readonly notBefore: number;
  isOver = false;
  readonly #spill: Spill<FileRun>;
  readonly #batches: readonly number[];

  constructor(
    readonly file: FileRun,
    spill: Spill<FileRun>,
    { batches, first }: Part,
  ) {
    this.path = file.path;
    this.notBefore = first;
    this.#spill = spill;
    this.#batches = batches;
  }

  get isReversed(): boolean {
    return this.file.isReversed;
  }

  get isTrades(): boolean {
    return this.file.isTrades;
  }

  get equal(): number {
    return this.file.equal;
  }

  set equal(count: number) {
    this.file.equal = count;
  }

  get different(): number {
    return this.file.different;
  }

  set different(count: number) {
    this.file.different = count;
  }

  async *batches(): AsyncGenerator<RowBatch> {
    for (const number of this.#batches) yield this.#spill.at(number);
  }
}

/** Of one symbol and file: the numbers of its batches, and its first time in UTC ms. */
interface Part {
  readonly batches: number[];
  readonly first: number;
}

/** Bytes of gathered rows before they are put on disk. */
const MAX_GATHERED_BYTES = 8 << 20;

export class SymbolSpill {
  readonly #spill = new Spill<FileRun>();
  readonly #partsOf = new Map<string, Map<FileRun, Part>>();
  /** Rows of files in which symbols alternate: one by one they would be many thousand batches. */
  readonly #gathered = new Map<FileRun, Map<string, GatheredRows>>();
  #gatheredBytes = 0;
  /** Columns of what is gathered. */
  #schema: RowBatch['schema'] | undefined;
  /** The latest time so far, UTC ms. */
  last = Number.NEGATIVE_INFINITY;

  /** The files whose rows are in it. */
  get files(): ReadonlySet<FileRun> {
    return new Set([...this.#gathered.keys(), ...this.#spill.tags()]);
  }

  add(batch: RowBatch, file: FileRun): void {
    const times = batch.columns[batch.timestampAt];
    for (let row = 0; row < batch.rows; row += 1) this.last = Math.max(this.last, Number(times[row]));
    if (!batch.isMixed) {
      // Its rows come behind those that wait.
      this.#flush();
      this.#addOne(batch, file);
      return;
    }
    if (this.#schema !== undefined && !haveSameColumns({ schema: this.#schema }, batch)) this.#flush();
    this.#schema = batch.schema;
    let rowsOf = this.#gathered.get(file);
    if (rowsOf === undefined) this.#gathered.set(file, (rowsOf = new Map()));
    for (let row = 0; row < batch.rows; row += 1) {
      const symbol = batch.symbolAt(row);
      let rows = rowsOf.get(symbol);
      if (rows === undefined) rowsOf.set(symbol, (rows = new GatheredRows(symbol, batch)));
      this.#gatheredBytes += rows.add(batch, row);
      if (this.#gatheredBytes > MAX_GATHERED_BYTES) {
        this.#flush();
        this.#gathered.set(file, (rowsOf = new Map()));
      }
    }
  }

  /** The runs of each symbol, in the order of its first row; those of one symbol in the order of `files`. */
  *runs(files: readonly FileRun[]): Generator<SymbolRun[]> {
    this.#flush();
    for (const parts of this.#partsOf.values()) {
      yield files.flatMap((file) => {
        const part = parts.get(file);
        return part === undefined ? [] : [new SymbolRun(file, this.#spill, part)];
      });
    }
  }

  close(): void {
    this.#spill.close();
  }

  #flush(): void {
    for (const [file, rowsOf] of this.#gathered) for (const rows of rowsOf.values()) this.#addOne(rows.batch(), file);
    this.#gathered.clear();
    this.#gatheredBytes = 0;
  }

  #addOne(batch: RowBatch, file: FileRun): void {
    if (batch.rows === 0) return;
    const times = batch.columns[batch.timestampAt];
    const symbol = batch.symbolAt(0);
    let parts = this.#partsOf.get(symbol);
    if (parts === undefined) this.#partsOf.set(symbol, (parts = new Map()));
    let part = parts.get(file);
    if (part === undefined) parts.set(file, (part = { batches: [], first: Number(times[0]) }));
    part.batches.push(this.#spill.count);
    this.#spill.add(batch, file);
  }
}
