/** A dataset keeps many files open; what it decoded from those that nobody reads any more must not stay with them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { BLOCK_ROWS } from '../../src/codec/codec.js';
import { openDataset, writeDataset } from '../../src/index.js';
import { candles } from '../codec/frame-samples.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const SYMBOLS = 24;

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-idle-readers-'));
  const source = Array.from({ length: SYMBOLS }, (_, k) => ({
    symbol: `S${k}`,
    columns: candles(BLOCK_ROWS + 100, k + 1),
  }));
  (await writeDataset(path.join(folder, 'packed'), source)).close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function heldBytes(): Promise<number> {
  // Buffers are given back by a sweep that runs beside the program.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().arrayBuffers;
}

test.each([
  ['block by block', false],
  ['a few rows in the middle of a block', true],
])('%s: what stays of all symbols is less than a block of each', async (_, few) => {
  const dataset = await openDataset(path.join(folder, 'packed'));
  const read = (symbol: string) => {
    const table = dataset.table(symbol);
    const range = few ? { from: 5000, to: 5010 } : {};
    let sum = 0;
    for (const { columns } of table.blocks(['high', 'low', 'close'], range)) sum += columns.high[0] as number;
    return sum;
  };
  // The kernels' memory and the tables they fill are made by the first decode.
  read(dataset.symbols[0]);
  const before = await heldBytes();
  for (const symbol of dataset.symbols) expect(read(symbol)).toBeGreaterThan(0);
  const kept = (await heldBytes()) - before;
  // One reader's own blocks, and of every other its index.
  expect(kept).toBeLessThan(4 * BLOCK_ROWS * 8 + SYMBOLS * 4096);
  dataset.close();
});
