/**
 * A disk that reports an error for the last step of a change, when the new catalogue is there already: nothing that it
 * names may go.
 */
import { startChild } from '../io/child.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();

/**
 * Runs `change` in a process in which the fsync of `directory` fails once its catalogue is of generation 2; gives back
 * the code of the error, and the closes that are there afterwards.
 */
async function failing(directory: string, change: string): Promise<unknown> {
  const child = startChild(
    (dist) => `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { convertToMemoryMapped, openDataset, writeDataset } = await import(${JSON.stringify(dist)} + '/index.js');
      const directory = ${JSON.stringify(directory)};
      const real = fs.fsyncSync;
      const fail = () => {
        fs.fsyncSync = (descriptor) => {
          if (fs.fstatSync(descriptor).ino === fs.statSync(directory).ino) {
            const { generation } = JSON.parse(fs.readFileSync(directory + '/catalogue.json', 'utf8'));
            if (generation > 1) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
          }
          real(descriptor);
        };
        syncBuiltinESMExports();
      };
      const columns = (from, to) => ({
        timestamp: Float64Array.from({ length: to - from }, (_, i) => (from + i) * 60000),
        close: Float64Array.from({ length: to - from }, (_, i) => from + i),
      });
      const closes = async () => {
        const dataset = await openDataset(directory);
        const found = [...dataset.table('S').range(0, 1e15).column('close')];
        dataset.close();
        return found;
      };
      let code;
      ${change}
      console.log(JSON.stringify([code, await closes()]));
    `,
  );
  const line = await child.line();
  expect((await child.ended).stderr).toBe('');
  return JSON.parse(line);
}

test('candles added are there, whole, and the next change works', async () => {
  const change = `
    const dataset = await writeDataset(directory, { symbol: 'S', columns: columns(0, 3) });
    fail();
    await dataset.append('S', columns(3, 5)).catch((error) => { code = error.code; });
    fs.fsyncSync = real;
    syncBuiltinESMExports();
    dataset.refresh();
    await dataset.append('S', columns(5, 6));
    dataset.close();`;
  expect(await failing(workspace.at('append'), change)).toEqual(['IO', [0, 1, 2, 3, 4, 5]]);
});

test('so is a copy that was rebuilt', async () => {
  const source = workspace.file('S.csv', 'timestamp,close\n1704067200000,1\n');
  const change = `
    (await convertToMemoryMapped(${JSON.stringify(source)}, directory)).close();
    fs.writeFileSync(${JSON.stringify(source)}, 'timestamp,close\\n1704067200000,2\\n1704067260000,3\\n');
    fail();
    await convertToMemoryMapped(${JSON.stringify(source)}, directory).catch((error) => { code = error.code; });`;
  expect(await failing(workspace.at('copy'), change)).toEqual(['IO', [2, 3]]);
});
