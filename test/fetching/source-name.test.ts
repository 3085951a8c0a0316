/** The mark that says from which source the candles of a dataset come. */
import { recordDisk, useRecordedDirectory } from '../io/recorded-disk.js';

const disk = recordDisk();
const { markSource } = await import('../../src/fetching/source-name.js');
const { at } = useRecordedDirectory(disk);

test('the mark and its name are synced before the candles that it stands for, and it is written once', () => {
  markSource(at());
  const changes = disk.calls.filter((call) => /^(write|sync|rename) /.test(call));
  expect(changes).toEqual(['sync ~in-dataset', 'rename ~in-dataset in-dataset', 'sync .']);
  disk.start(at());
  markSource(at());
  expect(disk.calls).toEqual(['list .']);
});
