/** Real market data: CSV into a dataset, out in a format, in again, out as CSV: byte for byte the file it was. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import { useWorkspace } from '../../io/workspace.js';
import { sharedFiles, testEachShared } from '../../shared-data.js';

const space = useWorkspace();
const files = sharedFiles('data', '.csv.gz').filter((file) => !file.includes('tick'));

testEachShared(files, 'survives every format', async (file: string) => {
  const original = gunzipSync(readFileSync(file));
  const source = space.file(path.basename(file, '.gz'), original);
  const symbol = path.basename(source, '.csv');
  const dataset = await writeDataset(space.at(`${symbol}-0`), source);
  const isLong = original.length > 1 << 22;
  // A long file goes the two ways that are most used.
  const endings = isLong ? ['parquet', 'arrow'] : ['csv', 'ndjson', 'parquet', 'arrow', 'feather', 'npy', 'json'];
  for (const [k, ending] of endings.entries()) {
    // ccxt's rows need a volume.
    if (ending === 'json' && !dataset.table(symbol).columns.includes('volume')) continue;
    const file = space.at(`${k}`, `${symbol}.${ending}`);
    const format = ending === 'json' ? 'ccxt' : undefined;
    await exportDataset(dataset, file, { format, layout: 'file' });
    const again = await writeDataset(space.at(`${symbol}-${k}-again`), file, { as: format });
    const back = space.at(`${symbol}-${k}.csv`);
    await exportDataset(again, back);
    expect({ ending, same: readFileSync(back).equals(original) }).toEqual({ ending, same: true });
    again.close();
  }
  dataset.close();
});
