/** The rows of a dataset in the portions that DuckDB asks for. */
import type { TypedArray } from '../../dtype.js';
import type { CandleTable, Dataset, TableBlock } from '../../table.js';

/** Rows of a vector of DuckDB. */
const VECTOR_ROWS = 2048;

/** Rows of one symbol, at most a vector full; the arrays are valid until the next portion. */
export interface ScanPart {
  readonly symbol: string;
  readonly rows: number;
  /** Those that were asked for and that the symbol has. */
  readonly columns: Readonly<Record<string, TypedArray>>;
}

export class DatasetScan {
  readonly #parts: Iterator<ScanPart>;

  constructor(
    dataset: Dataset,
    symbols: readonly string[],
    names: readonly string[],
    range: { readonly fromMs?: number; readonly toMs?: number },
  ) {
    this.#parts = partsOf(dataset, symbols, names, range);
  }

  /** Undefined after the last one. */
  next(): ScanPart | undefined {
    const { value, done } = this.#parts.next();
    return done === true ? undefined : value;
  }
}

function* partsOf(
  dataset: Dataset,
  symbols: readonly string[],
  names: readonly string[],
  { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY }: { fromMs?: number; toMs?: number },
): Generator<ScanPart> {
  for (const symbol of symbols) {
    const table = dataset.table(symbol).range(fromMs, toMs);
    const there = names.filter((name) => table.columns.includes(name));
    for (const { length, columns } of blocksOf(table, there)) {
      for (let row = 0; row < length; row += VECTOR_ROWS) {
        const end = Math.min(length, row + VECTOR_ROWS);
        const parts = there.map((name) => [name, columns[name].subarray(row, end)] as const);
        yield { symbol, rows: end - row, columns: Object.fromEntries(parts) };
      }
    }
  }
}

/** Where rows are only counted none is read. */
function blocksOf(table: CandleTable, names: readonly string[]): Iterable<TableBlock> {
  if (names.length > 0) return table.blocks(names);
  return table.length === 0 ? [] : [{ start: 0, length: table.length, columns: {} }];
}
