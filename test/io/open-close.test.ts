/** Opening, viewing and closing in a loop leaves maps, descriptors, leases and heap as they were. */
import { startChild } from './child.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();

test('thousands of rounds do not add maps, descriptors or leases, whether views were taken or not', async () => {
  const child = startChild(
    (dist) => `
      import fs from 'node:fs';
      const atc = await import(${JSON.stringify(dist)} + '/index.js');
      const { createMemoryMappedArray, loadMemoryMappedArray, openDataset, writeDataset } = atc;
      const root = ${JSON.stringify(workspace.directory)};
      const columns = { timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, 2) };
      (await writeDataset(root + '/d', { symbol: 'A', columns }, { layout: 'mapped', durability: 'process' })).close();
      (await createMemoryMappedArray([1, 2, 3], root + '/a.npy')).close();
      const maps = () => fs.readFileSync('/proc/self/maps', 'utf8').split('\\n').length;
      const descriptors = () => fs.readdirSync('/proc/self/fd').length;
      const before = [maps(), descriptors()];
      let most = 0;
      const rounds = {
        array: async () => {
          const array = await loadMemoryMappedArray(root + '/a.npy', { mode: 'c' });
          array.view(0, 2);
          array.close();
        },
        dataset: async () => {
          const dataset = await openDataset(root + '/d');
          dataset.table('A').column('close');
          dataset.close();
        },
        unviewed: async () => {
          const array = await loadMemoryMappedArray(root + '/a.npy', { mode: 'r+' });
          array.flush();
          array.close();
        },
      };
      for (const [name, round] of Object.entries(rounds)) {
        for (let k = 0; k < (name === 'dataset' ? 2500 : 5000); k += 1) {
          await round();
          if (k % 500 === 0) most = Math.max(most, maps());
        }
      }
      const refused = await openDataset(root + '/none').catch((error) => error.code);
      const leases = fs.readdirSync(root + '/d').filter((name) => name.startsWith('lease')).length;
      const grown = most - before[0] < 2500;
      console.log(JSON.stringify({ grown, descriptors: descriptors() - before[1], leases, refused }));
    `,
  );
  expect(JSON.parse(await child.line())).toEqual({ grown: true, descriptors: 0, leases: 0, refused: 'IO' });
  expect((await child.ended).stderr).toBe('');
}, 120_000);

test('datasets that were dropped without close give back their leases and descriptors', async () => {
  const child = startChild(
    (dist) => `
      import fs from 'node:fs';
      const { openDataset, writeDataset } = await import(${JSON.stringify(dist)} + '/index.js');
      const root = ${JSON.stringify(workspace.directory)};
      const columns = { timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, 2) };
      (await writeDataset(root + '/e', { symbol: 'A', columns }, { durability: 'process' })).close();
      const leases = () => fs.readdirSync(root + '/e').filter((name) => name.startsWith('lease')).length;
      const drop = async () => { for (const _ of (await openDataset(root + '/e')).table('A').blocks(['close'])); };
      for (let k = 0; k < 20; k += 1) await drop();
      for (let k = 0; k < 200 && leases() > 0; k += 1) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      console.log(leases());
    `,
    { args: ['--expose-gc'] },
  );
  expect(Number(await child.line())).toBeLessThanOrEqual(1);
  expect((await child.ended).stderr).toBe('');
}, 60_000);
