/** A strategy whose columns are there already: workers have computed them. */
import { AtcError, type CandleTable, type Columns, type Strategy, type TableBlock, type TypedArray } from 'atc-memory';
import type { BlockResult } from './block-result.js';

/** `read` gives the result of a block. One is held: symbols are asked for in the order of the blocks. */
export function replayOf<Summary>(
  { name, minimumRows }: Strategy<Summary>,
  blocks: readonly (readonly string[])[],
  read: (block: number) => Promise<BlockResult>,
): Strategy<Summary> {
  const places = new Map(
    blocks.flatMap((symbols, block) => symbols.map((symbol, k) => [symbol, { block, k }] as const)),
  );
  let held = -1;
  let result: BlockResult;
  const prepare = async (table: CandleTable) => {
    const { block, k } = places.get(table.symbol)!;
    if (held !== block) result = await read(block);
    held = block;
    const { symbols, columns } = result;
    return startReplay(table, columns![k], symbols[k].summary as Summary);
  };
  // Without it a strategy is none; `prepare` stands in for it.
  const start = () => {
    throw new AtcError('WORKER', `${name} has been run elsewhere`);
  };
  return { name, minimumRows, columns: [], prepare, start };
}

function startReplay<Summary>(table: CandleTable, columns: Columns, summary: Summary) {
  for (const [name, values] of Object.entries(columns)) {
    if (values.length === table.length) continue;
    throw new AtcError(
      'CORRUPT',
      `the worker's column "${name}" of ${table.symbol} has ${values.length} values for ${table.length} rows`,
    );
  }
  const part = ({ start, length }: TableBlock): Columns =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.subarray(start, start + length) as TypedArray]),
    );
  return { push: part, finish: () => summary };
}
