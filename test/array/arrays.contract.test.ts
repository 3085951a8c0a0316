/** The public face of arrays, the same over the sources and both published builds. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createMemoryMappedArray,
  getMemoryMappedInfo,
  isAtcError,
  loadMemoryMappedArray,
  MemoryMappedArray,
} from 'atc-memory';

const file = path.join(tmpdir(), `atc-contract-${process.pid}.npy`);
afterAll(() => rmSync(file, { force: true }));

it('creates, describes, loads, changes and appends', async () => {
  const created = await createMemoryMappedArray([1, 2, 3, 4, 5, 6], file, { shape: [3, 2] });
  expect(created).toBeInstanceOf(MemoryMappedArray);
  if (created.backend === 'read') console.warn('no mapping module can be loaded here: the contract runs over read');
  created.close();
  const { offset, byteLength } = await getMemoryMappedInfo(file);
  expect([offset % 64, byteLength]).toEqual([0, 48]);
  const array = await loadMemoryMappedArray(file, { mode: 'r+' });
  array.set([2, 1], 60);
  await array.append([7, 8]);
  array.flush();
  expect([...array.slice()]).toEqual([1, 2, 3, 4, 5, 60, 7, 8]);
  expect(array.shape).toEqual([4, 2]);
  array.close();
  for (const backend of ['mmap-io', 'koffi', 'read'] as const) {
    try {
      const again = await loadMemoryMappedArray(file, { backend });
      expect([...again.view()]).toEqual([1, 2, 3, 4, 5, 60, 7, 8]);
      expect(again.backend).toBe(backend);
      again.close();
    } catch (error) {
      if (!isAtcError(error, 'UNSUPPORTED')) throw error;
      console.warn(`backend ${backend} is not tested here: ${error.message}`);
    }
  }
  await expect(loadMemoryMappedArray(`${file}.missing`)).rejects.toMatchObject({ code: 'IO', path: `${file}.missing` });
});
