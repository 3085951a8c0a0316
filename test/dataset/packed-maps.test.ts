import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset, writeDataset } from 'atc-memory';

const SYMBOLS = 6;
const ROWS = 100_000;

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-packed-maps-'));
  let state = 1;
  const noise = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const source = Array.from({ length: SYMBOLS }, (_, k) => ({
    symbol: `S${k}`,
    // Nothing to compress: the files are as large as the column.
    columns: {
      timestamp: Float64Array.from({ length: ROWS }, (_, row) => row * 60_000),
      close: Float64Array.from({ length: ROWS }, () => noise() * noise()),
    },
  }));
  (await writeDataset(path.join(folder, 'packed'), source)).close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of the dataset's files that are in this process's memory through maps. */
function residentBytes(): number {
  let inside = false;
  let bytes = 0;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) inside = line.includes(folder);
    else if (inside && line.startsWith('Rss:')) bytes += Number(line.replace(/\D/g, '')) * 1024;
  }
  return bytes;
}

test('mapped packed files: pages that were read are let go when another symbol is', async () => {
  if (process.platform !== 'linux') {
    console.warn('resident pages are counted on Linux only');
    return;
  }
  const dataset = await openDataset(path.join(folder, 'packed'), { mapPacked: true });
  if (dataset.backend === 'read') {
    console.warn('nothing maps here: nothing to let go');
    return;
  }
  let most = 0;
  let sum = 0;
  for (const symbol of dataset.symbols) {
    for (const { columns } of dataset.table(symbol).blocks(['close'])) sum += columns.close[0] as number;
    most = Math.max(most, residentBytes());
  }
  expect(sum).toBeGreaterThan(0);
  // One file of 0.8 MB and the index pages of others, not six files.
  expect(most).toBeGreaterThan(100_000);
  expect(most).toBeLessThan(2 * ROWS * 8);
  dataset.close();
});
