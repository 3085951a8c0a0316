/** The symbols of a run in blocks, one a job. */

interface Sized {
  /** Rows. */
  readonly length: number;
}

/**
 * At most `count` blocks of about as many rows: neighbours in the order of the history, so that results follow each
 * other. The same for the same history: a run that is started again finds its jobs.
 */
export function blocksOf<Table extends Sized>(tables: readonly Table[], count: number): readonly (readonly Table[])[] {
  const rows = tables.reduce((sum, { length }) => sum + length, 0);
  const blocks: Table[][] = Array.from({ length: Math.min(count, tables.length) }, () => []);
  let before = 0;
  for (const table of tables) {
    // Where the middle of its rows falls.
    const at = Math.floor(((before + table.length / 2) / rows) * blocks.length);
    blocks[Math.min(at, blocks.length - 1)].push(table);
    before += table.length;
  }
  return blocks.filter((block) => block.length > 0);
}
