// What checking a mapped column costs where it is first read: a scan of every row in a dataset that was opened just
// now, beside the same scan again, whose blocks have been checked. Side by side in one process, in turns, so that what
// else runs on the machine counts for both:
//
//     npm run build && node bench/first-touch.js [--rows 3000000] [--repeat 21]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { histories, measured, median } from './kit.js';

const { openDataset, writeDataset } = await import('../dist/esm/index.js');
const { crc32c } = await import('../dist/esm/src/codec/crc32c.js');

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '3000000' }, repeat: { type: 'string', default: '21' } },
});
const rows = Number(values.rows);
const folder = mkdtempSync(path.join(tmpdir(), 'atc-first-touch-'));

function sumOfView(table) {
  const closes = table.column('close');
  let sum = 0;
  for (let row = 0; row < closes.length; row++) sum += closes[row];
  return sum;
}

function sumOfBlocks(table) {
  let sum = 0;
  for (const { length, columns } of table.blocks(['close'])) {
    for (let row = 0; row < length; row++) sum += columns.close[row];
  }
  return sum;
}

/** One block of a column, again and again: what the checksum alone takes where the bytes are at hand. */
function checkOnly() {
  const block = new Uint8Array(16_384 * 8).fill(7);
  for (let at = 0; at < rows * 8; at += block.length) crc32c(block);
}

try {
  const directory = path.join(folder, 'd');
  (await writeDataset(directory, histories({ symbols: 1, rows }), { layout: 'mapped', durability: 'process' })).close();
  const times = {
    'view, first': [],
    'view, again': [],
    'blocks, first': [],
    'blocks, again': [],
    'checksum alone': [],
  };
  const time = async (name, action) => times[name].push((await measured(action)).cpuSeconds * 1000);
  for (let round = -3; round < Number(values.repeat); round++) {
    for (const [name, sum] of Object.entries({ view: sumOfView, blocks: sumOfBlocks })) {
      const dataset = await openDataset(directory);
      const table = dataset.table(dataset.symbols[0]);
      await time(`${name}, first`, () => sum(table));
      await time(`${name}, again`, () => sum(table));
      dataset.close();
    }
    await time('checksum alone', checkOnly);
    // The first rounds compile.
    if (round < 0) for (const list of Object.values(times)) list.length = 0;
  }
  for (const [name, list] of Object.entries(times)) {
    const sorted = list.toSorted((a, b) => a - b);
    console.log(
      `${name.padEnd(16)} ${median(list).toFixed(2)} ms CPU (${sorted[0].toFixed(2)}-${sorted.at(-1).toFixed(2)})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
