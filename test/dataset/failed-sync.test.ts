/** A disk that reports an error for the last step of a change, when the new catalogue is there already: nothing that it names may go. */
import fs from 'node:fs';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
const real = fs.fsyncSync;
/** The directory whose fsync fails, and from which generation of its catalogue on. */
let failing: { directory: string; generation: number } | undefined;

// Before the package is loaded, which takes its own reference.
fs.fsyncSync = (descriptor) => {
  const at = failing;
  if (at !== undefined && fs.fstatSync(descriptor).ino === fs.statSync(at.directory).ino) {
    const { generation } = JSON.parse(fs.readFileSync(`${at.directory}/catalogue.json`, 'utf8'));
    if (generation >= at.generation) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
  }
  real(descriptor);
};
const { convertToMemoryMapped, openDataset, writeDataset } = await import('atc-memory');

afterAll(() => {
  fs.fsyncSync = real;
});

const columns = (from: number, to: number) => ({
  timestamp: Float64Array.from({ length: to - from }, (_, i) => (from + i) * 60_000),
  close: Float64Array.from({ length: to - from }, (_, i) => from + i),
});

async function closes(directory: string): Promise<number[]> {
  const dataset = await openDataset(directory);
  try {
    return [...dataset.table('S').range(0, 1e15).column('close')].map(Number);
  } finally {
    dataset.close();
  }
}

async function failsToSync(directory: string, change: () => Promise<unknown>): Promise<void> {
  failing = { directory, generation: 2 };
  await expect(change()).rejects.toMatchObject({ code: 'IO' });
  failing = undefined;
}

test('candles added are there, whole, and the next change works', async () => {
  const directory = workspace.at('append');
  const dataset = await writeDataset(directory, { symbol: 'S', columns: columns(0, 3) });
  await failsToSync(directory, () => dataset.append('S', columns(3, 5)));
  expect(await closes(directory)).toEqual([0, 1, 2, 3, 4]);
  dataset.refresh();
  await dataset.append('S', columns(5, 6));
  dataset.close();
  expect(await closes(directory)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('so is a copy that was made again', async () => {
  const directory = workspace.at('copy');
  const source = workspace.file('S.csv', 'timestamp,close\n60000,1\n');
  (await convertToMemoryMapped(source, directory)).close();
  workspace.file('S.csv', 'timestamp,close\n60000,2\n120000,3\n');
  await failsToSync(directory, () => convertToMemoryMapped(source, directory));
  expect(await closes(directory)).toEqual([2, 3]);
});
