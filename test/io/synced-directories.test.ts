/**
 * With durability 'power' not only a file is on the disk when it is acknowledged, but its name and the names of new
 * directories above it.
 */
import { startChild } from './child.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();

/**
 * The directories from `deepest` up to the workspace, both included, that no fsync has reached when `write` is done.
 */
async function unsynced(deepest: string, write: string): Promise<unknown> {
  const child = startChild(
    (dist) => `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      import path from 'node:path';
      const root = ${JSON.stringify(workspace.directory)};
      const synced = new Set();
      const real = fs.fsyncSync;
      fs.fsyncSync = (descriptor) => {
        synced.add(fs.fstatSync(descriptor).ino);
        real(descriptor);
      };
      syncBuiltinESMExports();
      const at = (...names) => path.join(root, ...names);
      const atc = await import(${JSON.stringify(dist)} + '/index.js');
      const { convertToMemoryMapped, openCandleStore, writeDataset } = atc;
      const { writeFileAtomic, writeFileAtomicSync } = await import(${JSON.stringify(dist)} + '/io/atomic-file.js');
      const { Generations } = await import(${JSON.stringify(dist)} + '/cache-directory/generations.js');
      ${write}
      const missing = [];
      for (let one = at(${JSON.stringify(deepest)}); one.length >= root.length; one = path.dirname(one)) {
        if (!synced.has(fs.statSync(one).ino)) missing.push(path.relative(root, one));
      }
      console.log(JSON.stringify(missing));
    `,
  );
  const line = await child.line();
  expect((await child.ended).stderr).toBe('');
  return JSON.parse(line);
}

test('a file in new directories', async () => {
  expect(await unsynced('a/b', `writeFileAtomicSync(at('a/b/file'), 'x');`)).toEqual([]);
  expect(await unsynced('c/d', `await writeFileAtomic(at('c/d/file'), 'x');`)).toEqual([]);
  const process = `await writeFileAtomic(at('e/f/file'), 'x', { durability: 'process' });`;
  expect(await unsynced('e/f', process)).toEqual(['e/f', 'e', '']);
});

test('a dataset, a copy and generations in new directories', async () => {
  const columns = '{ timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, 2) }';
  const dataset = `(await writeDataset(at('g/h/dataset'), { symbol: 'S', columns: ${columns} })).close();`;
  expect(await unsynced('g/h/dataset', dataset)).toEqual([]);
  const source = JSON.stringify(workspace.file('S.csv', 'timestamp,close\n1704067200000,1\n'));
  expect(await unsynced('k/l/copy', `(await convertToMemoryMapped(${source}, at('k/l/copy'))).close();`)).toEqual([]);
  const build = `{ build: (directory) => fs.writeFileSync(directory + '/x', '') }`;
  const generations = `(await new Generations(at('i/j')).obtain(${build})).release();`;
  expect(await unsynced('i/j/g1', generations)).toEqual([]);
});

test('the journal of a new series when it is flushed, and only once', async () => {
  const candle = '{ timestamp: 60000, open: 1, high: 1, low: 1, close: 1, volume: 1 }';
  const write = `
    const store = openCandleStore(at('store'), { durability: 'power' });
    const series = store.series({ exchange: 'e', symbol: 'S', interval: '1m' });
    series.write([${candle}]);
    await series.flush();`;
  expect(await unsynced('store/e/S/1m', write)).toEqual([]);
  const again = `${write.replaceAll('store', 'again')}
    synced.clear();
    series.write([{ ...${candle}, timestamp: 120000 }]);
    await series.flush();`.replaceAll('openCandleagain', 'openCandleStore');
  expect(await unsynced('again/e/S/1m', again)).toEqual(['again/e/S/1m', 'again/e/S', 'again/e', 'again', '']);
});
