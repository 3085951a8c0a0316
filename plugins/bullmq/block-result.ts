/** What a worker returns for a block of symbols, as bytes: every figure with its bits. */
import { AtcError, type Columns, decodeValue, encodeValue, type SymbolResult } from 'atc-memory';

/** Results in the order of the block; with rows also the columns that the strategy gave, a value a bar. */
export interface BlockResult {
  readonly symbols: readonly SymbolResult<unknown>[];
  readonly columns?: readonly Columns[];
}

const FORMAT = 'atc-memory block of symbols 1';

export function encodeBlock(block: BlockResult): Uint8Array {
  return encodeValue({ format: FORMAT, ...block }, { level: 1 });
}

/** @throws AtcError CORRUPT for bytes that are no result of these symbols. */
export function decodeBlock(bytes: Uint8Array, symbols: readonly string[], rows: boolean): BlockResult {
  let block: Partial<BlockResult> & { readonly format?: unknown };
  try {
    block = decodeValue(bytes) as typeof block;
  } catch (cause) {
    throw new AtcError('CORRUPT', `the result of a block is damaged (${(cause as Error).message})`, { cause });
  }
  const found = block?.format === FORMAT && Array.isArray(block.symbols) ? block.symbols : [];
  const isWhole = found.length === symbols.length && found.every(({ symbol }, k) => symbol === symbols[k]);
  if (isWhole && (!rows || block.columns?.length === symbols.length)) return block as BlockResult;
  throw new AtcError('CORRUPT', `these bytes are no result of the block of ${symbols[0]}, or that of another release`);
}
