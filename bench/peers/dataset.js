// Datasets of this package as a way of keeping candles.
import { at, COLUMNS } from './folders.js';

const ours = () => import('../../dist/esm/index.js');
/** The entry point for processes that only read. */
export const ourReading = () => import('../../dist/esm/dataset.js');

/** A directory of this package. */
export const dataset = (folder, options) => ({
  files: folder,
  async write(columns) {
    const { writeDataset } = await ours();
    const { rmSync } = await import('node:fs');
    rmSync(at(folder), { recursive: true, force: true });
    // No fsync, as for the others.
    const made = await writeDataset(at(folder), { symbol: 'BTCUSD', columns }, { ...options, durability: 'process' });
    made.close();
  },
  async close() {
    const { openDataset } = await ourReading();
    return (await openDataset(at(folder))).table('BTCUSD').column('close');
  },
  async days() {
    const { openDataset } = await ourReading();
    const table = (await openDataset(at(folder))).table('BTCUSD');
    return (from, to) => {
      const day = table.range(from, to);
      return COLUMNS.map((column) => day.column(column));
    };
  },
});
