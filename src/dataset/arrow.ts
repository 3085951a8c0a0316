/** Tables that other libraries hold in memory as columns of candles. */
import { requireOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import type { SymbolColumns } from '../formats/batch.js';
import { type FrameSource, isFrameSource } from '../formats/frame-source.js';
import type { ImportOptions } from '../formats/options.js';

/**
 * Columns of each symbol, ready for `writeDataset` and `memoryTable`, of a table in memory: Arrow's, nodejs-polars',
 * arquero's, a result of DuckDB, or the bytes of Arrow IPC. Names, times and zones are understood as those of files.
 * ARGUMENT where neither a column nor `symbol` names the symbol, UNSUPPORTED when apache-arrow is needed and missing.
 */
export async function fromArrow(source: FrameSource, options: ImportOptions = {}): Promise<SymbolColumns[]> {
  if (!isFrameSource(source)) {
    const due = 'a table of Arrow, polars, arquero or DuckDB, or bytes of Arrow IPC';
    throw new AtcError('ARGUMENT', `fromArrow needs ${due}, got ${shown(source)}`);
  }
  requireOptions(options, 'fromArrow');
  const { columnsOfFrame } = await import('../formats/frames.js');
  const batches: SymbolColumns[] = [];
  for await (const batch of columnsOfFrame(source, options)) batches.push(batch);
  return batches;
}
